//! The places where secrets stand in the documents of a cluster, and what is made of them.

mod annotation;
mod assigned;
mod config;
mod environment;
mod external;
mod kustomize;
mod list;
mod look;
mod object;
mod samples;
mod sealed;
mod secret;
mod sops;
mod terraform;
#[cfg(test)]
mod tests;

pub(super) use assigned::{Extent, value};
pub use kustomize::unquoted;
pub use list::Place;
pub use look::{Leak, Seen, Source, Tally, look, look_at_lines, look_at_source};
pub use object::Object;
pub use samples::{BENIGN, LEAKS, Sample};
pub(super) use terraform::variable;
