//! Whether everything is still sound, end to end.

use super::{Error, Finding, Task, World};

/// Looks at every step, and compares what the remotes hold with each other; writes nothing.
#[expect(unused_variables, clippy::todo, clippy::unused_async, reason = "skeleton")]
pub async fn examine(world: &World, tasks: &[Task]) -> Result<Vec<Finding>, Error> {
    todo!()
}
