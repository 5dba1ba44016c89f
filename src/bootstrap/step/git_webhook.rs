//! The Git host delivers events to the path of a Flux Receiver, signed with its token.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Deserialize;
use url::{Host, Url};

use super::{Needs, VaultPath};
use crate::bootstrap::{Error, Look, World};
use crate::plain::Plain;
use crate::remote::cluster::Right;
use crate::remote::git_host::{GitHost, Webhook, WebhookWish};
use crate::report::{Change, Verb};
use crate::source::Source;

/// The Git host delivers events to the path of a Flux Receiver, signed with its token.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GitWebhook {
    /// The address under which the receiver is reached, without the path.
    pub url: String,
    /// The Receiver's name.
    pub receiver: String,
    /// The Receiver's namespace.
    pub namespace: String,
    /// The token.
    pub token: Source,
    /// The events.
    pub events: Vec<String>,
    /// Whether a ping must be answered before it holds.
    #[serde(default)]
    pub ping: bool,
}

/// Between two looks at the deliveries.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// So many looks go by before the next ping: the first may have met a Receiver that was not ready yet.
const LOOKS_PER_PING: u32 = 10;

/// What the host lists, sorted by what it is to us.
#[derive(Debug, PartialEq, Eq)]
struct Listed {
    /// The hook with our address.
    ours: Option<Webhook>,
    /// Hooks of ours for earlier tokens, and doubles.
    stale: Vec<Webhook>,
}

impl GitWebhook {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let base = self.base()?;
        let host = world.git_host().await?;
        // Listed even where the token is still to be made, so that a missing permission shows before any write.
        let all = host.webhooks().await?;
        let awaits = |input| {
            let change = Change::new(Verb::Create, self.object(host)).with(self.events.join(", "));
            Ok(Look::Awaits { change, input })
        };
        let Some(token) = world.read(&self.token).await?.filter(|token| !token.is_empty()) else {
            return awaits(self.token.describe());
        };
        // The task that stores the token takes the line end off.
        if token.ends_with_newline() {
            return awaits(format!("{} without a line end", self.token.describe()));
        }
        let listed = sort(all, &base, &self.address(&base, &token));
        Ok(self.differences(host, &listed))
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let base = self.base()?;
        let host = world.git_host().await?;
        let Some(token) = self.token(world).await? else {
            return Err(Error::InputMissing {
                action: format!("register {}", self.object(host)),
                input: self.token.describe(),
                makers: Vec::new(),
            });
        };
        let url = self.address(&base, &token);
        let listed = sort(host.webhooks().await?, &base, &url);
        let wish = WebhookWish { url, events: self.events.clone(), secret: token };
        let (hook, written) = match listed.ours {
            Some(ours) if self.differs(&ours).is_empty() => (ours, false),
            Some(ours) => (host.update_webhook(ours.id, wish).await?, true),
            None => (host.create_webhook(wish).await?, true),
        };
        if self.ping && (written || !answered(hook.last_status)) {
            self.wait_for_answer(world, host, hook.id).await?;
        }
        // The old ones die only after the new one has proved itself.
        for old in &listed.stale {
            host.delete_webhook(old.id).await?;
        }
        Ok(())
    }

    pub(super) fn needs(&self, world: &World) -> Needs {
        let mut needs = Needs { git_host: true, ..Needs::default() };
        match &self.token {
            Source::Vault(at) => {
                let mount = at.mount.clone().unwrap_or_else(|| world.settings.vault.mount.clone());
                let path = VaultPath::Kv { mount, path: at.path.clone() };
                needs.vault.insert(path, BTreeSet::from(["read"]));
            }
            Source::Secret(at) => needs.cluster.push(Right {
                verb: "get".into(),
                group: String::new(),
                resource: "secrets".into(),
                namespace: Some(at.namespace.clone()),
            }),
            _ => {}
        }
        needs
    }

    /// The address without a slash at its end.
    fn base(&self) -> Result<String, Error> {
        let unfit = |reason: &str, hint: &str| Error::Unfit {
            what: format!("the webhook's address `{}`", self.url),
            reason: reason.to_owned(),
            hint: Some(hint.to_owned()),
        };
        let Ok(url) = Url::parse(&self.url) else {
            return Err(unfit("it is not an address", "write it as `https://flux-webhook.example.com`"));
        };
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            return Err(unfit("deliveries would travel unencrypted", "use https"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(unfit("it has more than a host and a path", "leave query, fragment and login out"));
        }
        Ok(self.url.trim_end_matches('/').to_owned())
    }

    async fn token(&self, world: &World) -> Result<Option<Plain>, Error> {
        let token = world.read(&self.token).await?.filter(|token| !token.is_empty());
        if token.as_ref().is_some_and(Plain::ends_with_newline) {
            return Err(Error::Unfit {
                what: self.token.describe(),
                reason: "it ends in a line end, which would be part of the signature and of the path".into(),
                hint: Some("store it without the line end".into()),
            });
        }
        Ok(token)
    }

    /// Where deliveries go: the path that notification-controller gives the Receiver.
    fn address(&self, base: &str, token: &Plain) -> String {
        format!("{base}/hook/{}", token.sha256_with(&[&self.receiver, &self.namespace]))
    }

    fn object(&self, host: &GitHost) -> String {
        format!("webhook to `{}` at `{}`", self.url, host.repository())
    }

    fn differences(&self, host: &GitHost, listed: &Listed) -> Look {
        let differs = listed.ours.as_ref().map(|ours| self.differs(ours)).unwrap_or_default();
        let unanswered = listed
            .ours
            .as_ref()
            .and_then(|ours| ours.last_status)
            .filter(|status| self.ping && !answered(Some(*status)));
        let verb = match &listed.ours {
            None if listed.stale.is_empty() => Verb::Create,
            None => Verb::Replace,
            Some(_) if !differs.is_empty() => Verb::Update,
            Some(_) if !listed.stale.is_empty() => Verb::Delete,
            Some(_) if unanswered.is_some() => Verb::Wait,
            Some(_) => return Look::Holds,
        };
        let mut details = differs;
        if listed.ours.is_none() {
            details.push(self.events.join(", "));
        }
        details.extend(unanswered.map(|status| format!("its last delivery was answered {status}")));
        details.extend(listed.stale.iter().map(|old| format!("deletes hook {} of an earlier token", old.id)));
        Look::from(details.into_iter().fold(Change::new(verb, self.object(host)), Change::with))
    }

    /// What of a hook is not as it should be. The host never tells a hook's secret, and it need not: the
    /// address is a SHA-256 over the token, so a hook with exactly this address was made with this token.
    fn differs(&self, hook: &Webhook) -> Vec<String> {
        let set = |events: &[String]| events.iter().cloned().collect::<BTreeSet<_>>();
        let mut details = Vec::new();
        if set(&hook.events) != set(&self.events) {
            details.push(format!("events: {} → {}", hook.events.join(", "), self.events.join(", ")));
        }
        if hook.content_type != "json" {
            details.push(format!("content type: {} → json", hook.content_type));
        }
        if !hook.active {
            details.push("active: no → yes".into());
        }
        if !hook.verifies_tls {
            details.push("checks certificates: no → yes".into());
        }
        details
    }

    /// Pings until a delivery is answered with success.
    async fn wait_for_answer(&self, world: &World, host: &GitHost, id: u64) -> Result<(), Error> {
        let object = self.object(host);
        if !host.tells_deliveries() {
            host.ping_webhook(id).await?;
            world.warn(format!("{object} was tested; this host does not tell how it was answered"));
            return Ok(());
        }
        let (began, deadline) = (Instant::now(), world.settings.timeouts.wait.get());
        let mut said = String::new();
        for look in 0.. {
            if look % LOOKS_PER_PING == 0 {
                host.ping_webhook(id).await?;
            }
            let status = host.last_delivery(id).await?;
            if status.is_some() && answered(status) {
                break;
            }
            let reason = told(status);
            if began.elapsed() >= deadline {
                let (wanted, seconds) = ("answered with 200".to_owned(), deadline.as_secs());
                return Err(Error::WaitedTooLong { object, wanted, seconds, reason });
            }
            if said != reason {
                said.clone_from(&reason);
                world.waits(&object, &reason, began.elapsed());
            }
            world.pause(BETWEEN_LOOKS.min(deadline)).await?;
        }
        Ok(())
    }
}

/// Whether a delivery was answered with success, or there was none yet.
fn answered(status: Option<u16>) -> bool {
    status.is_none_or(|status| (200..300).contains(&status))
}

/// How a delivery was answered, in words.
fn told(status: Option<u16>) -> String {
    match status {
        None => "the host has delivered nothing yet".into(),
        Some(400) => {
            "the last delivery was answered 400: the signature or the event is not what the Receiver takes"
                .into()
        }
        Some(404) => "the last delivery was answered 404: there is no Receiver with this path (yet)".into(),
        Some(503) => "the last delivery was answered 503: the Receiver is suspended or not ready".into(),
        Some(status) => format!("the last delivery was answered {status}"),
    }
}

/// Hooks below our address are ours: only one of them has the path that follows from the token of today.
/// Whatever lies under another address, or has no path of a Receiver, belongs to somebody else.
fn sort(all: Vec<Webhook>, base: &str, url: &str) -> Listed {
    let prefix = format!("{base}/hook/");
    let (mut same, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|hook| hook.url == url);
    let ours = if same.is_empty() { None } else { Some(same.remove(0)) };
    let earlier = |hook: &Webhook| hook.url.strip_prefix(&prefix).is_some_and(is_receiver_path);
    let stale = same.into_iter().chain(others.into_iter().filter(earlier)).collect();
    Listed { ours, stale }
}

/// Whether a path is a SHA-256 in hex, as those of Receivers are.
fn is_receiver_path(path: &str) -> bool {
    path.len() == 64 && path.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
