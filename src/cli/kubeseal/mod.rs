//! `kubeseal`: the same binary under that name, or `sealstrap kubeseal …`. Flags, environment, precedence, exit codes,
//! forms and texts are kubeseal's; `docs/kubeseal.md` lists where it is better to differ.

mod certificate;
mod deadline;
mod failure;
mod flags;
mod input;
mod online;
mod recover;
mod sealing;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser};

use super::caller::{Caller, in_runtime};
use crate::error::{Error, Exit};
use crate::file::{self, Audience};
use crate::remote::cluster::{Access, Cluster, is_configured};
use crate::seal::Form;
use failure::Failure;
use flags::Flags;

/// The kubeseal that this behaves as. Scripts ask for it to know which flags they may use.
const BEHAVES_AS: &str = "v0.36.0";

/// Behave as kubeseal does, flag by flag
#[derive(Debug, Args)]
#[command(
    disable_help_flag = true,
    after_help = "\
The binary does so without this word where it is called kubeseal:
  ln -s $(command -v sealstrap) /usr/local/bin/kubeseal

Examples:
  sealstrap kubeseal --help
  sealstrap kubeseal --cert pub-cert.pem -o yaml < secret.yaml > sealed.yaml"
)]
pub(super) struct Kubeseal {
    /// What kubeseal takes; `--help` lists it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "FLAGS")]
    pub(super) words: Vec<OsString>,
}

/// The words after `kubeseal`, where the command line is one of its: by the name of the program, or as first word.
pub(super) fn words_of(line: &[OsString]) -> Option<Vec<OsString>> {
    let name = line.first().and_then(|first| Path::new(first).file_name())?;
    if name == OsStr::new("kubeseal") || name == OsStr::new("kubeseal.exe") {
        return Some(line[1..].to_vec());
    }
    line.get(1).filter(|verb| *verb == OsStr::new("kubeseal")).map(|_| line[2..].to_vec())
}

impl Kubeseal {
    #[expect(clippy::unnecessary_wraps, reason = "as all verbs")]
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let words = std::iter::once(OsString::from("kubeseal")).chain(self.words);
        let flags = match Flags::try_parse_from(words) {
            Ok(flags) => flags.over_environment(),
            Err(error) => {
                caller.printer.warn(&usage(&error));
                return Ok(Exit::CouldNot);
            }
        };
        Ok(match (Job { flags, caller }).perform() {
            Ok(()) => Exit::Done,
            Err(failure) => {
                caller.printer.warn(&failure.lines());
                Exit::No
            }
        })
    }
}

/// A mistake in what was typed, in pflag's words.
fn usage(error: &clap::Error) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (flag, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
    // clap names a flag with its value: `--scope <SCOPE>`.
    let bare = flag.split([' ', '[', '=']).next().unwrap_or_default();
    let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::UnknownArgument if flag.starts_with("--") => format!("unknown flag: {bare}"),
        ErrorKind::UnknownArgument => {
            format!("unknown shorthand flag: '{}' in {flag}", flag.chars().nth(1).unwrap_or_default())
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("flag needs an argument: {bare}"),
        ErrorKind::ValueValidation => format!("invalid argument {value:?} for \"{bare}\" flag: {source}"),
        _ => error.kind().to_string(),
    };
    format!("{what}\nhint: kubeseal --help lists all flags")
}

/// What is to be done.
struct Job<'c> {
    flags: Flags,
    caller: &'c Caller,
}

impl Job<'_> {
    /// The modes in kubeseal's order: the first that is asked for is it.
    fn perform(&self) -> Result<(), Failure> {
        let flags = &self.flags;
        let is = |flag: Option<bool>| flag == Some(true);
        if is(flags.version) {
            self.caller.printer.data(&format!("kubeseal version: {BEHAVES_AS}\n"));
            return Ok(());
        }
        if is(flags.help) {
            let help = Flags::command().render_long_help();
            self.caller.printer.data(&format!("Usage of kubeseal:\n{help}"));
            return Ok(());
        }
        self.warn();
        if !flags.from_file.is_empty() && !is(flags.raw) {
            return Err(Failure::new("--from-file requires --raw"));
        }
        let input = self.open_input()?;
        if is(flags.recovery_unseal) {
            return self.recover(input);
        }
        if is(flags.validate) {
            return self.validate(input);
        }
        if is(flags.re_encrypt) || is(flags.rotate) {
            return self.re_encrypt(input);
        }
        let pem = self.certificate()?;
        if is(flags.fetch_cert) {
            return self.put_out(&pem, Audience::Anybody);
        }
        let certificate = self.checked(&pem)?;
        match &flags.merge_into {
            Some(file) if !file.as_os_str().is_empty() => {
                self.merge_into(file, input, &certificate.recipient)
            }
            _ if is(flags.raw) => self.seal_raw(&certificate.recipient),
            _ => self.seal(input, &certificate.recipient),
        }
    }

    fn warn(&self) {
        let warn = |text: &str| self.caller.printer.warn(&format!("warning: {text}"));
        // Which word it is stays unsaid: it may be a value that somebody thought to belong there.
        match self.flags.words.len() {
            0 => {}
            1 => warn("a word that is no flag is ignored: an input file is named with --secret-file"),
            many => warn(&format!(
                "{many} words that are no flags are ignored: an input file is named with --secret-file"
            )),
        }
        if self.flags.rotate.is_some() {
            warn("--rotate is deprecated, write --re-encrypt");
        }
        if !self.flags.recovery_private_key.is_empty() && self.flags.recovery_unseal != Some(true) {
            warn("--recovery-private-key is ignored without --recovery-unseal");
        }
    }

    /// The file to write, where it is not standard output. Sealing anew goes back to where it was read.
    fn output_file(&self) -> Option<PathBuf> {
        let named = |file: &Option<PathBuf>| file.clone().filter(|file| !file.as_os_str().is_empty());
        let in_place = self.flags.re_encrypt == Some(true) || self.flags.rotate == Some(true);
        let output = named(&self.flags.sealed_secret_file);
        output.or_else(|| named(&self.flags.secret_file).filter(|_| in_place))
    }

    /// The form to write: YAML by the file's ending, else as asked for.
    fn form(&self) -> Result<Form, Failure> {
        let by_ending = self
            .output_file()
            .is_some_and(|file| file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml"));
        if by_ending {
            return Ok(Form::Yaml);
        }
        let asked = self.flags.format.as_deref().unwrap_or("json");
        asked.parse().map_err(|()| Failure::new(format!("unsupported output format: {asked}")))
    }

    /// Writes what was asked for, whole, to the file or to standard output.
    fn put_out(&self, bytes: &[u8], audience: Audience) -> Result<(), Failure> {
        let Some(file) = self.output_file() else {
            self.caller.printer.bytes(bytes);
            return Ok(());
        };
        file::write(&file, bytes, audience).map_err(|error| Failure::of_system("open", &file, &error))
    }

    /// What is said of the cluster, to look things up in the kubeconfig; nobody is asked within a deadline.
    fn access(&self) -> Access {
        let named = |text: &Option<PathBuf>| text.clone().filter(|path| !path.as_os_str().is_empty());
        let cluster = &self.flags.cluster;
        Access {
            kubeconfig: named(&self.flags.kubeconfig),
            context: cluster.context.clone().filter(|name| !name.is_empty()),
            timeout: Duration::ZERO,
            overrides: cluster.overrides(),
        }
    }

    /// Speaks to the cluster.
    fn online<T, W: Future<Output = Result<T, Failure>>>(
        &self,
        work: impl FnOnce(Cluster) -> W,
    ) -> Result<T, Failure> {
        let access = Access { timeout: self.deadline()?, ..self.access() };
        check_kubeconfig(&access)?;
        if !is_configured(&access) {
            return Err(Failure::no_configuration());
        }
        let work = async { Ok(async { work(Cluster::connect(&access).await?).await }.await) };
        in_runtime(work).map_err(|error| Failure::new(error.to_string()))?
    }
}

/// Refuses a kubeconfig that is named and not there.
fn check_kubeconfig(access: &Access) -> Result<(), Failure> {
    let Some(file) = &access.kubeconfig else { return Ok(()) };
    std::fs::metadata(file).map(drop).map_err(|error| Failure::of_system("stat", file, &error))
}
