//! The host and port that SSH connects to.

use crate::bootstrap::Error;
use crate::settings::{GitHostKind, GitSettings};

/// A host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SshHost {
    pub(super) name: String,
    pub(super) port: u16,
}

impl SshHost {
    /// The setting `git.ssh`, else the host that belongs to the API.
    pub(super) fn of(git: &GitSettings) -> Result<Self, Error> {
        match (&git.ssh, &git.api, git.host) {
            (Some(text), _, _) => Self::parse(text),
            (None, None, GitHostKind::Github) => Ok(Self { name: "github.com".into(), port: 22 }),
            (None, Some(api), kind) => Self::behind(api, kind),
            (None, None, GitHostKind::Gitea) => {
                Err(unfit("git.api", "it is missing, so the host's name is unknown"))
            }
        }
    }

    /// `host`, `host:port` or `[host]:port`.
    fn parse(text: &str) -> Result<Self, Error> {
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, port),
            _ => (text, "22"),
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        match port.parse() {
            Ok(port) if port > 0 && !name.is_empty() && !name.contains(['/', '@', ' ', ',', '*', '|']) => {
                Ok(Self { name: name.to_lowercase(), port })
            }
            _ => Err(unfit("git.ssh", &format!("`{text}` is not `host` or `host:port`"))),
        }
    }

    /// The host of the API; GitHub serves it under a name of its own, `api.`.
    fn behind(api: &str, kind: GitHostKind) -> Result<Self, Error> {
        let url = url::Url::parse(api).ok();
        let Some(host) = url.as_ref().and_then(url::Url::host_str) else {
            return Err(unfit("git.api", &format!("`{api}` is not an address")));
        };
        let name = match (kind, host.strip_prefix("api.")) {
            (GitHostKind::Github, Some(rest)) if rest == "github.com" || rest.ends_with(".ghe.com") => rest,
            _ => host,
        };
        Ok(Self { name: name.trim_start_matches('[').trim_end_matches(']').to_owned(), port: 22 })
    }

    /// The host as a `known_hosts` line names it.
    pub(super) fn pattern(&self) -> String {
        if self.port == 22 { self.name.clone() } else { format!("[{}]:{}", self.name, self.port) }
    }
}

fn unfit(setting: &str, reason: &str) -> Error {
    Error::Unfit { what: format!("the setting `{setting}`"), reason: reason.to_owned(), hint: None }
}

#[cfg(test)]
mod tests {
    use super::{GitHostKind, SshHost};

    #[test]
    fn a_port_other_than_22_is_named_in_brackets() {
        for (text, pattern) in [
            ("git.example.com", "git.example.com"),
            ("Git.example.com:22", "git.example.com"),
            ("git.example.com:2222", "[git.example.com]:2222"),
            ("[::1]:2222", "[::1]:2222"),
            ("[::1]", "::1"),
            ("::1", "::1"),
        ] {
            assert_eq!(SshHost::parse(text).unwrap().pattern(), pattern, "{text}");
        }
        for wrong in ["", ":22", "host:ssh", "git@host", "ssh://host", "a,b"] {
            assert!(SshHost::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_host_behind_an_api_is_the_one_that_serves_git() {
        for (api, name) in [
            ("https://api.github.com", "github.com"),
            ("https://ghes.example.com/api/v3", "ghes.example.com"),
            ("https://api.octo.ghe.com", "octo.ghe.com"),
            ("https://api.example.com", "api.example.com"),
        ] {
            assert_eq!(SshHost::behind(api, GitHostKind::Github).unwrap().name, name);
        }
    }
}
