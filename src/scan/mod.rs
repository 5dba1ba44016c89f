//! Plaintext secrets, found by what documents mean and by what credentials look like.
//!
//! Where the text comes from is for the callers: a tree, what is staged, a history. Here a text becomes findings.

mod allow;
mod archive;
mod area;
mod baseline;
mod check;
mod checked_out;
mod encoded;
mod engine;
mod finding;
mod fingerprint;
mod generators;
pub(crate) mod git;
pub mod gitleaks;
pub mod history;
mod identity;
mod lanes;
mod name;
pub mod pattern;
pub mod place;
mod policy;
mod reading;
pub mod rule;
pub mod rules;
mod scanner;
mod staged;
mod text;
pub mod verdict;
mod worktree;

pub use archive::{is_archive, scan_archive};
pub use area::{Area, Dummies, GlobError, Globs, Level};
pub use baseline::{Baseline, BaselineError, FILE as BASELINE, Found, Renewal, Standing, Words};
pub use finding::{Finding, Severity};
pub use fingerprint::FingerprintKey;
pub(crate) use generators::Generators;
pub use git::{Error as GitError, git_folder};
pub use policy::{Policy, PolicyError};
pub use scanner::{Scanned, scan, scan_source};
pub(crate) use staged::plain;
pub use staged::{Staged, prefix, scan_staged};
pub use text::{DOTS, Spot};
pub use worktree::{LARGEST, Looked, Skipped, file, scan_paths};
