//! A task: a named unit that a person can run alone, and the steps it lists.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::step::Step;

/// The file of a task, before its expressions are rendered.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "A sealstrap task")]
pub struct TaskFile {
    /// One line on what is true once it has run.
    pub summary: String,
    /// Tasks that must have run before.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The runbook that this task stands for, where it is a whole.
    #[serde(default)]
    pub runbook: Option<String>,
    /// The steps, in order. Each is a mapping with one kind of step, and may carry `when` and `forEach`.
    #[serde(default)]
    pub ensure: Vec<Value>,
}

/// A task with its expressions rendered.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its full name, for example `k8s:bootstrap:create-namespaces`.
    pub name: String,
    /// One line on what is true once it has run.
    pub summary: String,
    /// Full names of the tasks that must have run before.
    pub needs: Vec<String>,
    /// Its steps.
    pub steps: Vec<Step>,
}

impl Task {
    /// The last part of its name.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or(&self.name)
    }
}
