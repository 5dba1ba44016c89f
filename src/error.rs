//! All that can go wrong in a command, told apart as complaint, causes and cure, and the exit codes.

mod run;

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
            Self::Bootstrap(error) => run::exit(error),
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
            Self::Bootstrap(error) => run::problem(error),
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

fn yaml_problem(error: &yaml::Error) -> Problem {
    Problem { snippet: error.snippet.clone(), hint: error.hint.clone(), ..Problem::of(error) }
}
