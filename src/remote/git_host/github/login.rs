//! Who asks: a personal token, or the installation of a GitHub App; and what either lacks.

use octocrab::auth::{AppAuth, EncodingKey};
use octocrab::models::{AppId, InstallationId};
use octocrab::{AuthState, Octocrab};

use crate::plain::Plain;
use crate::remote::git_host::Login;
use crate::remote::git_host::repository::Repository;
use crate::remote::git_host::wire::{Reply, token_text};
use crate::remote::{Cause, Error};

/// A login that has been read.
pub(super) enum Way {
    /// A token.
    Token(AuthState),
    /// An App, before its installation is known.
    App { auth: AuthState, installation: Option<u64> },
}

/// Reads a login; no request is made.
pub(super) fn read(login: Login) -> Result<Way, Error> {
    match login {
        Login::Token(token) => {
            let token = token_text(&token)?;
            Ok(Way::Token(AuthState::AccessToken { token: token.as_str().into() }))
        }
        Login::App { id, installation, private_key } => {
            let auth = AuthState::App(AppAuth { app_id: AppId(id), key: signing_key(&private_key)? });
            Ok(Way::App { auth, installation })
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "sink: the key that signs the App's own logins")]
fn signing_key(private_key: &Plain) -> Result<EncodingKey, Error> {
    EncodingKey::from_rsa_pem(private_key.expose()).map_err(|_| {
        Error::new(
            "log in as a GitHub App",
            Cause::Local("the setting `git.login.app.privateKey` gives no RSA private key in PEM".into()),
        )
        .hint("name the source of the .pem file that GitHub made for the App")
    })
}

/// The client of an installation, with a token for this repository only.
pub(super) fn installed(app: &Octocrab, id: u64, name: &str) -> Result<Octocrab, Error> {
    app.installation_builder(InstallationId(id)).repositories(vec![name.to_owned()]).build().map_err(|_| {
        Error::new("log in as a GitHub App", Cause::Local("octocrab refuses the App's login".into()))
    })
}

/// What the answer about the repository says of the token: a classic one names its scopes in a header, and
/// the body says what its owner may.
pub(super) fn check(action: &str, repository: &Repository, reply: &Reply) -> Result<(), Error> {
    let body = reply.json();
    let private = body["private"].as_bool().unwrap_or(true);
    if let Some(scopes) = reply.header("x-oauth-scopes")
        && !scopes
            .split(',')
            .map(str::trim)
            .any(|scope| scope == "repo" || (!private && scope == "public_repo"))
    {
        return Err(Error::new(
            action,
            Cause::Forbidden(format!("the token lacks the scope `repo`; it has: {}", named(scopes))),
        )
        .hint("make a classic token with `repo` and `admin:repo_hook`, or a fine-grained one"));
    }
    if body["permissions"]["admin"].as_bool() == Some(false) {
        return Err(Error::new(
            action,
            Cause::Forbidden(format!("whoever owns the token does not administer `{repository}`")),
        )
        .hint("deploy keys and webhooks need the role *Admin* on the repository"));
    }
    Ok(())
}

/// Scopes in words, made of the characters that scopes have.
fn named(scopes: &str) -> String {
    let clean: String = scopes.chars().filter(|c| c.is_ascii_alphanumeric() || "_:, ".contains(*c)).collect();
    if clean.trim().is_empty() { "none".into() } else { clean }
}
