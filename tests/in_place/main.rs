//! Files that are edited in place: whatever happens in the middle, a file is the old or the new one, never else.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails where something is missing, and looks at what was sealed"
)]

mod edit;
mod kill;
mod scene;
mod trouble;
