//! Running installed programs: without a shell, with a deadline, and without letting their words give values away.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use tokio::process::Command;
use zeroize::Zeroizing;

use super::{Error, World};
use crate::plain::Plain;

/// A program that some kinds of steps run: what is wanted of it, and where it is to be had.
struct Known {
    name: &'static str,
    wanted: (u32, u32),
    version: &'static [&'static str],
    home: &'static str,
}

const KNOWN: [Known; 4] = [
    Known {
        name: "helm",
        wanted: (3, 14),
        version: &["version", "--template", "{{.Version}}"],
        home: "https://helm.sh/docs/intro/install",
    },
    Known {
        name: "helmfile",
        wanted: (1, 0),
        version: &["version", "--output", "short"],
        home: "https://helmfile.readthedocs.io",
    },
    Known {
        name: "kustomize",
        wanted: (5, 0),
        version: &["version"],
        home: "https://kubectl.docs.kubernetes.io/installation/kustomize",
    },
    Known {
        name: "kubectl",
        wanted: (1, 27),
        version: &["version", "--client", "--output=json"],
        home: "https://kubernetes.io/docs/tasks/tools",
    },
];

/// The reason of a program that is not installed.
pub(crate) const NOT_INSTALLED: &str = "it is not installed";

/// How many of the last lines of a failed program are shown.
const LINES: usize = 8;

/// A program about to be run.
pub(crate) struct Program {
    /// Its name or path.
    pub(crate) name: String,
    /// Its arguments; never values of secrets.
    pub(crate) arguments: Vec<String>,
    /// Environment variables beside the inherited ones.
    pub(crate) env: Vec<(String, Plain)>,
    /// The folder to run in.
    pub(crate) folder: PathBuf,
    /// Its deadline.
    pub(crate) deadline: Duration,
    /// Whether it is let to its end when the run is to stop, because it writes.
    pub(crate) finishes: bool,
}

/// What a program left.
pub(crate) struct Ended {
    /// The exit status; nothing where a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it wrote to standard output.
    pub(crate) stdout: Zeroizing<Vec<u8>>,
    /// Its last lines on standard error, or on standard output where there are none, masked.
    pub(crate) last_lines: String,
}

impl Program {
    /// A program in the folder of the settings, with the deadline for waits.
    pub(crate) fn new(name: &str, arguments: Vec<String>, world: &World) -> Self {
        Self {
            name: name.to_owned(),
            arguments,
            env: Vec::new(),
            folder: world.settings.root.clone(),
            deadline: world.settings.timeouts.wait.get(),
            finishes: false,
        }
    }

    /// Runs it to its end, whatever its exit status.
    ///
    /// # Errors
    /// It is not installed, the deadline passed, or the run is to stop.
    pub(crate) async fn run(&self, world: &World) -> Result<Ended, Error> {
        let output = self.command().output();
        let never = std::future::pending::<()>();
        let stopped = async { if self.finishes { never.await } else { world.stop.cancelled().await } };
        let output = tokio::select! {
            output = tokio::time::timeout(self.deadline, output) => output,
            () = stopped => {
                return Err(Error::Stopped { why: format!("while `{}` ran", self.name), done: 0, next: None });
            }
        };
        let output = output.map_err(|_| self.too_slow())?.map_err(|error| missing(&self.name, &error))?;
        let (stdout, stderr) = (Zeroizing::new(output.stdout), Zeroizing::new(output.stderr));
        let words = if stderr.trim_ascii().is_empty() { &stdout } else { &stderr };
        Ok(Ended { code: output.status.code(), last_lines: last_lines(&self.masked(words)), stdout })
    }

    /// Runs it and gives its standard output.
    ///
    /// # Errors
    /// As [`Program::run`]; further an exit status other than 0, with its last lines.
    pub(crate) async fn output(&self, world: &World) -> Result<Zeroizing<Vec<u8>>, Error> {
        let ended = self.run(world).await?;
        if ended.code == Some(0) { Ok(ended.stdout) } else { Err(self.failed(&ended)) }
    }

    /// The error of a program that ended with another status than 0.
    pub(crate) fn failed(&self, ended: &Ended) -> Error {
        let status = match ended.code {
            Some(code) => format!("it ended with status {code}"),
            None => "a signal ended it".to_owned(),
        };
        let words =
            if ended.last_lines.is_empty() { String::new() } else { format!(":\n{}", ended.last_lines) };
        Error::Program { program: self.name.clone(), reason: format!("{status}{words}"), hint: None }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "sink: the environment of a program whose task names these values for it"
    )]
    fn command(&self) -> Command {
        use std::os::unix::ffi::OsStrExt;
        let mut command = Command::new(&self.name);
        command.args(&self.arguments).current_dir(&self.folder).stdin(Stdio::null()).kill_on_drop(true);
        for (name, value) in &self.env {
            command.env(name, std::ffi::OsStr::from_bytes(value.expose()));
        }
        command
    }

    fn too_slow(&self) -> Error {
        Error::Program {
            program: self.name.clone(),
            reason: format!("it did not end within {} s and was stopped", self.deadline.as_secs()),
            hint: Some("give the step a longer `timeout`".into()),
        }
    }

    /// The text with each value of the environment, and its base64, replaced.
    #[expect(
        clippy::disallowed_methods,
        reason = "sink: the masker, which takes values out of what a program said"
    )]
    fn masked(&self, words: &[u8]) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::from_utf8_lossy(words).into_owned());
        for (_, value) in &self.env {
            for form in forms(value.expose()) {
                text = Zeroizing::new(text.replace(form.as_str(), "…"));
            }
        }
        text
    }
}

/// The ways in which a value may show: itself, its lines, its base64 in all four alphabets.
fn forms(value: &[u8]) -> Vec<Zeroizing<String>> {
    let value = value.trim_ascii();
    if value.is_empty() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(value);
    let lines = text.lines().map(str::trim).filter(|line| line.len() >= 8).map(ToOwned::to_owned);
    let with_end = [value, b"\n"].concat();
    let coded = [value, &with_end].into_iter().flat_map(|bytes| {
        [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].map(|alphabet| alphabet.encode(bytes))
    });
    let whole = text.clone().into_owned();
    std::iter::once(whole).chain(coded).chain(lines).map(Zeroizing::new).collect()
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

/// The error of a program that cannot be started.
fn missing(name: &str, error: &std::io::Error) -> Error {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => NOT_INSTALLED.to_owned(),
        _ => error.to_string(),
    };
    Error::Program { program: name.to_owned(), reason, hint: known(name).map(wanted) }
}

fn known(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

fn wanted(known: &Known) -> String {
    let (major, minor) = known.wanted;
    let Known { name, home, .. } = known;
    format!("install {name} {major}.{minor} or later ({home}), or name another way in `flux.install`")
}

/// Checks that a program is installed and new enough. `kubectl` will do where `kustomize` is not installed.
///
/// # Errors
/// It is missing, or too old; the hint says which version is wanted and where it is to be had.
pub(super) async fn check(name: &str, world: &World) -> Result<(), Error> {
    let found = check_one(name, world).await;
    match found {
        Err(error) if name == "kustomize" => check_one("kubectl", world).await.map_err(|_| error),
        found => found,
    }
}

async fn check_one(name: &str, world: &World) -> Result<(), Error> {
    let Some(known) = known(name) else { return Ok(()) };
    let arguments = known.version.iter().map(|part| (*part).to_owned()).collect();
    let said = Program::new(name, arguments, world).output(world).await?;
    match version_in(&String::from_utf8_lossy(&said)) {
        Some(version) if version < known.wanted => Err(Error::Program {
            program: name.to_owned(),
            reason: format!("its version is {}.{}", version.0, version.1),
            hint: Some(wanted(known)),
        }),
        _ => Ok(()),
    }
}

/// Major and minor of the first version in a text: `v3.20.2`, `{Version:kustomize/v5.4.1 …}`, `1.8.0`.
fn version_in(text: &str) -> Option<(u32, u32)> {
    let words = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_digit())).find_map(|word| {
        let mut numbers = word.split('.').map(str::parse);
        match (numbers.next()?, numbers.next()?) {
            (Ok(major), Ok(minor)) => Some((major, minor)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Program, check, last_lines, version_in};
    use crate::bootstrap::Error;
    use crate::bootstrap::testing::world;
    use crate::plain::Plain;

    fn program(argv: &[&str]) -> Program {
        let arguments = argv[1..].iter().map(|part| (*part).to_owned()).collect();
        Program::new(argv[0], arguments, &world())
    }

    #[tokio::test]
    async fn output_and_status_are_given() {
        let ended = program(&["sh", "-c", "echo out; echo err >&2; exit 3"]).run(&world()).await.unwrap();
        assert_eq!((ended.code, ended.stdout.as_slice()), (Some(3), b"out\n".as_slice()));
        assert_eq!(ended.last_lines, "err");
    }

    #[tokio::test]
    async fn a_failure_shows_the_last_lines_without_the_values_it_was_given() {
        let mut program =
            program(&["sh", "-c", "echo \"login $TOKEN\"; printf %s \"$TOKEN\" | base64; exit 1"]);
        program.env.push(("TOKEN".into(), Plain::from("canary-canary".to_owned())));
        let Err(Error::Program { reason, .. }) = program.output(&world()).await else { panic!("it held") };
        assert_eq!(reason, "it ended with status 1:\nlogin …\n…");
    }

    #[tokio::test]
    async fn a_missing_program_is_named_with_the_version_wanted() {
        let Err(error @ Error::Program { .. }) = program(&["helmfile-x"]).run(&world()).await else {
            panic!("it ran")
        };
        assert_eq!(error.reason(), Some("it is not installed"));
        let missing = super::missing("helm", &std::io::ErrorKind::NotFound.into());
        assert!(missing.hint().is_some_and(|hint| hint.contains("helm 3.14 or later (https://helm.sh")));
    }

    #[tokio::test]
    async fn a_program_past_its_deadline_is_stopped() {
        let mut program = program(&["sleep", "600"]);
        program.deadline = Duration::from_millis(1);
        let Err(Error::Program { reason, .. }) = program.run(&world()).await else { panic!("it ended") };
        assert!(reason.contains("did not end"));
    }

    #[tokio::test]
    async fn a_stop_ends_a_program_that_does_not_write() {
        let world = world();
        world.stop.cancel();
        let stopped = program(&["sleep", "600"]).run(&world).await;
        assert!(matches!(stopped, Err(Error::Stopped { .. })));
        let mut writer = program(&["true"]);
        writer.finishes = true;
        assert_eq!(writer.run(&world).await.unwrap().code, Some(0));
    }

    #[tokio::test]
    async fn programs_nobody_knows_are_not_checked() {
        assert!(check("some-script", &world()).await.is_ok());
    }

    #[test]
    fn lines_of_a_longer_value_are_masked_too() {
        let mut program = program(&["true"]);
        program.env.push(("KEY".into(), Plain::from("first-line-1\nsecond-line\n".to_owned())));
        assert_eq!(program.masked(b"x second-line y").as_str(), "x … y");
        assert_eq!(program.masked(b"first-line-1\nsecond-line").as_str(), "…");
    }

    #[test]
    fn versions_are_read_from_what_programs_say() {
        assert_eq!(version_in("v3.20.2"), Some((3, 20)));
        assert_eq!(version_in("{Version:kustomize/v5.4.1 GitCommit:1}"), Some((5, 4)));
        assert_eq!(version_in(r#"{"clientVersion":{"major":"1","gitVersion":"v1.33.1"}}"#), Some((1, 33)));
        assert_eq!(version_in("unknown"), None);
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        let lines: Vec<_> = (0..20).map(|at| format!("line {at}\n\n")).collect();
        let text = lines.concat();
        assert_eq!(last_lines(&text).lines().count(), 8);
        assert!(last_lines(&text).ends_with("line 19"));
    }
}
