//! The name of the task whose steps are at work, for events that steps send.

use std::future::Future;

tokio::task_local! {
    static TASK: String;
}

/// Does `work` in the name of `task`.
pub(super) async fn named<T>(task: &str, work: impl Future<Output = T>) -> T {
    TASK.scope(task.to_owned(), work).await
}

/// The task at work; empty outside of all tasks, as while the lock is waited for.
pub(super) fn task() -> String {
    TASK.try_with(Clone::clone).unwrap_or_default()
}
