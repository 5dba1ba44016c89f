//! The files of a repository that are mended: those of the tree, or what is staged of them.

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::caller::Caller;
use crate::error::Error;
use crate::file::{self, Audience, Expected, Staged};
use crate::mend::Changed;
use crate::report::Event;
use crate::scan::git;

/// Where texts are read and written.
pub(super) struct Desk {
    top: PathBuf,
    /// The files that differ from what is staged of them; nothing where the tree is mended.
    unstaged: Option<Vec<PathBuf>>,
}

impl Desk {
    /// Of the tree.
    pub(super) fn tree(top: &Path) -> Self {
        Self { top: top.to_owned(), unstaged: None }
    }

    /// Of what is staged.
    pub(super) fn staged(top: &Path) -> Result<Self, Error> {
        let said = git::ask(top, &["diff", "--name-only", "-z"])?;
        let names = said.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(Self { top: top.to_owned(), unstaged: Some(names.map(git::path).collect()) })
    }

    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    /// The text of a file, by its path from the top on; nothing where there is none.
    pub(super) fn read(&self, path: &Path) -> Option<String> {
        if self.unstaged.is_none() {
            return std::fs::read_to_string(self.top.join(path)).ok();
        }
        // A name of its own may begin with a number and a colon.
        let name = format!(":0:{}", path.to_str()?);
        String::from_utf8(git::ask(&self.top, &["cat-file", "blob", &name]).ok()?).ok()
    }

    /// Refuses files of which a part is staged: what is not would come along, or be lost.
    pub(super) fn check(&self, files: &[Changed]) -> Result<(), Error> {
        let unstaged = self.unstaged.iter().flatten();
        let Some(file) = unstaged.into_iter().find(|path| files.iter().any(|file| file.path == **path))
        else {
            return Ok(());
        };
        Err(Error::Usage {
            complaint: format!("{} differs from what is staged of it, and is to be changed", file.display()),
            hint: "stage all of it, or put the rest away with `git stash --keep-index`; nothing was written"
                .into(),
        })
    }

    /// Writes all files, or none where one was changed meanwhile; what was staged is staged again.
    pub(super) fn write(&self, caller: &Caller, files: &[Changed]) -> Result<(), Error> {
        let failed = |(file, error): (PathBuf, io::Error)| {
            let shown = file.strip_prefix(&self.top).unwrap_or(&file).display().to_string();
            Error::system(format!("write {shown}"))(error)
        };
        let staged = |changed: &Changed| -> Result<Staged, Error> {
            let file = self.top.join(&changed.path);
            let expected =
                changed.before.as_ref().map_or(Expected::Nothing, |text| Expected::read(text.as_bytes()));
            file::stage(&file, changed.after.as_bytes(), Audience::Anybody, expected)
                .map_err(|error| failed((file, error)))
        };
        file::commit(files.iter().map(staged).collect::<Result<_, _>>()?).map_err(failed)?;
        if self.unstaged.is_some() {
            let paths = files.iter().filter_map(|file| file.path.to_str());
            // Names are no patterns, and what Git would ignore belongs to what is committed.
            let words = ["--literal-pathspecs", "add", "--force", "--"].into_iter().chain(paths);
            let words: Vec<&str> = words.collect();
            git::ask(&self.top, &words)?;
        }
        for changed in files {
            caller.printer.event(&Event::Written { file: changed.path.display().to_string() });
        }
        Ok(())
    }
}
