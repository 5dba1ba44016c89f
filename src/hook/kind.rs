//! The hooks that there are.

/// When Git runs a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Before each commit.
    PreCommit,
    /// Before each push, where it is made.
    PrePush,
    /// Before each push, where it arrives.
    PreReceive,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PreCommit, Self::PrePush, Self::PreReceive];

    /// The name that Git calls it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    /// What it may refuse.
    pub(super) fn deed(self) -> &'static str {
        match self {
            Self::PreCommit => "commit",
            Self::PrePush | Self::PreReceive => "push",
        }
    }

    /// The arguments with which it looks for secrets.
    pub(super) fn scan(self) -> &'static str {
        match self {
            Self::PreCommit => "scan --staged",
            Self::PrePush => "scan --stdin-refs --remote \"$1\"",
            Self::PreReceive => "scan --stdin-refs",
        }
    }

    /// Whether Git tells it on standard input what to look at.
    pub(super) fn is_told(self) -> bool {
        self != Self::PreCommit
    }
}
