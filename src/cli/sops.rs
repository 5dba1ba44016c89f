//! Files of SOPS, opened by the real `sops`: it knows the keys, and the services that hold them.

use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use tokio::process::Command;

use super::caller::in_runtime;
use crate::error::Error;
use crate::plain::Plain;
use crate::yaml;

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
    let kind = if file.extension().is_some_and(|ending| ending == "json") { "json" } else { "yaml" };
    let mut command = Command::new("sops");
    command.args(["--decrypt", "--input-type", kind, "--output-type", kind]).arg(file);
    // What it says may quote a value that it could not read, so that nobody listens.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let shown = file.display();
    let output: Output = in_runtime(async {
        let child = command.spawn().map_err(|error| Error::Usage {
            complaint: format!("{shown} is a file of SOPS, and `sops` cannot be run: {error}"),
            hint: "install sops 3".into(),
        })?;
        let ended = tokio::time::timeout(LIMIT, child.wait_with_output()).await;
        ended
            .map_err(|_| Error::Usage {
                complaint: format!("`sops` has not opened {shown} within {} s", LIMIT.as_secs()),
                hint: "see with `sops --decrypt` what it waits for".into(),
            })?
            .map_err(Error::system("run sops"))
    })?;
    let plain = Plain::new(output.stdout);
    if output.status.success() {
        return Ok(plain);
    }
    Err(Error::Usage {
        complaint: format!("`sops` does not open {shown}: {}", reason(output.status)),
        hint: format!(
            "give it the key as usual: `SOPS_AGE_KEY_FILE`, an agent of GPG, a login to the cloud; all that it says: \
             `sops --decrypt {shown}`"
        ),
    })
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
