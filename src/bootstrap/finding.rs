//! What a check of `status` or `doctor` found.

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: String,
    /// Whether it is sound.
    pub sound: bool,
    /// What was found.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<String>,
}
