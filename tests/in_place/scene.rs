//! A folder in which a command edits files.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use tempfile::TempDir;

use crate::edit::{Edit, FILE};

/// The files beside those that are edited.
const BESIDE: [(&str, &str); 3] = [
    ("certificate.pem", include_str!("../seal/certificate.pem")),
    ("certificate.key", include_str!("../seal/certificate.key")),
    ("old.key", include_str!("../seal/3072.key")),
];
/// The home of the command, where the ledger is.
const HOME: &str = ".home";
/// A trace that was asked for.
pub(crate) const TRACE: &str = ".trace";

/// A folder with the files of an edit, certificates and keys.
pub(crate) struct Scene {
    folder: TempDir,
    files: &'static [&'static str],
    before: String,
}

impl Scene {
    pub(crate) fn of(edit: &Edit) -> Self {
        let scene = Self { folder: tempfile::tempdir().unwrap(), files: edit.files, before: (edit.before)() };
        std::fs::create_dir(scene.path().join("apps")).unwrap();
        let files = edit.files.iter().map(|file| (*file, scene.before.as_str()));
        for (name, text) in files.chain(BESIDE).chain([("input.yaml", edit.input)]) {
            std::fs::write(scene.path().join(name), text).unwrap();
        }
        scene
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path().join(HOME)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.path().join(FILE)
    }

    /// What the files hold.
    pub(crate) fn texts(&self) -> Vec<String> {
        let read = |file: &&str| std::fs::read_to_string(self.path().join(file)).unwrap();
        self.files.iter().map(read).collect()
    }

    pub(crate) fn is_untouched(&self, text: &str) -> bool {
        text == self.before
    }

    /// Files beside those that were there.
    pub(crate) fn left(&self) -> Vec<PathBuf> {
        let names = |folder: &Path| -> Vec<PathBuf> {
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
        };
        let all = names(self.path()).into_iter().chain(names(&self.path().join("apps")));
        let known: Vec<PathBuf> = self
            .files
            .iter()
            .copied()
            .chain(BESIDE.map(|(name, _)| name))
            .chain(["input.yaml", "apps", HOME, TRACE])
            .map(|name| self.path().join(name))
            .collect();
        all.filter(|path| !known.contains(path)).collect()
    }
}

/// The signal that ended a process.
pub(crate) fn signal(output: &Output) -> Option<i32> {
    output.status.signal()
}
