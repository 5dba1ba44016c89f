//! What cannot be made an ExternalSecret, a store or a Secret, and what helps.

/// Why something was refused. Holds names, paths and sizes, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A version of the operator that is none, or serves no v1.
    #[error("`{0}` is no version of External Secrets from 0.16 on")]
    Operator(String),
    /// A duration that Go does not read.
    #[error("`{0}` is no duration")]
    Interval(String),
    /// A pattern for paths that cannot be filled in.
    #[error("the path `{pattern}` {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What of it.
        reason: String,
    },
    /// Something in a file, or about a Secret of it.
    #[error("{place}: {complaint}")]
    Refused {
        /// `FILE:LINE (document N)`, or what else says where it is.
        place: String,
        /// What is wrong.
        complaint: String,
        /// What would help.
        hint: Option<String>,
    },
    /// A store that an API server or its operator would refuse.
    #[error("{kind} `{name}`: {complaint}")]
    Store {
        /// `SecretStore` or `ClusterSecretStore`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// What is wrong.
        complaint: String,
    },
    /// A policy that cannot be read.
    #[error("line {line} of the policy: {reason}")]
    Policy {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// What the reader of Secrets refuses.
    #[error(transparent)]
    Secret(#[from] crate::seal::Error),
    /// More than one of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<Error>),
}

impl From<crate::yaml::Error> for Error {
    fn from(error: crate::yaml::Error) -> Self {
        Self::Secret(error.into())
    }
}

impl Error {
    pub(super) fn refused(place: &str, complaint: impl Into<String>, hint: &str) -> Self {
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        Self::Refused { place: place.to_owned(), complaint: complaint.into(), hint }
    }

    /// All of them as one; nothing where there are none.
    pub(super) fn all(mut errors: Vec<Self>) -> Result<(), Self> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several(errors)),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { hint, .. } => hint.clone(),
            Self::Secret(error) => error.hint(),
            Self::Several(errors) => errors.iter().find_map(Self::hint),
            Self::Operator(_) => Some("write it as `2.9`".into()),
            Self::Interval(_) => Some("write it as `1h0m0s`, `15m0s` or `0s`".into()),
            Self::Pattern { .. } => Some("`{namespace}` and `{name}` stand for those of a Secret".into()),
            Self::Store { .. } => None,
            Self::Policy { .. } => {
                Some("write `path \"secret/data/app\" { capabilities = [\"read\"] }`".into())
            }
        }
    }
}
