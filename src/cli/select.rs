//! Which tasks of a runbook: `--from` and `--only`.

use clap::Args;

use crate::bootstrap::{Error, Task};

/// Names within this edit distance share of their length are thought to be meant (0 to 1, higher is nearer).
const NEAR: f64 = 0.7;

/// Which tasks of a runbook.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Select {
    /// Begin at this task of the runbook
    #[arg(long, value_name = "TASK", conflicts_with = "only")]
    from: Option<String>,
    /// Only these tasks of the runbook
    #[arg(long, value_name = "TASK", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,
}

impl Select {
    /// The chosen tasks, in the order of the runbook.
    pub(super) fn of(&self, mut tasks: Vec<Task>) -> Result<Vec<Task>, Error> {
        if let Some(from) = &self.from {
            let first = position(&tasks, from)?;
            tasks.drain(..first);
        }
        if !self.only.is_empty() {
            let mut chosen =
                self.only.iter().map(|name| position(&tasks, name)).collect::<Result<Vec<_>, _>>()?;
            chosen.sort_unstable();
            let mut number = 0..;
            tasks.retain(|_| number.next().is_some_and(|at: usize| chosen.contains(&at)));
        }
        Ok(tasks)
    }
}

/// The place of a task by its full name, or by its last part.
fn position(tasks: &[Task], name: &str) -> Result<usize, Error> {
    tasks
        .iter()
        .position(|task| task.name == name)
        .or_else(|| tasks.iter().position(|task| task.short_name() == name))
        .ok_or_else(|| Error::Unknown {
            what: "task",
            within: " in this runbook",
            name: name.to_owned(),
            known: nearest(tasks, name),
        })
}

/// The name that was probably meant, or else all.
fn nearest(tasks: &[Task], name: &str) -> Vec<String> {
    let likeness = |task: &Task| {
        strsim::normalized_levenshtein(task.short_name(), name)
            .max(strsim::normalized_levenshtein(&task.name, name))
    };
    let best = tasks.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best.filter(|task| likeness(task) >= NEAR) {
        Some(task) => vec![task.short_name().to_owned()],
        None => tasks.iter().map(|task| task.short_name().to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks() -> Vec<Task> {
        ["create-namespaces", "generate-deploy-key", "helmfile"]
            .map(|name| Task {
                name: format!("k8s:bootstrap:{name}"),
                summary: String::new(),
                needs: Vec::new(),
                steps: Vec::new(),
            })
            .into()
    }

    fn names(from: Option<&str>, only: &[&str]) -> Result<Vec<String>, Error> {
        let select = Select {
            from: from.map(str::to_owned),
            only: only.iter().map(|name| (*name).to_owned()).collect(),
        };
        Ok(select.of(tasks())?.iter().map(|task| task.short_name().to_owned()).collect())
    }

    #[test]
    fn nothing_chosen_is_everything() {
        assert_eq!(names(None, &[]).unwrap().len(), 3);
    }

    #[test]
    fn from_drops_what_is_before_it() {
        assert_eq!(names(Some("generate-deploy-key"), &[]).unwrap(), ["generate-deploy-key", "helmfile"]);
        assert_eq!(names(Some("k8s:bootstrap:helmfile"), &[]).unwrap(), ["helmfile"]);
    }

    #[test]
    fn only_keeps_the_order_of_the_runbook() {
        assert_eq!(
            names(None, &["helmfile", "create-namespaces"]).unwrap(),
            ["create-namespaces", "helmfile"]
        );
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest_and_a_strange_one_with_all() {
        let known = |name| match names(Some(name), &[]) {
            Err(Error::Unknown { known, .. }) => known,
            other => panic!("{other:?}"),
        };
        assert_eq!(known("create-namespace"), ["create-namespaces"]);
        assert_eq!(known("x").len(), 3);
    }
}
