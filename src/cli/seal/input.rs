//! What is to be sealed: files, folders, standard input.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::cli::caller::Caller;
use crate::cli::{files, input};
use crate::error::Error;
use crate::plain::Plain;

/// An input that is not read yet.
#[derive(Debug)]
pub(super) struct Input {
    /// The file; nothing for standard input.
    pub(super) file: Option<PathBuf>,
    /// Its path below the folder that was named; its name where it was named itself.
    pub(super) below: PathBuf,
    /// Whether it was named itself. Then it must hold a Secret.
    pub(super) named: bool,
}

impl Input {
    /// Its name for messages.
    pub(super) fn shown(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new("standard input"))
    }

    pub(super) fn read(&self) -> Result<Plain, Error> {
        let read = input::read(self.file.as_deref().unwrap_or(Path::new(input::STDIN)));
        read.map_err(Error::system(format!("read {}", self.shown().display())))
    }
}

/// The inputs that paths mean.
pub(super) fn all(paths: &[PathBuf], caller: &Caller) -> Result<Vec<Input>, Error> {
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    if paths.is_empty() || paths.iter().any(is_stdin) {
        if paths.len() > 1 {
            return Err(Error::Usage {
                complaint: "standard input cannot be sealed beside other inputs".into(),
                hint: "write `-` alone".into(),
            });
        }
        if std::io::stdin().is_terminal() {
            caller.printer.talk("reading Secrets from standard input, to its end");
        }
        return Ok(vec![Input { file: None, below: PathBuf::new(), named: true }]);
    }
    let found = files::found(paths)?;
    Ok(found.into_iter().map(|(file, below, named)| Input { file: Some(file), below, named }).collect())
}
