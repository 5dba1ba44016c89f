//! Opening a Vault: its health said plainly, and the ways to log in.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::failure::{Asked, Failure};
use super::token::{self, LOOKUP_SELF, REVOKE_SELF};
use super::wire::{Call, Wire};
use super::{Access, Login, Vault};
use crate::plain::Plain;
use crate::remote::{Cause, Error};

/// The body of `sys/health`; it holds no secret.
#[derive(Deserialize)]
struct Health {
    initialized: bool,
    sealed: bool,
    #[serde(default)]
    version: String,
}

impl Vault {
    /// Checks health (sealed, uninitialised and the like are said plainly) and logs in.
    ///
    /// # Errors
    /// A Vault that is unreachable, untrusted or not in service, or that refuses the login; an authority's file
    /// that cannot be read.
    pub async fn connect(access: Access) -> Result<Self, Error> {
        let mut wire = Wire::new(&access.address, access.namespace, &access.trust, access.timeout)?;
        let made = !matches!(access.login, Login::Token(_));
        let version = match access.login {
            Login::Token(token) => {
                take(&mut wire, &token)?;
                // Side by side: health explains why a token cannot be looked up, and so comes first.
                let (version, known) = tokio::join!(health(&wire), known(&wire));
                let version = version?;
                known?;
                version
            }
            login => {
                let version = health(&wire).await?;
                log_in(&mut wire, login).await?;
                version
            }
        };
        Ok(Self {
            wire,
            version,
            made,
            mounts: std::sync::Mutex::default(),
            usual: std::sync::OnceLock::new(),
            assumed: std::sync::atomic::AtomicBool::new(false),
        })
    }

    /// Revokes the token that logging in made. One that was brought along stays.
    ///
    /// # Errors
    /// A token that may not even do that.
    pub async fn log_out(self) -> Result<(), Error> {
        if !self.made {
            return Ok(());
        }
        let answer = self.wire.ask(&Call::post_json(REVOKE_SELF, &serde_json::json!({}))).await;
        answer.map(drop).map_err(|failure| {
            failure.told("revoke the token of a login in Vault", Asked::open(REVOKE_SELF, "update"))
        })
    }
}

fn take(wire: &mut Wire, token: &Plain) -> Result<(), Error> {
    let action = format!("log in to Vault at `{}`", wire.address);
    let text = token::text(token).unwrap_or_default();
    wire.log_in(&text).map_err(|cause| Error::new(action, cause).hint("set VAULT_TOKEN to the token alone"))
}

/// The version, where it is in service. A standby is: it forwards, or redirects to the active node.
async fn health(wire: &Wire) -> Result<String, Error> {
    let action = format!("open Vault at `{}`", wire.address);
    let asked = Asked::open("sys/health", "read");
    let (code, health) = match wire.ask_nameless(&Call::get("sys/health")).await {
        Ok(answer) => (200, answer.parse().ok()),
        Err(Failure::Status { code, body, words }) => match serde_json::from_str(&body).ok() {
            None if matches!(code, 401..429) => return Err(no_vault(wire, &action, Some(code))),
            None => return Err(Failure::Status { code, words, body }.told(action, asked)),
            health => (code, health),
        },
        Err(failure) => return Err(failure.told(action, asked)),
    };
    let Some(health): Option<Health> = health else {
        return Err(no_vault(wire, &action, None));
    };
    match unfit(code, &health) {
        Some((why, hint)) => Err(Error::new(action, Cause::Unavailable(why.into())).hint(hint)),
        None => Ok(health.version),
    }
}

/// Vault tells its health to everybody: whoever refuses to is something else, such as a proxy.
fn no_vault(wire: &Wire, action: &str, code: Option<u16>) -> Error {
    let code = code.map_or_else(String::new, |code| format!(" ({code})"));
    let why = format!("what answers at `{}` is no Vault, or a proxy in front of it{code}", wire.address);
    Error::new(action, Cause::Malformed(why))
        .hint("check `vault.address`, VAULT_ADDR and any proxy on the way")
}

/// Why a Vault is not in service, and what to do, by the codes of `sys/health`.
fn unfit(code: u16, health: &Health) -> Option<(&'static str, &'static str)> {
    match code {
        530 => Some(("this node was removed from its Vault cluster", "use the address of another node")),
        _ if !health.initialized => {
            Some(("Vault is not initialised", "initialise it with `vault operator init`, then unseal it"))
        }
        _ if health.sealed => {
            Some(("Vault is sealed", "unseal it (`vault operator unseal`, or in its web page) and run again"))
        }
        472 => Some((
            "this Vault is a disaster-recovery secondary, which answers no requests",
            "use the address of the primary cluster",
        )),
        474 => Some((
            "this Vault is a standby that finds no active node",
            "wait for an election, or check the others",
        )),
        _ => None,
    }
}

/// Whether the token is valid, as far as it may say so itself.
async fn known(wire: &Wire) -> Result<(), Error> {
    match wire.ask(&Call::get(LOOKUP_SELF)).await {
        // Without the policy `default` a valid token may not look itself up; what it may do shows later.
        Err(failure) if failure.code() == Some(403) && !failure.says("invalid token") => Ok(()),
        answer => answer.map(drop).map_err(|failure| {
            failure.told(format!("log in to Vault at `{}`", wire.address), Asked::open(LOOKUP_SELF, "read"))
        }),
    }
}

/// Logs in at `auth/MOUNT/login`, and sends the token that this gives from then on.
async fn log_in(wire: &mut Wire, login: Login) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Answered {
        auth: Auth,
    }
    #[derive(Deserialize)]
    struct Auth {
        client_token: String,
    }
    let (method, at, body) = match login {
        Login::Token(token) => return take(wire, &token),
        Login::AppRole { mount, role_id, secret_id } => {
            ("AppRole", at(&mount), body([("role_id", &role_id), ("secret_id", &secret_id)]))
        }
        Login::Kubernetes { mount, role, token } => {
            ("Kubernetes", at(&mount), body([("role", &Plain::from(role)), ("jwt", &token)]))
        }
        Login::UserPass { mount, username, password } => {
            ("password", format!("{}/{username}", at(&mount)), body([("password", &password)]))
        }
    };
    let action = format!("log in to Vault at `{}` by {method}", wire.address);
    let answer = wire.ask(&Call::post(&at, body)).await;
    let token = answer
        .and_then(|answer| answer.parse::<Answered>())
        .map_err(|failure| refused(failure, &action, &at))?;
    let token = Zeroizing::new(token.auth.client_token);
    wire.log_in(&token).map_err(|cause| Error::new(action, cause))
}

fn at(mount: &str) -> String {
    format!("auth/{}/login", mount.trim_matches('/'))
}

fn body<const N: usize>(values: [(&str, &Plain); N]) -> Zeroizing<Vec<u8>> {
    let text = |value: &Plain| token::text(value).map(|text| Value::from(text.as_str()));
    let body: BTreeMap<&str, Option<Value>> =
        values.into_iter().map(|(key, value)| (key, text(value))).collect();
    Zeroizing::new(serde_json::to_vec(&body).unwrap_or_default())
}

/// A refused login: 400 and 403 alike mean that these credentials do not open this method.
fn refused(failure: Failure, action: &str, at: &str) -> Error {
    let why = match failure.code() {
        Some(400 | 403) if failure.says("no handler for route") => None,
        Some(400) if failure.says("invalid role") => Some("Vault does not know the role, or its secret id"),
        Some(400 | 401) => Some("Vault does not take these credentials"),
        Some(403) => Some(
            of_kubernetes(&failure)
                .unwrap_or("Vault refuses these credentials, or no auth method is mounted there (403)"),
        ),
        Some(500) => of_kubernetes(&failure),
        _ => None,
    };
    match why {
        Some(why) => Error::new(action, Cause::Unauthenticated(format!("{why}: `{at}`")))
            .hint("check the mount, the role and the credentials under `vault.login`"),
        None => failure.told(action, Asked::secret(at, "update")),
    }
}

/// What the Kubernetes method says of a token that it has read; all else it calls `permission denied`.
fn of_kubernetes(failure: &Failure) -> Option<&'static str> {
    let said = [
        ("service account name not authorized", "the role is not for a service account of this name"),
        ("namespace not authorized", "the role is not for service accounts of this namespace"),
        ("invalid audience", "the role is for tokens of another audience"),
        ("could not load backend configuration", "the method has no configuration yet"),
    ];
    said.into_iter().find(|(words, _)| failure.says(words)).map(|(_, why)| why)
}
