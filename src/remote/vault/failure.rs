//! What Vault's refusals mean, status by status.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::remote::{Cause, Error};

/// A request that gave nothing.
pub(super) enum Failure {
    /// No answer.
    Transport(Cause),
    /// An answer that is not 2xx.
    Status { code: u16, words: Vec<String>, body: Zeroizing<String> },
    /// An answer that is not what the API says.
    Malformed,
}

/// What was asked for, so that a refusal can name it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The path as policies name it.
    pub(super) path: &'a str,
    /// The capability that it takes.
    pub(super) capability: &'a str,
    /// Whether a secret was sent, which the server's words might repeat.
    pub(super) secret: bool,
}

impl<'a> Asked<'a> {
    pub(super) fn open(path: &'a str, capability: &'a str) -> Self {
        Self { path, capability, secret: false }
    }

    pub(super) fn secret(path: &'a str, capability: &'a str) -> Self {
        Self { path, capability, secret: true }
    }
}

impl Failure {
    pub(super) fn status(code: u16, body: String) -> Self {
        #[derive(Default, Deserialize)]
        struct Said {
            #[serde(default)]
            errors: Vec<String>,
        }
        let body = Zeroizing::new(body);
        let words = serde_json::from_str::<Said>(&body).unwrap_or_default().errors;
        Self::Status { code, words, body }
    }

    /// The status, where there is one.
    pub(super) fn code(&self) -> Option<u16> {
        match self {
            Self::Status { code, .. } => Some(*code),
            Self::Transport(_) | Self::Malformed => None,
        }
    }

    /// Whether the server's words contain these.
    pub(super) fn says(&self, text: &str) -> bool {
        matches!(self, Self::Status { words, .. } if words.iter().any(|word| word.contains(text)))
    }

    /// Whether there is simply nothing: an engine is there, and was asked as its version wants.
    pub(super) fn is_absence(&self) -> bool {
        self.code() == Some(404) && !self.says("no handler for route") && !self.is_for_versioned()
    }

    /// Whether an engine of version 2 was asked as one of version 1: a warning, beside no error.
    fn is_for_versioned(&self) -> bool {
        matches!(self, Self::Status { body, .. } if body.contains("versioned K/V secrets engine"))
    }

    /// Whether Vault will be ready in a moment: a KV engine that is being upgraded right after it was mounted
    /// (400), a node that has not caught up with the active one (412).
    pub(super) fn wants_again(&self) -> bool {
        self.code() == Some(412) || (self.code() == Some(400) && self.says("Upgrading from non-versioned"))
    }

    /// As `cannot ACTION: …`.
    pub(super) fn told(self, action: impl Into<String>, asked: Asked<'_>) -> Error {
        let action = action.into();
        let Self::Status { code, words, body } = &self else {
            return Error::new(action, self.unanswered(asked));
        };
        let error = |cause| Error::new(&action, cause);
        match code {
            403 if self.says("invalid token") => error(unknown_token()).hint(LOG_IN),
            401 => error(unknown_token()).hint(LOG_IN),
            403 => forbidden(&action, asked),
            503 if self.says("sealed") => error(Cause::Unavailable("Vault is sealed".into())).hint(UNSEAL),
            400 if body.contains("HTTP request to an HTTPS server") => {
                error(Cause::Invalid("Vault speaks TLS there".into())).hint("write the address with https://")
            }
            code => error(self.plain_cause(*code, &Self::quote(words, asked), asked)),
        }
    }

    fn plain_cause(&self, code: u16, words: &str, asked: Asked<'_>) -> Cause {
        match code {
            400 if self.says("check-and-set parameter did not match") => {
                Cause::Conflict(format!("`{}` was changed by somebody else since it was read", asked.path))
            }
            404 if self.says("no handler for route") => {
                Cause::NotFound(format!("no engine is mounted where `{}` points", asked.path))
            }
            404 if self.is_for_versioned() => Cause::Invalid(format!(
                "the engine is of version 2, and was asked as one of version 1 for `{}`",
                asked.path
            )),
            404 => Cause::NotFound(format!("Vault has nothing at `{}`", asked.path)),
            400 | 405 | 415 | 422 => Cause::Invalid(format!("Vault does not take this ({code}){words}")),
            412 => {
                Cause::Unavailable("this node of Vault has not caught up with the active one (412)".into())
            }
            413 => Cause::Invalid(format!("it is larger than Vault takes at `{}` (413)", asked.path)),
            429 => Cause::RateLimited("Vault's rate limit is reached (429)".into()),
            500.. => Cause::Unavailable(format!("Vault answered {code}{words}")),
            _ => Cause::Malformed(format!("Vault answered {code}, which is no answer of its API")),
        }
    }

    fn quote(words: &[String], asked: Asked<'_>) -> String {
        if asked.secret || words.is_empty() {
            return String::new();
        }
        let text = words.join("; ").split_whitespace().collect::<Vec<_>>().join(" ");
        format!(": {text}")
    }

    fn unanswered(self, asked: Asked<'_>) -> Cause {
        match self {
            Self::Transport(cause) => cause,
            _ => Cause::Malformed(format!("the answer for `{}` is not what Vault's API says", asked.path)),
        }
    }
}

const LOG_IN: &str = "log in to Vault again and set VAULT_TOKEN";
const UNSEAL: &str = "unseal it (`vault operator unseal`, or in its web page) and run again";

fn unknown_token() -> Cause {
    Cause::Unauthenticated("Vault does not know the token, or it has expired".into())
}

fn forbidden(action: &str, asked: Asked<'_>) -> Error {
    let Asked { path, capability, .. } = asked;
    let named = capability.replace(" and ", "` and `");
    let lack = format!("the token lacks the capability `{named}` on `{path}` (403)");
    Error::new(action, Cause::Forbidden(lack)).hint(format!(
        "a policy of the token needs: path \"{path}\" {{ capabilities = [\"{}\"] }}",
        capability.replace(" and ", "\", \"")
    ))
}
