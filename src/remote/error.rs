//! What a remote refused, and what to do about it.

use std::fmt;

/// A request that did not do what it was made for: `cannot ACTION`, because of CAUSE, and what helps.
///
/// Holds names, addresses, codes and the remote's own words about permissions and conditions; never a value
/// of a secret, and never a body that could echo one.
#[derive(Debug)]
pub struct Error {
    /// What was tried, to be read after "cannot": ``store the deploy key in Vault at `secret/k8s/x` ``.
    pub action: String,
    /// Why it did not work.
    pub cause: Cause,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Why a request did not work; each is another sentence and another way on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// No connection: the address and the system's word.
    Unreachable {
        /// Where to.
        address: String,
        /// The system's word.
        reason: String,
    },
    /// No answer within the deadline.
    TimedOut {
        /// Where to.
        address: String,
        /// How long was waited.
        seconds: u64,
    },
    /// Its certificate is not vouched for.
    Untrusted {
        /// Whose certificate it is.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// 401: who asks is not known.
    Unauthenticated(String),
    /// 403: who asks may not.
    Forbidden(String),
    /// 404, or its equivalent.
    NotFound(String),
    /// 409, check-and-set: somebody else changed or owns it. Holds the owner or what changed.
    Conflict(String),
    /// 400, 422: it does not take this; its reason in words that hold no value.
    Invalid(String),
    /// 429, or GitHub's 403 for it.
    RateLimited(String),
    /// 5xx and states such as sealed or standby.
    Unavailable(String),
    /// It answered what cannot be understood.
    Malformed(String),
    /// Something on this side: a file, a setting.
    Local(String),
}

impl Error {
    /// `cannot ACTION: CAUSE`.
    pub fn new(action: impl Into<String>, cause: Cause) -> Self {
        Self { action: action.into(), cause, hint: None }
    }

    /// The same with what helps.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What helps: what was said where it happened, or what helps with such a cause in general.
    #[must_use]
    pub fn way_on(&self) -> Option<String> {
        self.hint.clone().or_else(|| self.cause.way_on().map(str::to_owned))
    }

    /// Whether asking again later may help.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(
            self.cause,
            Cause::Unreachable { .. }
                | Cause::TimedOut { .. }
                | Cause::RateLimited(_)
                | Cause::Unavailable(_)
        )
    }
}

impl Cause {
    /// What helps with a cause of this kind, whatever was asked.
    fn way_on(&self) -> Option<&'static str> {
        Some(match self {
            Self::Unreachable { .. } => {
                "check the address, the network and that the server runs, then run the same command again"
            }
            Self::TimedOut { .. } => {
                "check the network, or allow more time with `timeouts.request`, then run the same command again"
            }
            Self::Untrusted { .. } => {
                "find out who answers there; an authority of your own is named in `vault.ca`, in `git.ca` or in \
                 the kubeconfig"
            }
            Self::Unauthenticated(_) => "log in again, then run the same command again",
            Self::Forbidden(_) => {
                "ask whoever administers the server for this right, then run the same command again"
            }
            Self::NotFound(_) => "check the names and addresses in `sealstrap.yaml`",
            Self::Conflict(_) => "run the same command again: it goes on from what is there now",
            Self::Invalid(_) => "the log of the server says what it does not take",
            Self::RateLimited(_) => "wait a while, then run the same command again",
            Self::Unavailable(_) => {
                "run the same command again once the server is well; its own log says what ails it"
            }
            Self::Malformed(_) => {
                "check that the address is the server's own, not that of a proxy or a web page"
            }
            Self::Local(_) => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}", self.action)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { address, reason } => write!(f, "`{address}` cannot be reached: {reason}"),
            Self::TimedOut { address, seconds } => write!(f, "`{address}` did not answer within {seconds} s"),
            Self::Untrusted { address, reason } => {
                write!(f, "the certificate of `{address}` is not trusted: {reason}")
            }
            Self::Unauthenticated(text)
            | Self::Forbidden(text)
            | Self::NotFound(text)
            | Self::Conflict(text)
            | Self::Invalid(text)
            | Self::RateLimited(text)
            | Self::Unavailable(text)
            | Self::Malformed(text)
            | Self::Local(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Cause {}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
