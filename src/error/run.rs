//! What is told of a run that could not go on.

use super::{Exit, yaml_problem};
use crate::bootstrap;
use crate::report::Problem;

/// The code that the process ends with.
pub(super) fn exit(error: &bootstrap::Error) -> Exit {
    use bootstrap::Error as E;
    match error {
        E::NotConverged { .. } => Exit::No,
        E::InTask { source, .. } => exit(source),
        E::Several(errors) if errors.iter().all(|error| exit(error) == Exit::No) => Exit::No,
        E::Several(_)
        | E::Remote(_)
        | E::Source(_)
        | E::Yaml(_)
        | E::File { .. }
        | E::Unknown { .. }
        | E::Circle(_)
        | E::InputMissing { .. }
        | E::Unfit { .. }
        | E::Foreign { .. }
        | E::WaitedTooLong { .. }
        | E::Failed { .. }
        | E::Program { .. }
        | E::Locked { .. }
        | E::Preflight(_)
        | E::Seal(_)
        | E::NotWritten { .. }
        | E::Stopped { .. } => Exit::CouldNot,
    }
}

/// The error taken apart, to be told.
pub(super) fn problem(error: &bootstrap::Error) -> Problem {
    use bootstrap::Error as E;
    match error {
        E::InTask { source, .. } => problem(source).under(error.to_string()),
        E::Yaml(error) => yaml_problem(error),
        E::Preflight(errors) => several(error, errors.iter().map(unstarted)),
        E::Several(errors) => several(error, errors.iter().map(problem)),
        E::Stopped { done, .. } if *done > 0 => Problem {
            error: format!("{error}; {done} task{} done", if *done == 1 { " is" } else { "s are" }),
            hint: error.hint(),
            ..Problem::default()
        },
        _ => {
            let mut problem = Problem { hint: error.hint(), ..Problem::of(error) };
            problem.causes.extend(error.reason().map(str::to_owned));
            problem
        }
    }
}

fn several(error: &bootstrap::Error, parts: impl Iterator<Item = Problem>) -> Problem {
    Problem { parts: parts.collect(), hint: error.hint(), ..Problem::of(error) }
}

/// What was found before the first write: nothing has failed yet.
fn unstarted(error: &bootstrap::Error) -> Problem {
    let problem = problem(error);
    match error {
        bootstrap::Error::InTask { task, .. } => {
            Problem { error: format!("task `{task}` cannot run"), ..problem }
        }
        _ => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Error;
    use super::*;
    use crate::remote::{self, Cause};
    use crate::yaml;

    fn not_converged() -> bootstrap::Error {
        bootstrap::Error::NotConverged { task: "a".into(), left: "Secret `b/c`".into() }
    }

    fn refused() -> bootstrap::Error {
        remote::Error::new(
            "store the deploy key in Vault at `secret/k8s/x`",
            Cause::Forbidden("403 denied".into()),
        )
        .hint("the token needs \"update\" on this path")
        .into()
    }

    fn in_task(source: bootstrap::Error) -> bootstrap::Error {
        bootstrap::Error::InTask { task: "store-deploy-key".into(), source: Box::new(source) }
    }

    #[test]
    fn not_converged_is_a_no_wherever_it_stands() {
        for error in
            [not_converged(), in_task(not_converged()), bootstrap::Error::Several(vec![not_converged()])]
        {
            assert_eq!(Error::from(error).exit_code(), Exit::No);
        }
    }

    #[test]
    fn a_refusal_beside_it_is_a_could_not() {
        let both = bootstrap::Error::Several(vec![not_converged(), refused()]);
        assert_eq!(Error::from(both).exit_code(), Exit::CouldNot);
        let stopped = bootstrap::Error::Stopped { why: "by Ctrl-C".into(), done: 1, next: None };
        assert_eq!(Error::from(stopped).exit_code(), Exit::CouldNot);
    }

    #[test]
    fn a_task_that_was_refused_names_task_object_cause_and_cure() {
        let problem = Error::from(in_task(refused())).problem();
        assert_eq!(problem.error, "task `store-deploy-key` failed");
        assert_eq!(problem.causes, ["cannot store the deploy key in Vault at `secret/k8s/x`", "403 denied"]);
        assert_eq!(problem.hint.as_deref(), Some("the token needs \"update\" on this path"));
    }

    #[test]
    fn reasons_are_causes() {
        let waited = bootstrap::Error::WaitedTooLong {
            object: "Deployment `flux`".into(),
            wanted: "ready".into(),
            seconds: 300,
            reason: "ImagePullBackOff".into(),
        };
        assert_eq!(Error::from(waited).problem().causes, ["ImagePullBackOff"]);
    }

    #[test]
    fn several_keep_their_own_causes_and_cures() {
        let problem = Error::from(bootstrap::Error::Preflight(vec![refused(), not_converged()])).problem();
        assert_eq!(problem.error, "2 problems before the first write");
        assert_eq!(problem.parts[0].causes, ["403 denied"]);
        assert!(problem.parts[1].hint.is_some());
    }

    #[test]
    fn a_wrong_setting_keeps_its_snippet_in_a_task_too() {
        let wrong = yaml::Error {
            file: "t.yaml".into(),
            place: Some((2, 3)),
            message: "unknown field".into(),
            snippet: Some("2 | nmae".into()),
            hint: None,
        };
        let problem = Error::from(in_task(wrong.into())).problem();
        assert_eq!(problem.causes, ["t.yaml:2:3: unknown field"]);
        assert_eq!(problem.snippet.as_deref(), Some("2 | nmae"));
    }

    #[test]
    fn a_stop_says_how_far_it_came_and_how_to_go_on() {
        let stopped =
            bootstrap::Error::Stopped { why: "by Ctrl-C".into(), done: 3, next: Some("helmfile".into()) };
        let problem = Error::from(stopped).problem();
        assert_eq!(problem.error, "stopped by Ctrl-C; 3 tasks are done");
        assert!(problem.hint.is_some_and(|hint| hint.contains("--from helmfile")));
    }
}
