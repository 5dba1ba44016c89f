//! The address of a Git remote, in the three forms that Git knows.

/// What an address says: the host, and the repository on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteUrl {
    /// The host's name.
    pub host: String,
    /// The port that the address names.
    pub port: Option<u16>,
    /// Whether it is an SSH address.
    pub ssh: bool,
    /// The path on the host without `.git`: for the hosts we know `owner/name`.
    pub repository: String,
}

impl RemoteUrl {
    /// Reads `https://host/owner/name.git`, `ssh://git@host:port/owner/name` or `git@host:owner/name`
    /// (gitglossary, `gitremote`: "scp-like syntax").
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains("://") { Self::of_url(text) } else { Self::of_scp(text) }
    }

    fn of_url(text: &str) -> Option<Self> {
        let url = url::Url::parse(text).ok()?;
        let ssh = match url.scheme() {
            "ssh" | "git+ssh" => true,
            "http" | "https" => false,
            _ => return None,
        };
        Some(Self { host: url.host_str()?.to_owned(), port: url.port(), ssh, repository: path(url.path())? })
    }

    fn of_scp(text: &str) -> Option<Self> {
        let (host, rest) = text.split_once(':')?;
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let sound = !host.is_empty() && !host.contains(['/', '\\', ' ']) && host.len() > 1;
        sound.then_some(())?;
        Some(Self { host: host.to_owned(), port: None, ssh: true, repository: path(rest)? })
    }
}

fn path(text: &str) -> Option<String> {
    let text = text.trim_matches('/');
    let text = text.strip_suffix(".git").unwrap_or(text);
    text.contains('/').then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::RemoteUrl;

    #[test]
    fn the_three_forms_mean_the_same_repository() {
        for text in [
            "https://github.com/owner/name.git",
            "https://user:token@github.com/owner/name",
            "ssh://git@github.com/owner/name.git",
            "git@github.com:owner/name.git",
            "github.com:owner/name",
        ] {
            let url = RemoteUrl::parse(text).unwrap();
            assert_eq!((url.host.as_str(), url.repository.as_str()), ("github.com", "owner/name"), "{text}");
        }
        let url = RemoteUrl::parse("ssh://git@git.example.com:2222/owner/name").unwrap();
        assert_eq!((url.port, url.ssh), (Some(2222), true));
    }

    #[test]
    fn what_is_no_remote_is_none() {
        for text in
            ["owner/name", "/srv/git/x.git", "C:\\repo\\x", "file:///srv/x/y", "https://github.com/owner", ""]
        {
            assert_eq!(RemoteUrl::parse(text), None, "{text}");
        }
    }
}
