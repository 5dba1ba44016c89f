//! `sealstrap tasks`: what can be run, how it is written, and a copy to change.

use std::io::Write;
use std::path::Path;

use clap::{Args, Subcommand};

use super::caller::Caller;
use super::run::list_tasks;
use crate::error::{Error, Exit};
use crate::report::{Event, Kind};

/// List, show and copy tasks and runbooks
///
/// Tasks and runbooks are YAML files inside this program. A file of the same name below `.sealstrap/` in
/// your repository replaces one; other names add to them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap tasks
  sealstrap tasks show create-namespaces
  sealstrap tasks copy create-namespaces         # to .sealstrap/tasks/…, to be changed there")]
pub(super) struct Tasks {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List all tasks and runbooks (the default)
    #[command(after_help = "Examples:\n  sealstrap tasks list")]
    List,
    /// Print the file of a task or runbook
    #[command(after_help = "Examples:\n  sealstrap tasks show k8s:bootstrap:store-deploy-key")]
    Show {
        /// Its name
        name: String,
    },
    /// Copy the file of a task or runbook below `.sealstrap/`, where it replaces the built-in one
    #[command(after_help = "Examples:\n  sealstrap tasks copy flux-vault")]
    Copy {
        /// Its name
        name: String,
    },
}

impl Tasks {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let library = caller.library()?;
        match self.what.unwrap_or(What::List) {
            What::List => {
                for entry in library.runbooks() {
                    let (name, summary, own) = (entry.name, entry.summary, entry.own);
                    caller.printer.event(&Event::Listed { kind: Kind::Runbook, name, summary, own });
                }
                list_tasks(caller, &library);
            }
            What::Show { name } => caller.printer.data(&library.text(&name)?.1),
            What::Copy { name } => {
                let (place, text) = library.text(&name)?;
                let file = caller.root()?.join(".sealstrap").join(place);
                write_new(&file, &text)?;
                caller.printer.event(&Event::Written { file: file.display().to_string() });
            }
        }
        Ok(Exit::Done)
    }
}

/// Writes a file that is not there yet, and its folders.
pub(super) fn write_new(file: &Path, text: &str) -> Result<(), Error> {
    let write = || {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let written = std::fs::File::create_new(file)?.write_all(text.as_bytes());
        // Half a file would be in the way of the next attempt.
        written.inspect_err(|_| drop(std::fs::remove_file(file)))
    };
    write().map_err(Error::system(format!("write {}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_with_its_folders_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tasks/k8s/a.yaml");
        write_new(&file, "first").unwrap();
        let refused = write_new(&file, "second").unwrap_err();
        assert!(refused.to_string().starts_with("cannot write "));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "first");
    }
}
