//! All that can go wrong in a command, told apart as complaint, causes and cure, and the exit codes.

use std::io;
use std::process::ExitCode;

use crate::report::Problem;
use crate::{bootstrap, external, hook, init, new, remote, scan, seal, settings, source, yaml};

/// The exit codes of the process; there are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or there was nothing to do.
    Done = 0,
    /// The answer is no: drift, not converged, not agreed to.
    No = 1,
    /// It could not: usage, network, configuration, stopped.
    CouldNot = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was typed does not fit together.
    #[error("{complaint}")]
    Usage {
        /// What does not fit.
        complaint: String,
        /// What would.
        hint: String,
    },
    /// There are no usable settings.
    #[error(transparent)]
    Settings(#[from] settings::Error),
    /// A run could not go on.
    #[error(transparent)]
    Bootstrap(#[from] bootstrap::Error),
    /// The first settings file was not written.
    #[error(transparent)]
    Init(#[from] init::Error),
    /// An application was not made.
    #[error(transparent)]
    New(#[from] new::Error),
    /// Something cannot be sealed, or is not sealed as it must be.
    #[error(transparent)]
    Seal(#[from] seal::Error),
    /// A certificate that is not to be sealed with.
    #[error("cannot seal with {which}")]
    Certificate {
        /// Whose it is, and where it was: ``the certificate of cluster `home` (keys/sealing.pem)``.
        which: String,
        /// What is wrong with it.
        source: seal::Error,
    },
    /// Something cannot be an ExternalSecret, or is none as it must be.
    #[error(transparent)]
    External(#[from] external::Error),
    /// A file of YAML cannot be edited.
    #[error(transparent)]
    Yaml(#[from] yaml::Error),
    /// What was to be scanned could not be had.
    #[error(transparent)]
    Scan(#[from] scan::GitError),
    /// What the repository says about findings cannot be used.
    #[error(transparent)]
    Policy(#[from] scan::PolicyError),
    /// A hook was not put in its place, or not taken away.
    #[error(transparent)]
    Hook(#[from] hook::Error),
    /// A remote refused.
    #[error(transparent)]
    Remote(#[from] remote::Error),
    /// A value could not be had from its source.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// More than one thing went wrong.
    #[error("{complaint}")]
    Several {
        /// What they come to.
        complaint: String,
        /// Each of them.
        errors: Vec<Error>,
    },
    /// A second signal, while the write under way was waited for.
    #[error("stopped at once, without waiting for the write under way")]
    Cut,
    /// The system refused something of this command's own: a file, a port, a signal.
    #[error("cannot {action}")]
    System {
        /// What was tried, to be read after "cannot".
        action: String,
        /// The system's word.
        source: io::Error,
    },
}

impl Error {
    /// What the system refused.
    pub fn system(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::System { action, source }
    }

    /// Several as one; one alone stays itself.
    #[must_use]
    pub fn several(complaint: String, mut errors: Vec<Self>) -> Self {
        if errors.len() == 1 { errors.swap_remove(0) } else { Self::Several { complaint, errors } }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Seal(error) => error.hint(),
            Self::External(error) => error.hint(),
            Self::Certificate { source, .. } => Some(of_certificate(source).to_owned()),
            Self::Yaml(error) => error.hint.clone(),
            Self::Scan(error) => error.hint().map(str::to_owned),
            Self::Policy(error) => error.hint().map(str::to_owned),
            Self::Remote(error) => error.way_on(),
            Self::Source(source::Error::File { source, .. }) => {
                Some(of_system(source).unwrap_or("name a file that is there").to_owned())
            }
            Self::Source(error) => error.hint(),
            Self::Several { .. } => None,
            Self::Usage { hint, .. } => Some(hint.clone()),
            Self::Settings(error) => settings_hint(error),
            Self::Bootstrap(error) => error.hint(),
            Self::Cut => Some("run the same command again: it looks first, and goes on from there".into()),
            Self::Hook(hook::Error::File { source, .. })
            | Self::Init(init::Error::File { source, .. })
            | Self::New(new::Error::File { source, .. })
            | Self::System { source, .. } => of_system(source).map(str::to_owned),
            Self::Init(error) => error.hint(),
            Self::New(error) => error.hint(),
            Self::Hook(error) => error.hint(),
        }
    }

    /// The code that the process ends with.
    #[must_use]
    pub fn exit_code(&self) -> Exit {
        match self {
            Self::Bootstrap(error) => of_bootstrap(error),
            Self::Seal(error) if is_unopened(error) => Exit::No,
            Self::Several { errors, .. } if errors.iter().all(|error| error.exit_code() == Exit::No) => {
                Exit::No
            }
            Self::Usage { .. }
            | Self::Settings(_)
            | Self::Init(_)
            | Self::New(_)
            | Self::Seal(_)
            | Self::External(_)
            | Self::Certificate { .. }
            | Self::Yaml(_)
            | Self::Scan(_)
            | Self::Policy(_)
            | Self::Hook(_)
            | Self::Remote(_)
            | Self::Source(_)
            | Self::Several { .. }
            | Self::Cut
            | Self::System { .. } => Exit::CouldNot,
        }
    }

    /// The error taken apart, to be told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Settings(settings::Error::Yaml(error))
            | Self::New(new::Error::Yaml(error))
            | Self::Yaml(error) => yaml_problem(error),
            Self::Bootstrap(error) => bootstrap_problem(error),
            Self::Seal(seal::Error::Several(errors)) => {
                let parts = errors.iter().map(|error| Self::Seal(error.clone()).problem());
                let error = format!("{} problems", errors.len());
                Problem { error, parts: parts.collect(), ..Problem::default() }
            }
            Self::External(external::Error::Several(errors)) => {
                let parts = errors.iter().map(|error| Self::External(error.clone()).problem());
                let error = format!("{} problems", errors.len());
                Problem { error, parts: parts.collect(), ..Problem::default() }
            }
            Self::Several { errors, .. } => {
                Problem { parts: errors.iter().map(Self::problem).collect(), ..Problem::of(self) }
            }
            Self::Remote(error) => {
                let causes = vec![error.cause.to_string()];
                Problem { hint: self.hint(), causes, ..Problem::of(self) }
            }
            Self::New(new::Error::Clashes(clashes)) if clashes.len() > 1 => {
                let part = |clash: &new::Clash| Problem { error: clash.to_string(), ..Problem::default() };
                Problem { parts: clashes.iter().map(part).collect(), hint: self.hint(), ..Problem::of(self) }
            }
            Self::Usage { .. }
            | Self::Settings(_)
            | Self::Init(_)
            | Self::New(_)
            | Self::Seal(_)
            | Self::External(_)
            | Self::Certificate { .. }
            | Self::Scan(_)
            | Self::Policy(_)
            | Self::Hook(_)
            | Self::Source(_)
            | Self::Cut
            | Self::System { .. } => Problem { hint: self.hint(), ..Problem::of(self) },
        }
    }
}

/// Whether there was nothing wrong but that no key opens it.
fn is_unopened(error: &seal::Error) -> bool {
    match error {
        seal::Error::NoKey | seal::Error::NoKeyFor(_) => true,
        seal::Error::Several(errors) => errors.iter().all(is_unopened),
        _ => false,
    }
}

/// What helps where a certificate is not to be used.
fn of_certificate(error: &seal::Error) -> &'static str {
    match error {
        seal::Error::Expired { .. } => {
            "pin the one that the controller serves now: `sealstrap cert pin --replace`"
        }
        seal::Error::NotYetValid { .. } => "check the clock of this machine",
        _ => "fetch the controller's own: `sealstrap cert fetch`, or pin it with `sealstrap cert pin`",
    }
}

/// What helps where the system refused.
fn of_system(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Some("make room there, or write to another place, then run the same command again")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Some("write to a place that you own, or change its permissions")
        }
        io::ErrorKind::NotFound => Some("check the path: it is relative to the current folder"),
        io::ErrorKind::AlreadyExists => Some("move it away, or edit the one that is there"),
        io::ErrorKind::ResourceBusy => Some("run the same command again: it goes on from what is there now"),
        _ => None,
    }
}

fn settings_hint(error: &settings::Error) -> Option<String> {
    match error {
        settings::Error::Missing(_) => Some(
            "write one with `sealstrap init`, or rehearse without any: `sealstrap bootstrap --sandbox`"
                .into(),
        ),
        other => other.hint(),
    }
}

fn of_bootstrap(error: &bootstrap::Error) -> Exit {
    use bootstrap::Error as E;
    match error {
        E::NotConverged { .. } => Exit::No,
        E::InTask { source, .. } => of_bootstrap(source),
        E::Several(errors) if errors.iter().all(|error| of_bootstrap(error) == Exit::No) => Exit::No,
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

fn bootstrap_problem(error: &bootstrap::Error) -> Problem {
    use bootstrap::Error as E;
    match error {
        E::InTask { source, .. } => bootstrap_problem(source).under(error.to_string()),
        E::Yaml(error) => yaml_problem(error),
        E::Preflight(errors) => several(error, errors.iter().map(unstarted)),
        E::Several(errors) => several(error, errors.iter().map(bootstrap_problem)),
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
    let problem = bootstrap_problem(error);
    match error {
        bootstrap::Error::InTask { task, .. } => {
            Problem { error: format!("task `{task}` cannot run"), ..problem }
        }
        _ => problem,
    }
}

fn yaml_problem(error: &yaml::Error) -> Problem {
    Problem { snippet: error.snippet.clone(), hint: error.hint.clone(), ..Problem::of(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::{self, Cause};

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
