//! Files in the format of `known_hosts`: the lines that are about one host.

use std::path::Path;

use super::ssh_host::SshHost;
use crate::bootstrap::Error;

/// The keys of a host in a file; at least one.
pub(super) fn keys(file: &Path, host: &SshHost) -> Result<Vec<String>, Error> {
    let text =
        std::fs::read_to_string(file).map_err(|source| Error::File { file: file.to_owned(), source })?;
    let pattern = host.pattern();
    let keys = keys_for(&text, &pattern);
    if !keys.is_empty() {
        return Ok(keys);
    }
    let hashed = text.lines().filter(|line| line.trim_start().starts_with("|1|")).count();
    let reason = match hashed {
        0 => format!("no line in it is about `{pattern}`"),
        n => format!("no line in it names `{pattern}`; {n} have their names hashed and cannot be told apart"),
    };
    Err(Error::Unfit {
        what: format!("{} (`git.knownHosts`)", file.display()),
        reason,
        hint: Some(format!("add a line `{pattern} TYPE KEY` with a key that the host's operator published")),
    })
}

/// The keys, `type base64`, of the lines about a host.
pub(super) fn keys_for(text: &str, pattern: &str) -> Vec<String> {
    let key = |line: &str| line.split_whitespace().skip(1).take(2).collect::<Vec<_>>().join(" ");
    text.lines().filter(|line| names(line, pattern)).map(key).collect()
}

/// Whether a line names a host in so many letters. Lines with a marker (`@revoked`), a hashed name or a
/// wildcard are none of ours.
pub(super) fn names(line: &str, pattern: &str) -> bool {
    let hosts = line.split_whitespace().next().unwrap_or_default();
    !hosts.starts_with(['#', '@', '|']) && hosts.split(',').any(|host| host.eq_ignore_ascii_case(pattern))
}

#[cfg(test)]
mod tests {
    use super::{SshHost, keys};

    fn read(text: &str) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known_hosts");
        std::fs::write(&file, text).unwrap();
        let host = SshHost { name: "git.example.com".into(), port: 2222 };
        keys(&file, &host).map_err(|error| error.reason().unwrap_or_default().to_owned())
    }

    #[test]
    fn lines_about_the_host_and_its_port_are_taken() {
        let text = "# keys\n\nexample.com ssh-rsa AAAA\nother,[Git.example.com]:2222 ssh-ed25519 BBBB me\n\
                    @revoked [git.example.com]:2222 ssh-rsa CCCC\ngit.example.com ssh-rsa DDDD\n";
        assert_eq!(read(text).unwrap(), ["ssh-ed25519 BBBB"]);
    }

    #[test]
    fn a_file_without_the_host_is_refused() {
        assert!(read("example.com ssh-rsa AAAA\n").unwrap_err().contains("`[git.example.com]:2222`"));
        assert!(
            read("|1|c2FsdA==|aGFzaA== ssh-rsa AAAA\n").unwrap_err().contains("1 have their names hashed")
        );
    }
}
