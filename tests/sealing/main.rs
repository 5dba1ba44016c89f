//! The verbs of sealing, run as people run them: what is written, what stays, what is refused and in which words.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails where something is missing; PATH is passed on"
)]

mod cert;
mod controller;
mod one_value;
mod refused;
mod reseal;
mod scene;
mod seal;
mod unchanged;
