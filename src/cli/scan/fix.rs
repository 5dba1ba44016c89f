//! `sealstrap scan --fix`: what was found is sealed where it stands, or moved to Vault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use rand_core::OsRng;
use zeroize::Zeroizing;

use super::desk::Desk;
use super::haul::{Haul, Place};
use crate::cli::caller::Caller;
use crate::cli::external::layout::LayoutFlags;
use crate::cli::external::pushing::{self, Manner};
use crate::cli::sealing::recipient::{Recipients, Sealing};
use crate::cli::sealing::scope_of;
use crate::cli::sops;
use crate::error::Error;
use crate::external;
use crate::mend::{self, Keep, Means, Mended, TakenOut, Wound};
use crate::report::Event;
use crate::scan::{self, Finding, Generators, Policy};

/// How what is found is mended.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_field_names, clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(next_help_heading = "Mending")]
pub(super) struct Fix {
    /// Seal what is found where it stands: Secrets become SealedSecrets, and so do ConfigMaps and what generators make,
    /// with all that uses them; variables and arguments of containers, values of a HelmRelease and what Flux substitutes
    /// are taken from one in a file beside. Comments and all else stay. What is not sure is left, and told with the
    /// reason. With --staged, what was staged is staged again
    #[arg(long, conflicts_with_all = ["history", "since", "stdin_refs", "format", "write_baseline"])]
    pub(super) fix: bool,
    /// Show what --fix would change, without the secrets, and write nothing
    #[arg(long, requires = "fix")]
    plan: bool,
    /// Have Git forget files in which a secret was found and that a program reads on the machine of its user: `.env`,
    /// keys, kubeconfigs. They stay on the disk and are put into `.gitignore`; others lose them with their next pull
    #[arg(long, requires = "fix")]
    untrack: bool,
    /// Take out what cannot be mended: its value is kept like the others, and `sealstrap://NAMESPACE/NAME#KEY` stands in its
    /// place. What reads it there does not work any more until it is told to read that Secret
    #[arg(long, requires = "fix")]
    take_out: bool,
    /// Do not ask before --fix writes; off a terminal nothing is asked anyway
    #[arg(long, short, requires = "fix")]
    yes: bool,
    /// Where the values are kept from then on: sealed in their files, or in Vault, with ExternalSecrets in their places. They
    /// are in Vault before a file is written, at the paths and through the store that the settings say
    #[arg(long, value_enum, value_name = "PLACE", default_value_t = Keeper::Sealed, requires = "fix")]
    to: Keeper,
    /// The namespace of objects to which neither they themselves nor a kustomization give one
    #[arg(long, short, value_name = "NAME", requires = "fix")]
    namespace: Option<String>,
    #[command(flatten)]
    recipients: Recipients,
}

/// Where values are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Keeper {
    #[default]
    Sealed,
    Vault,
}

/// A file that is to be mended.
struct Patient {
    /// Its path from the top of the repository on.
    path: PathBuf,
    text: Zeroizing<String>,
    findings: Vec<Finding>,
}

impl Fix {
    /// Mends what can be mended, and takes it out of what was found; of the rest it says why not.
    pub(super) fn perform(
        &self,
        caller: &Caller,
        policy: &Policy,
        haul: &mut Haul,
        desk: &Desk,
    ) -> Result<(), Error> {
        let places = haul.places(desk.top());
        let patients = patients(policy, &places, haul, desk);
        if patients.is_empty() {
            return Ok(());
        }
        let (mut mended, mount) = self.mend(caller, policy, &patients, desk)?;
        haul.explain(desk.top(), &reasons(&patients, &mended));
        if !self.take_out && mended.refused.iter().any(|refusal| !refusal.awaits_flag) {
            caller.printer.talk("what is not mended can be taken out of its files and kept: `--take-out`");
        }
        if mended.files.is_empty() && mended.untracked.is_empty() {
            return Ok(());
        }
        desk.check(&mended)?;
        let asks = !self.yes && caller.printer.can_ask();
        if self.plan || asks {
            show(caller, &mended);
        }
        if self.plan || asks && !caller.printer.ask(&question(&mended)) {
            return Ok(());
        }
        // A file refers to what is there already.
        if !mended.pushes.is_empty() {
            let pushes = external::joined(std::mem::take(&mut mended.pushes));
            pushing::perform(caller, &mount, pushes, &Manner::default())?;
        }
        desk.write(caller, &mended)?;
        say_what_to_do(caller, &patients, &mended);
        let gone = mended.mended.iter().map(|which| {
            let patient = &patients[which.wound];
            Place::of(&patient.path, &patient.findings[which.finding])
        });
        haul.mend(desk.top(), &gone.collect());
        Ok(())
    }

    /// What comes of it, and the mount for what has to lie in Vault.
    fn mend(
        &self,
        caller: &Caller,
        policy: &Policy,
        patients: &[Patient],
        desk: &Desk,
    ) -> Result<(Mended, String), Error> {
        let wounds: Vec<Wound> =
            patients.iter().map(|Patient { path, text, findings }| Wound { path, text, findings }).collect();
        let mend = |keep: Keep| {
            let mut means = Means {
                keep,
                namespace: self.namespace.as_deref(),
                policy,
                root: desk.top(),
                read: &|path| desk.read(path),
                files: &|| desk.files(),
                untrack: self.untrack,
                take_out: self.take_out,
                sops: &sops::Program,
                rng: &mut OsRng,
            };
            mend::mend(&wounds, &mut means)
        };
        // SOPS encrypts where it stands, so that nobody has to say whom to seal for.
        let is_of_sops = |finding: &Finding| finding.rule == "sops-unencrypted" || !finding.verdict.is_leak();
        if !self.take_out && patients.iter().flat_map(|patient| &patient.findings).all(is_of_sops) {
            return Ok((mend(Keep::Nowhere), String::new()));
        }
        if self.to == Keeper::Vault {
            let look = LayoutFlags::default().over(&caller.external()?)?;
            return Ok((look.with(|layout| mend(Keep::Vault(layout))), look.mount));
        }
        let sealing = Sealing::of(caller)?;
        let target = sealing.target_of(&self.recipients)?;
        let scope = scope_of(sealing.settings.sealing.scope);
        Ok((mend(Keep::Sealed { recipient: &target.certificate.recipient, scope }), String::new()))
    }
}

/// Shows what would change.
fn show(caller: &Caller, mended: &Mended) {
    for changed in &mended.files {
        let (file, diff) = (changed.path.display().to_string(), mend::diff(changed));
        caller.printer.event(&Event::Mend { file, diff });
    }
    for path in &mended.untracked {
        let file = path.display().to_string();
        let diff = format!("--- a/{file}\n+++ /dev/null\n\\ Git forgets it, and it stays on the disk\n");
        caller.printer.event(&Event::Mend { file, diff });
    }
}

fn question(mended: &Mended) -> String {
    let (all, untracked) = (mended.files.len(), mended.untracked.len());
    let gone = mended.files.iter().filter(|changed| changed.after.is_none()).count();
    let mut parts = vec![format!("Write {} files", all - gone)];
    parts.extend((gone > 0).then(|| format!("remove {gone}")));
    parts.extend((untracked > 0).then(|| format!("have Git forget {untracked}")));
    format!("{}?", parts.join(", "))
}

/// Says what is left to people: secrets of forgotten files to be changed, references to be followed.
fn say_what_to_do(caller: &Caller, patients: &[Patient], mended: &Mended) {
    for path in &mended.untracked {
        let change = Some(in_file(path, patients));
        caller.printer.event(&Event::Gone { file: path.display().to_string(), change });
    }
    for message in taken_out(patients, mended) {
        caller.warn(&message);
    }
}

/// What was found in a file, by its names.
fn in_file(path: &Path, patients: &[Patient]) -> Vec<String> {
    let name = |finding: &Finding| {
        let known = Some(finding.way.clone()).filter(|way| !way.is_empty());
        known.or_else(|| finding.what.clone()).unwrap_or_else(|| finding.rule.to_string())
    };
    let of_it = patients.iter().filter(|patient| patient.path == path);
    of_it.flat_map(|patient| patient.findings.iter().map(name)).collect()
}

/// The files in which something was found, with their texts and what of it is still told.
fn patients(policy: &Policy, places: &BTreeSet<Place>, haul: &Haul, desk: &Desk) -> Vec<Patient> {
    let paths: BTreeSet<&Path> = places.iter().map(|place| place.path.as_path()).collect();
    let mut generators = Generators::new(desk.top().to_owned());
    let patient = |path: &Path| {
        let text = Zeroizing::new(desk.read(path)?);
        let whole = desk.top().join(path);
        let (shown, bytes) = (whole.to_string_lossy(), text.as_bytes());
        // By itself a file of which a Secret is made does not look like one; what makes it may have been looked at, or not.
        let source = haul.source(desk.top(), path).or_else(|| generators.source(path));
        let scanned = match source {
            Some(source) => scan::scan_source(policy, &shown, bytes, &source),
            None => scan::scan(policy, &shown, bytes),
        };
        let mut findings = scanned.findings;
        findings.retain(|finding| places.contains(&Place::of(path, finding)));
        Some(Patient { path: path.to_owned(), text, findings })
    };
    paths.into_iter().filter_map(patient).filter(|patient| !patient.findings.is_empty()).collect()
}

/// Where references stand now in the places of values, and what to do.
fn taken_out(patients: &[Patient], mended: &Mended) -> BTreeSet<String> {
    let message = |taken: &TakenOut| {
        let patient = &patients[taken.which.wound];
        let (path, TakenOut { reference, file, .. }) = (&patient.path, taken);
        let (shown, file) = (path.display(), file.display());
        let after = mended.files.iter().find(|changed| changed.path == *path);
        let after = after.and_then(|changed| changed.after.as_deref()).unwrap_or_default();
        let forms = [reference.clone(), STANDARD.encode(reference)];
        let holds = |line: &str| forms.iter().any(|form| line.contains(form));
        let lines = (1..).zip(after.lines()).filter(|(_, line)| holds(line));
        let lines: Vec<String> = lines.map(|(number, _): (usize, _)| number.to_string()).collect();
        if lines.is_empty() {
            let way = &patient.findings[taken.which.finding].way;
            return format!("{shown} has no `{way}` any more: `{reference}` in {file} keeps its value");
        }
        let lines = lines.join(",");
        format!(
            "{shown}:{lines} says `{reference}` now: have what reads it take the value from that Secret, in {file}"
        )
    };
    mended.taken_out.iter().map(message).collect()
}

/// Why what is not mended is not, and what to do.
fn reasons(patients: &[Patient], mended: &Mended) -> BTreeMap<Place, String> {
    let reason = |refusal: &mend::Refusal| {
        let patient = &patients[refusal.which.wound];
        let place = Place::of(&patient.path, &patient.findings[refusal.which.finding]);
        (place, format!("{}; it is not mended, since {}", refusal.hint, refusal.reason))
    };
    mended.refused.iter().map(reason).collect()
}
