//! Files of SOPS, opened by the real `sops`: it knows the keys, and the services that hold them.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::caller::in_runtime;
use crate::error::Error;
use crate::mend::{Sops, Unopened};
use crate::plain::Plain;
use crate::yaml::{self, Segment};

/// How long a service may take for a key, and a user for a passphrase.
const LIMIT: Duration = Duration::from_secs(60);

/// Whether a text is a file of SOPS: then each document of it has a code over all of it.
pub(super) fn is_sops(file: &Path, text: &str) -> bool {
    text.contains("sops")
        && yaml::documents(file, text)
            .is_ok_and(|all| all.iter().any(|document| document.pointer("/sops/mac").is_some()))
}

/// What a file of SOPS holds, in clear: in memory, and nowhere else.
pub(super) fn opened(file: &Path) -> Result<Plain, Error> {
    let mut command = Command::new("sops");
    command.arg("--decrypt").args(kinds(file)).arg(file);
    let shown = file.display();
    let ended = run(command, None).map_err(|cannot| match cannot {
        Cannot::Start(error) => Error::Usage {
            complaint: format!("{shown} is a file of SOPS, and `sops` cannot be run: {error}"),
            hint: "install sops 3".into(),
        },
        Cannot::Wait => Error::Usage {
            complaint: format!("`sops` has not opened {shown} within {} s", LIMIT.as_secs()),
            hint: "see with `sops --decrypt` what it waits for".into(),
        },
        Cannot::Other(error) => *error,
    })?;
    ended.map_err(|status| Error::Usage {
        complaint: format!("`sops` does not open {shown}: {}", reason(status)),
        hint: format!(
            "give it the key as usual: `SOPS_AGE_KEY_FILE`, an agent of GPG, a login to the cloud; all that it says: \
             `sops --decrypt {shown}`"
        ),
    })
}

/// The kind of a file, which its name alone may not say.
fn kinds(file: &Path) -> [&'static str; 4] {
    let kind = if file.extension().is_some_and(|ending| ending == "json") { "json" } else { "yaml" };
    ["--input-type", kind, "--output-type", kind]
}

/// Why it has not ended.
enum Cannot {
    Start(std::io::Error),
    Wait,
    Other(Box<Error>),
}

/// What it writes, if it ends well. It is given a text to read, or nothing.
#[expect(clippy::disallowed_methods, reason = "sink: the standard input of `sops`, which encrypts it")]
fn run(mut command: Command, input: Option<Plain>) -> Result<Result<Plain, ExitStatus>, Cannot> {
    // What it says may quote a value that it could not read, so that nobody listens.
    command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    let work = async {
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return Ok(Err(Cannot::Start(error))),
        };
        let ended = async {
            if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
                // Where it does not read to the end, how it ends says why.
                drop(stdin.write_all(input.expose()).await);
            }
            child.wait_with_output().await
        };
        Ok(match tokio::time::timeout(LIMIT, ended).await {
            Err(_) => Err(Cannot::Wait),
            Ok(output) => {
                output.map_err(Error::system("run sops")).map_err(|error| Cannot::Other(error.into()))
            }
        })
    };
    let Output { status, stdout, .. } = in_runtime(work).map_err(|error| Cannot::Other(error.into()))??;
    let plain = Plain::new(stdout);
    Ok(if status.success() { Ok(plain) } else { Err(status) })
}

/// Why it does not open a file, by how it ended.
fn reason(status: ExitStatus) -> String {
    let known = match status.code() {
        Some(24 | 51) => "the file was changed by something else than `sops`",
        Some(25) => "a value does not decrypt",
        Some(52) => "it has no code over its values",
        Some(128) => "it has none of the keys that open it",
        _ => return format!("it ended with {status}"),
    };
    known.to_owned()
}

/// The real program, for texts that do not stand on the disk.
///
/// It sets values in files only. So it is given a copy in a folder that nobody else reads, without anything that is secret
/// and in clear; the values come to it by its standard input, and what it decrypts by its standard output.
pub(super) struct Program;

impl Sops for Program {
    fn open(&self, file: &Path, text: &str, is_whole: bool) -> Result<Plain, Unopened> {
        let copy = Copy::of(file, text)?;
        let mut command = Command::new("sops");
        command.arg("--decrypt").args(kinds(file));
        if !is_whole {
            command.arg("--ignore-mac");
        }
        command.arg(&copy.file);
        ended(run(command, None))
    }

    fn set(&self, file: &Path, text: &str, way: &[Segment], value: Plain) -> Result<String, Unopened> {
        let copy = Copy::of(file, text)?;
        let mut command = Command::new("sops");
        command.arg("set").args(kinds(file)).args(["--ignore-mac", "--value-stdin"]);
        command.arg(&copy.file).arg(index(way)?);
        ended(run(command, Some(value)))?;
        std::fs::read_to_string(&copy.file)
            .map_err(|error| unopened(format!("`sops` cannot be asked: {error}")))
    }
}

/// A file in a folder of its own, for as long as it is needed.
struct Copy {
    file: PathBuf,
    _folder: TempDir,
}

impl Copy {
    fn of(file: &Path, text: &str) -> Result<Self, Unopened> {
        let made = || {
            let folder = tempfile::tempdir()?;
            let file = folder.path().join(file.file_name().unwrap_or("file.yaml".as_ref()));
            std::fs::write(&file, text)?;
            Ok(Self { file, _folder: folder })
        };
        made().map_err(|error: std::io::Error| unopened(format!("`sops` cannot be asked: {error}")))
    }
}

/// A place as `sops set` reads it: it knows no way to write a bracket within a key.
fn index(way: &[Segment]) -> Result<String, Unopened> {
    let part = |segment: &Segment| match segment {
        Segment::Key(key) if key.contains('[') => Err(unopened("`sops set` takes no key with a `[` in it")),
        Segment::Key(key) => Ok(format!("[\"{key}\"]")),
        Segment::Index(index) => Ok(format!("[{index}]")),
    };
    way.iter().map(part).collect()
}

/// What it wrote, or why it did not.
fn ended(run: Result<Result<Plain, ExitStatus>, Cannot>) -> Result<Plain, Unopened> {
    match run {
        Ok(Ok(plain)) => Ok(plain),
        Ok(Err(status)) => Err(unopened(format!("`sops` does not open it: {}", reason(status)))),
        Err(Cannot::Start(error)) => Err(unopened(format!("`sops` cannot be run: {error}"))),
        Err(Cannot::Wait) => Err(unopened(format!("`sops` has not opened it within {} s", LIMIT.as_secs()))),
        Err(Cannot::Other(error)) => Err(unopened(error.to_string())),
    }
}

fn unopened(reason: impl std::fmt::Display) -> Unopened {
    Unopened {
        reason: format!("its file belongs to SOPS, and {reason}"),
        hint:
            "have sops 3.11 or later on `PATH` and its key at hand, or take the value out and set it again: \
               `sops set --ignore-mac --value-stdin`"
                .into(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use super::reason;

    #[test]
    fn how_it_ended_says_why() {
        let of = |code: i32| reason(ExitStatus::from_raw(code << 8));
        assert_eq!(of(128), "it has none of the keys that open it");
        assert_eq!(of(51), "the file was changed by something else than `sops`");
        assert_eq!(of(7), "it ended with exit status: 7");
    }
}
