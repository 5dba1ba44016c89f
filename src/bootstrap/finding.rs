//! A finding of `status` or `doctor`.

use super::Error;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: String,
    /// Whether it is sound.
    pub sound: bool,
    /// What was found.
    pub detail: String,
    /// What to do, where it is not sound.
    pub hint: Option<String>,
}

impl Finding {
    /// It is as it should be.
    pub fn sound(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { check: check.into(), sound: true, detail: detail.into(), hint: None }
    }

    /// It is not.
    pub fn unsound(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { check: check.into(), sound: false, detail: detail.into(), hint: None }
    }

    /// The same with what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// It could not be found out.
    pub fn unknown(check: impl Into<String>, error: &Error) -> Self {
        Self { check: check.into(), sound: false, detail: error.in_one_line(), hint: error.hint() }
    }
}
