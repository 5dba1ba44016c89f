//! The runner: order, concurrency, plan, apply, plan again, the lock, the stop.

use super::{Error, Task, World};

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Looks only.
    Plan,
    /// Looks, then changes.
    Apply,
}

/// A run of tasks in a world.
pub struct Run<'a> {
    /// The runbook's name, or `run`.
    pub name: &'a str,
    /// The tasks in an order that their needs allow.
    pub tasks: &'a [Task],
    /// The world.
    pub world: &'a World,
}

/// What a run did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tasks that held.
    pub held: usize,
    /// Tasks with changes.
    pub changed: usize,
    /// Changes.
    pub changes: usize,
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, reason = "skeleton")]
impl Run<'_> {
    /// Looks at all tasks side by side, and tells the plan as events; nothing is written.
    pub async fn plan(&self) -> Result<Summary, Error> {
        todo!()
    }

    /// Makes the tasks so. `plan` must have been called: only tasks that differed are visited again.
    /// Takes the lock, runs in order of needs, looks again after each change, gives the lock back.
    pub async fn apply(&self) -> Result<Summary, Error> {
        todo!()
    }
}
