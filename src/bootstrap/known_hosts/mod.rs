//! The Git host's SSH keys as `known_hosts` lines (sshd(8)), from places that can vouch for them: the settings,
//! the host's own metadata over TLS, or the keys that came with this program. A key that is only scanned
//! proves nothing, because whoever answers the scan may be the impostor; so nothing is scanned.

mod file;
mod public;
mod ssh_host;

use ssh_key::PublicKey;

use self::ssh_host::SshHost;
use super::{Error, World};

/// The keys of one host, in the order in which they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostKeys {
    pattern: String,
    /// `type base64`.
    keys: Vec<String>,
}

impl HostKeys {
    /// The keys that are vouched for.
    ///
    /// # Errors
    /// A Git host that does not answer, or nothing that vouches for its keys.
    pub(super) async fn vouched(world: &World) -> Result<Self, Error> {
        let git = &world.settings.git;
        let host = SshHost::of(git)?;
        let keys = if let Some(file) = &git.known_hosts {
            file::keys(&world.settings.root.join(file), &host)?
        } else if let Some(keys) = world.git_host().await?.host_keys().await? {
            keys
        } else {
            public::keys(&host.name).ok_or_else(|| unvouched(&host))?
        };
        Self::new(&host, &keys)
    }

    fn new(host: &SshHost, keys: &[String]) -> Result<Self, Error> {
        let mut sorted = Vec::with_capacity(keys.len());
        for key in keys {
            let Ok(key) = PublicKey::from_openssh(key) else {
                return Err(Error::Unfit {
                    what: format!("the SSH host keys of `{}`", host.name),
                    reason: "one of them is not a public key".into(),
                    hint: Some(format!(
                        "take the line out of the file that `git.knownHosts` names, or write it as `{} TYPE KEY`",
                        host.pattern()
                    )),
                });
            };
            let line = key.to_openssh().unwrap_or_default();
            let key = line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
            if !sorted.contains(&key) {
                sorted.push(key);
            }
        }
        // Flux asks for this kind first, and compares with the first line of the host.
        sorted.sort_by_key(|key| !key.starts_with("ecdsa-sha2-nistp256 "));
        Ok(Self { pattern: host.pattern(), keys: sorted })
    }

    /// Whether a `known_hosts` text holds these keys of the host, no others of it, the first one first.
    pub(super) fn hold_in(&self, kept: &str) -> bool {
        let there: Vec<String> = file::keys_for(kept, &self.pattern);
        there.first() == self.keys.first()
            && there.len() == self.keys.len()
            && there.iter().all(|key| self.keys.contains(key))
    }

    /// The text with these keys; lines about other hosts stay.
    pub(super) fn text(&self, kept: &str) -> String {
        let ours = self.keys.iter().map(|key| format!("{} {key}", self.pattern));
        let others = kept.lines().filter(|line| !file::names(line, &self.pattern)).map(str::to_owned);
        ours.chain(others).fold(String::new(), |text, line| text + &line + "\n")
    }

    /// Whether a `known_hosts` text has any key of the host of these settings: somebody pinned it there.
    pub(super) fn pinned_in(kept: &str, world: &World) -> bool {
        SshHost::of(&world.settings.git).is_ok_and(|host| !file::keys_for(kept, &host.pattern()).is_empty())
    }
}

fn unvouched(host: &SshHost) -> Error {
    Error::Unfit {
        what: format!("the SSH host keys of `{}`", host.name),
        reason: "the Git host does not publish them, and a key that is merely scanned may be an impostor's"
            .into(),
        hint: Some(format!(
            "ask whoever runs the host for its keys, write them to a file as lines `{} TYPE KEY`, and name it \
             in `git.knownHosts`",
            host.pattern()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{HostKeys, SshHost};

    const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=";

    fn keys(port: u16) -> HostKeys {
        let host = SshHost { name: "github.com".into(), port };
        HostKeys::new(&host, &[ED25519.to_owned(), format!("{ECDSA} comment\n"), ED25519.to_owned()]).unwrap()
    }

    #[test]
    fn each_key_has_a_line_and_the_ecdsa_key_is_first() {
        assert_eq!(keys(22).text(""), format!("github.com {ECDSA}\ngithub.com {ED25519}\n"));
        assert_eq!(keys(443).text(""), format!("[github.com]:443 {ECDSA}\n[github.com]:443 {ED25519}\n"));
    }

    #[test]
    fn lines_about_other_hosts_stay() {
        let kept = format!("# mine\nexample.com {ED25519}\ngithub.com {ED25519}\n");
        let text = keys(22).text(&kept);
        assert_eq!(
            text,
            format!("github.com {ECDSA}\ngithub.com {ED25519}\n# mine\nexample.com {ED25519}\n")
        );
        assert!(keys(22).hold_in(&text) && !keys(22).hold_in(&kept));
    }

    #[test]
    fn a_key_too_many_or_too_few_or_in_the_wrong_order_does_not_hold() {
        let held = keys(22).text("");
        assert!(keys(22).hold_in(&held));
        assert!(!keys(22).hold_in(&format!("github.com {ECDSA}\n")));
        assert!(!keys(22).hold_in(&format!("github.com {ED25519}\ngithub.com {ECDSA}\n")));
        assert!(!keys(22).hold_in(&format!("{held}github.com ssh-rsa AAAA\n")));
        assert!(!keys(443).hold_in(&held));
    }
}
