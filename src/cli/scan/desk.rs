//! The files of a repository that are mended: those of the tree, or what is staged of them.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::caller::Caller;
use crate::error::Error;
use crate::file::{self, Audience, Expected, Staged};
use crate::mend::{Changed, Mended};
use crate::report::Event;
use crate::scan::git;

/// Where texts are read and written.
pub(super) struct Desk {
    top: PathBuf,
    /// The files that differ from what is staged of them; nothing where the tree is mended.
    unstaged: Option<BTreeSet<PathBuf>>,
    /// All files; those of the index, where what is staged is mended.
    files: OnceCell<BTreeSet<PathBuf>>,
}

impl Desk {
    /// Of the tree.
    pub(super) fn tree(top: &Path) -> Self {
        Self { top: top.to_owned(), unstaged: None, files: OnceCell::new() }
    }

    /// Of what is staged.
    pub(super) fn staged(top: &Path) -> Result<Self, Error> {
        let unstaged = paths(&git::ask(top, &["diff", "--name-only", "-z"])?);
        Ok(Self { unstaged: Some(unstaged), ..Self::tree(top) })
    }

    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    /// All files, by their paths from the top on; those that Git ignores are none.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.all().iter().cloned().collect()
    }

    fn all(&self) -> &BTreeSet<PathBuf> {
        let of_tree = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let words = if self.unstaged.is_some() { &of_tree[..3] } else { &of_tree[..] };
        self.files.get_or_init(|| match git::ask(&self.top, words) {
            Ok(said) => paths(&said),
            Err(_) => below(&self.top),
        })
    }

    /// The text of a file, by its path from the top on; nothing where there is none.
    pub(super) fn read(&self, path: &Path) -> Option<String> {
        // What is staged as it is in the tree is there faster than from Git.
        let is_in_tree = |unstaged: &BTreeSet<PathBuf>| {
            let is_file = || self.top.join(path).symlink_metadata().is_ok_and(|kind| kind.is_file());
            self.all().contains(path) && !unstaged.contains(path) && is_file()
        };
        if self.unstaged.as_ref().is_none_or(is_in_tree) {
            return std::fs::read_to_string(self.top.join(path)).ok();
        }
        // A name of its own may begin with a number and a colon.
        let name = format!(":0:{}", path.to_str()?);
        String::from_utf8(git::ask(&self.top, &["cat-file", "blob", &name]).ok()?).ok()
    }

    /// Refuses files of which a part is staged: what is not would come along, or be lost. Refuses what Git would refuse
    /// to forget.
    pub(super) fn check(&self, mended: &Mended) -> Result<(), Error> {
        let unstaged = self.unstaged.iter().flatten();
        let mut of_both = unstaged.filter(|path| {
            mended.files.iter().any(|file| file.path == **path) || mended.untracked.contains(path)
        });
        if let Some(file) = of_both.next() {
            return Err(Error::Usage {
                complaint: format!(
                    "{} differs from what is staged of it, and is to be changed",
                    file.display()
                ),
                hint:
                    "stage all of it, or put the rest away with `git stash --keep-index`; nothing was written"
                        .into(),
            });
        }
        if mended.untracked.is_empty() { Ok(()) } else { self.forget(&mended.untracked, &["--dry-run"]) }
    }

    /// Has Git forget files, which stay.
    fn forget(&self, files: &[PathBuf], more: &[&str]) -> Result<(), Error> {
        let words = ["--literal-pathspecs", "rm", "--cached", "--quiet", "--ignore-unmatch"];
        let paths = files.iter().filter_map(|file| file.to_str());
        let words: Vec<&str> =
            words.into_iter().chain(more.iter().copied()).chain(["--"]).chain(paths).collect();
        git::ask(&self.top, &words)?;
        Ok(())
    }

    /// Writes all files, or none where one was changed meanwhile; what was staged is staged again. What is sealed is in
    /// its place before the plain value goes, so that a kill at any moment loses nothing.
    pub(super) fn write(&self, caller: &Caller, mended: &Mended) -> Result<(), Error> {
        let (written, gone): (Vec<&Changed>, Vec<&Changed>) =
            mended.files.iter().partition(|changed| changed.after.is_some());
        let mut steps: [Vec<Staged>; 3] = Default::default();
        for changed in &written {
            let step = match (&changed.before, changed.hidden.is_empty()) {
                (None, _) => 0,
                (Some(_), true) => 1,
                (Some(_), false) => 2,
            };
            steps[step].push(self.stage(changed)?);
        }
        let old = mended.files.iter().filter(|changed| changed.before.is_some());
        old.into_iter().try_for_each(|changed| self.is_as_it_was(changed))?;
        for step in steps {
            file::commit(step).map_err(|error| self.failed(error))?;
        }
        for changed in &gone {
            let file = self.top.join(&changed.path);
            self.is_as_it_was(changed)?;
            std::fs::remove_file(&file).map_err(|error| self.failed((file, error)))?;
        }
        self.tell_git(&written, &gone, &mended.untracked)?;
        for changed in &mended.files {
            let file = changed.path.display().to_string();
            let is_gone = changed.after.is_none();
            caller.printer.event(&if is_gone {
                Event::Gone { file, change: None }
            } else {
                Event::Written { file }
            });
        }
        Ok(())
    }

    fn stage(&self, changed: &Changed) -> Result<Staged, Error> {
        let file = self.top.join(&changed.path);
        let expected =
            changed.before.as_ref().map_or(Expected::Nothing, |text| Expected::read(text.as_bytes()));
        let text = changed.after.as_deref().unwrap_or_default();
        file::stage(&file, text.as_bytes(), Audience::Anybody, expected)
            .map_err(|error| self.failed((file, error)))
    }

    /// Refuses a file that somebody has changed meanwhile.
    fn is_as_it_was(&self, changed: &Changed) -> Result<(), Error> {
        let file = self.top.join(&changed.path);
        let is_same =
            std::fs::read(&file).is_ok_and(|now| Some(&*now) == changed.before.as_deref().map(str::as_bytes));
        let busy = || io::Error::new(io::ErrorKind::ResourceBusy, "somebody else changed the file meanwhile");
        if is_same { Ok(()) } else { Err(self.failed((file, busy()))) }
    }

    /// Stages again what was staged, and has Git forget what it is to forget.
    fn tell_git(&self, written: &[&Changed], gone: &[&Changed], untracked: &[PathBuf]) -> Result<(), Error> {
        let mut forgotten = untracked.to_vec();
        if self.unstaged.is_some() {
            forgotten.extend(gone.iter().map(|changed| changed.path.clone()));
            let paths: Vec<&str> = written.iter().filter_map(|file| file.path.to_str()).collect();
            // Names are no patterns, and what Git would ignore belongs to what is committed.
            let words = ["--literal-pathspecs", "add", "--force", "--"];
            if !paths.is_empty() {
                git::ask(&self.top, &words.into_iter().chain(paths).collect::<Vec<_>>())?;
            }
        }
        if forgotten.is_empty() { Ok(()) } else { self.forget(&forgotten, &[]) }
    }

    fn failed(&self, (file, error): (PathBuf, io::Error)) -> Error {
        let shown = file.strip_prefix(&self.top).unwrap_or(&file).display().to_string();
        Error::system(format!("write {shown}"))(error)
    }
}

/// Paths that Git says, with zeros between.
fn paths(said: &[u8]) -> BTreeSet<PathBuf> {
    said.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(git::path).collect()
}

/// The files below a folder that is in no repository.
fn below(top: &Path) -> BTreeSet<PathBuf> {
    let (mut all, mut open) = (BTreeSet::new(), vec![top.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let kind = entry.file_type();
            match entry.path() {
                path if kind.as_ref().is_ok_and(std::fs::FileType::is_dir) => open.push(path),
                path if kind.is_ok_and(|kind| kind.is_file()) => {
                    all.extend(path.strip_prefix(top).map(Path::to_owned));
                }
                _ => {}
            }
        }
    }
    all
}
