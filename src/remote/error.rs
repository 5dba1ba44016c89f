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
