//! A runbook: the tasks of one way of running a cluster, in order.

use schemars::JsonSchema;
use serde::Deserialize;

/// The file of a runbook.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "A sealstrap runbook")]
pub struct Runbook {
    /// One line on what it is for.
    pub summary: String,
    /// Its tasks, by full name, in the order in which they are shown and, where needs allow, run.
    pub tasks: Vec<String>,
}
