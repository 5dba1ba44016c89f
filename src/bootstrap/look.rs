//! What a step sees when it looks.

use crate::report::Change;

/// What a step sees when it looks at the remotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Everything is as the step says; nothing to write.
    Holds,
    /// What would have to be written (or waited for).
    Differs(Vec<Change>),
    /// The step's own input does not exist yet: another task makes it.
    Awaits {
        /// What would be written then.
        change: Change,
        /// What is missing, for example ``the private key in Vault at `secret/k8s/github-deploy` ``.
        input: String,
    },
}

impl Look {
    /// `Holds` when there are no changes.
    #[must_use]
    pub fn of(changes: Vec<Change>) -> Self {
        if changes.is_empty() { Self::Holds } else { Self::Differs(changes) }
    }
}

impl From<Change> for Look {
    fn from(change: Change) -> Self {
        Self::Differs(vec![change])
    }
}
