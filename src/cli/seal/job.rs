//! All inputs side by side; then, where nothing was refused, all files at once.

use std::io::ErrorKind;
use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use super::destination::{Destination, usage};
use super::finish::Finish;
use super::input::Input;
use super::unit::{Made, Unit};
use super::{Allowed, Seal};
use crate::cli::files::side_by_side;
use crate::cli::sealing::head::Heads;
use crate::cli::sealing::memory::Memory;
use crate::cli::sealing::recipient::{Sealing, Target};
use crate::cli::sealing::single;
use crate::error::{Error, Exit};
use crate::file::{self, Audience, Staged};
use crate::plain::Plain;
use crate::report::{Event, Outcome};
use crate::seal::{Allow, Manifest};

/// What is to be done, and what it takes.
pub(super) struct Job<'c> {
    pub(super) typed: Seal,
    pub(super) sealing: Sealing<'c>,
    pub(super) targets: Vec<Target>,
    pub(super) destination: Destination,
    pub(super) memory: Memory,
    pub(super) heads: Heads,
}

/// What was made of one input.
#[derive(Default)]
pub(super) struct Done {
    pub(super) staged: Vec<Staged>,
    pub(super) written: Vec<Written>,
    pub(super) doubts: Vec<String>,
    /// What goes to standard output.
    pub(super) text: Option<String>,
}

/// A file that is to be written, or holds already what it should.
pub(super) struct Written {
    pub(super) event: Event,
    pub(super) file: std::path::PathBuf,
    pub(super) digest: [u8; 32],
}

impl Job<'_> {
    pub(super) fn perform(&self, inputs: &[Input]) -> Result<Exit, Error> {
        let mut finish = Finish::new(self);
        self.sealing.caller.printer.busy();
        let mut done = 0;
        side_by_side(
            inputs,
            |input| self.one(input),
            |input, made| {
                done += 1;
                self.sealing.caller.printer.counted(done, inputs.len());
                finish.take(input, made);
                ControlFlow::Continue(())
            },
        );
        self.sealing.caller.printer.idle();
        finish.end()
    }

    /// Seals one input, and lays what comes out beside its place.
    fn one(&self, input: &Input) -> Result<Done, Vec<Error>> {
        let bytes = input.read().map_err(|error| vec![error])?;
        if !input.named && Manifest::is_clear_of_secrets(&bytes) {
            return Ok(Done::default());
        }
        let mut manifest = match Manifest::read(input.shown(), &bytes) {
            Ok(manifest) => manifest,
            // A template that says nothing of Secrets is nobody's loss.
            Err(_) if !input.named && !Manifest::may_hold_secrets(&bytes) => return Ok(Done::default()),
            Err(error) => return Err(single(error)),
        };
        if manifest.secrets.is_empty() {
            return if input.named { Err(vec![nothing(input, &manifest)]) } else { Ok(Done::default()) };
        }
        let doubts = self.prepare(&mut manifest)?;
        let mut done = self.sealed(input, &manifest, &digest(&bytes))?;
        done.doubts = doubts;
        Ok(done)
    }

    /// Gives Secrets the name and namespace that are typed, and refuses those that nobody could use.
    fn prepare(&self, manifest: &mut Manifest) -> Result<Vec<String>, Vec<Error>> {
        let allow = Allow { double_base64: self.typed.allow.contains(&Allowed::DoubleBase64) };
        let (mut errors, mut doubts) = (Vec::new(), Vec::new());
        let several = manifest.secrets.len() > 1;
        for found in &mut manifest.secrets {
            if let Some(name) = &self.typed.name {
                if several {
                    let complaint = format!("{}: several Secrets would be named `{name}`", found.place);
                    errors.push(usage(&complaint, "seal them one by one"));
                }
                found.secret.name.clone_from(name);
            }
            match &self.typed.namespace {
                Some(typed) if found.secret.namespace.is_empty() => found.secret.namespace.clone_from(typed),
                Some(typed) if *typed != found.secret.namespace => {
                    let complaint = format!(
                        "{}: this Secret is in namespace `{}`, not in `{typed}`",
                        found.place, found.secret.namespace
                    );
                    errors
                        .push(usage(&complaint, "leave `--namespace` out, or correct `metadata.namespace`"));
                }
                _ => {}
            }
            if let Err(error) = found.secret.check(self.scope(&found.secret), allow, &found.place) {
                errors.extend(single(error));
            }
            doubts.extend(found.secret.doubts().into_iter().map(|doubt| format!("{}: {doubt}", found.place)));
        }
        if errors.is_empty() { Ok(doubts) } else { Err(errors) }
    }

    fn sealed(&self, input: &Input, manifest: &Manifest, plain: &[u8; 32]) -> Result<Done, Vec<Error>> {
        let splits = self.destination.splits();
        if splits && !manifest.others.is_empty() {
            let complaint =
                format!("{} holds more than Secrets, which has no place", input.shown().display());
            return Err(vec![usage(&complaint, "write {file} instead of {name} and {namespace}")]);
        }
        let parts: Vec<Option<usize>> =
            if splits { (0..manifest.secrets.len()).map(Some).collect() } else { vec![None] };
        let (mut done, mut errors) = (Done::default(), Vec::new());
        for target in &self.targets {
            for only in &parts {
                let unit = Unit { job: self, input, manifest, target, only: *only };
                let made = unit.make(plain).and_then(|made| self.lay(input, target, made, &mut done));
                errors.extend(made.err().into_iter().flatten());
            }
        }
        if errors.is_empty() { Ok(done) } else { Err(errors) }
    }

    /// Lays a text beside its place, unless nothing is to be written.
    fn lay(&self, input: &Input, target: &Target, made: Made, done: &mut Done) -> Result<(), Vec<Error>> {
        let Made { file, text, expected, held, sealed, kept } = made;
        let Some(file) = file else {
            done.text = Some(text);
            return Ok(());
        };
        let outcome = match (held, self.typed.writes()) {
            (true, _) => Outcome::Held,
            (false, true) => Outcome::Changed,
            (false, false) => Outcome::Differs,
        };
        if outcome == Outcome::Changed {
            let stage = || file::stage(&file, text.as_bytes(), Audience::Anybody, expected);
            let staged = stage().or_else(|error| match file.parent() {
                Some(folder) if error.kind() == ErrorKind::NotFound => {
                    std::fs::create_dir_all(folder)?;
                    stage()
                }
                _ => Err(error),
            });
            let staged = staged.map_err(Error::system(format!("write {}", file.display())));
            done.staged.push(staged.map_err(|error| vec![error])?);
        }
        let event = Event::Sealed {
            from: input.shown().display().to_string(),
            file: file.display().to_string(),
            cluster: target.cluster.clone(),
            outcome,
            sealed,
            kept,
        };
        done.written.push(Written { event, file, digest: Sha256::digest(&text).into() });
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "sink: a digest, to see whether somebody else changes the file"
)]
fn digest(bytes: &Plain) -> [u8; 32] {
    Sha256::digest(bytes.expose()).into()
}

fn nothing(input: &Input, manifest: &Manifest) -> Error {
    let is_sealed = |kind: &str| kind == "SealedSecret";
    let kinds: Vec<&str> =
        manifest.others.iter().filter_map(|other| other.value.get("kind")?.as_str()).collect();
    let hint = if kinds.iter().any(|kind| is_sealed(kind)) {
        "it is sealed already: `sealstrap set` changes one value, `sealstrap reseal` seals anew".into()
    } else if kinds.is_empty() {
        "a Secret begins with `apiVersion: v1` and `kind: Secret`".into()
    } else {
        format!("it holds {}", kinds.join(", "))
    };
    let complaint = format!("{} holds no Secret with values", input.shown().display());
    Error::Usage { complaint, hint }
}
