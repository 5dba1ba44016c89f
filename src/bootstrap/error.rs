//! Why a run could not go on.

use std::path::PathBuf;

use crate::{remote, seal, source, yaml};

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A remote refused.
    #[error(transparent)]
    Remote(#[from] remote::Error),
    /// A value could not be had.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// A file of ours is wrong.
    #[error(transparent)]
    Yaml(#[from] yaml::Error),
    /// A value, a certificate or a file of sealing cannot be used.
    #[error(transparent)]
    Seal(#[from] seal::Error),
    /// A file of the repository was not written.
    #[error("cannot write {}", file.display())]
    NotWritten {
        /// The file.
        file: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read {}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A name that is in no library.
    #[error("there is no {what} `{name}`{within}")]
    Unknown {
        /// `task` or `runbook`.
        what: &'static str,
        /// Where it was looked for, where that needs saying.
        within: &'static str,
        /// The name.
        name: String,
        /// The nearest names, or all.
        known: Vec<String>,
    },
    /// Needs that go in a circle.
    #[error("tasks need each other in a circle: {}", .0.join(" → "))]
    Circle(Vec<String>),
    /// A step's input does not exist.
    #[error("cannot {action}: {input} is missing")]
    InputMissing {
        /// What the step would have done.
        action: String,
        /// What is missing.
        input: String,
        /// The tasks that make it.
        makers: Vec<String>,
    },
    /// After a change, looking again still finds a difference.
    #[error("task `{task}` did not converge: {left} still differs after it was written")]
    NotConverged {
        /// The task.
        task: String,
        /// What still differs.
        left: String,
    },
    /// A value or file that cannot be used, in our own words.
    #[error("cannot use {what}")]
    Unfit {
        /// The value's or the file's name.
        what: String,
        /// Why.
        reason: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Something that carries no mark of ours stands where we would write.
    #[error("{object} belongs to {owner}")]
    Foreign {
        /// The object.
        object: String,
        /// Its owner, as far as it can be told.
        owner: String,
        /// What to do.
        hint: String,
    },
    /// A wait ended without its condition.
    #[error("{object} did not become {wanted} within {seconds} s")]
    WaitedTooLong {
        /// The object.
        object: String,
        /// The condition.
        wanted: String,
        /// The deadline.
        seconds: u64,
        /// The remote's own reason and message.
        reason: String,
    },
    /// A state that waiting cannot mend.
    #[error("{object} failed")]
    Failed {
        /// The object.
        object: String,
        /// The remote's own reason and message.
        reason: String,
    },
    /// A program that is missing or failed.
    #[error("cannot run `{program}`")]
    Program {
        /// The program.
        program: String,
        /// Why; its output is masked.
        reason: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Another run holds the lock.
    #[error("another run is at work on this cluster: {holder}")]
    Locked {
        /// Its identity.
        holder: String,
    },
    /// Found before the first write, all at once.
    #[error("{} problem{} before the first write", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Preflight(Vec<Error>),
    /// Several tasks failed side by side.
    #[error("{} tasks failed", .0.len())]
    Several(Vec<Error>),
    /// Ctrl-C or the deadline of the run.
    #[error("stopped {why}")]
    Stopped {
        /// `by Ctrl-C`, `after 30m`.
        why: String,
        /// Tasks that were done.
        done: usize,
        /// The task to go on with.
        next: Option<String>,
    },
    /// Adds the task's name to what went wrong in it.
    #[error("task `{task}` failed")]
    InTask {
        /// The task.
        task: String,
        /// What went wrong.
        source: Box<Error>,
    },
}

impl Error {
    /// What to do about it, apart from the complaint.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Remote(error) => error.way_on(),
            Self::Source(error) => error.hint(),
            Self::Yaml(error) => error.hint.clone(),
            Self::Seal(error) => error.hint(),
            Self::NotWritten { source, .. } => Some(after_writing(source).into()),
            Self::Unfit { hint, .. } | Self::Program { hint, .. } => hint.clone(),
            Self::Foreign { hint, .. } => Some(hint.clone()),
            Self::Unknown { what, known, .. } => Some(among(what, known)),
            Self::File { .. } => {
                Some("correct the path: those in `sealstrap.yaml` are relative to its own folder".into())
            }
            Self::Circle(_) => {
                Some("take one of these needs out: `needs` of the task files below `.sealstrap/tasks`".into())
            }
            Self::InputMissing { makers, .. } if !makers.is_empty() => {
                Some(format!("run {} first", makers.join(" or ")))
            }
            Self::NotConverged { .. } => {
                Some("something else writes the same object; find it before running again".into())
            }
            Self::Locked { .. } => {
                Some("wait for it to end: it keeps Lease `kube-system/sealstrap` alive, which ends within 15 s of it".into())
            }
            Self::WaitedTooLong { .. } => Some(
                "mend what it waits for, then run the same command again; `timeouts.wait` allows more time".into(),
            ),
            Self::Failed { .. } => Some("mend the reason, then run the same command again".into()),
            Self::Stopped { next: Some(next), .. } => {
                Some(format!("run the same command again, or go on with `--from {next}`"))
            }
            Self::Stopped { next: None, .. } => Some("nothing was written; run the same command again".into()),
            Self::InTask { source, .. } => source.hint(),
            Self::InputMissing { .. }
            | Self::Preflight(_)
            | Self::Several(_) => None,
        }
    }

    /// The reason, where it is not the error's source.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Unfit { reason, .. }
            | Self::WaitedTooLong { reason, .. }
            | Self::Failed { reason, .. }
            | Self::Program { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

/// What to do where a file was not written.
fn after_writing(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::ResourceBusy => "look at what changed, then run the same command again",
        _ => "make room, or change the permissions there, then run the same command again",
    }
}

/// More names than these are not listed: they are no help.
const NAMES_SHOWN: usize = 5;

/// The names that may have been meant, nearest first, and how to see all.
fn among(what: &str, known: &[String]) -> String {
    if known.len() <= NAMES_SHOWN {
        return format!("there is: {}", known.join(", "));
    }
    let nearest = known[..3].iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let all = if what.starts_with("task") { "sealstrap run --list" } else { "sealstrap tasks" };
    format!("the nearest are {nearest}; `{all}` lists all")
}

impl Error {
    /// The complaint with its reasons, in one line.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        let mut line = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            line = format!("{line}: {error}");
            cause = error.source();
        }
        if let Some(reason) = self.reason() {
            line = format!("{line}: {reason}");
        }
        line
    }
}
