//! What is missing before the first run.

use super::{Finding, Task, World};

/// Asks all remotes that the tasks need whether they are reachable, sound, and grant the rights.
#[expect(unused_variables, clippy::todo, clippy::unused_async, reason = "skeleton")]
pub async fn examine(world: &World, tasks: &[Task]) -> Vec<Finding> {
    todo!()
}
