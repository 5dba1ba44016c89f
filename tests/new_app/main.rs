//! `sealstrap new app` on copies of a repository: what is made, what is added to, what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails where something is missing; PATH is passed on"
)]

mod kept;
mod made;
mod refused;
mod repository;
