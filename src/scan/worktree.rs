//! Texts from files and folders, scanned side by side.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;

use ignore::{WalkBuilder, WalkState};

use super::git::{self, Running};
use super::staged::plain;
use super::text::is_binary;
use super::{Policy, Scanned, scan, scan_source};

/// Larger files are not read: so much memory a thread takes at most, twice over for one that is not UTF-8.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// What came of a file.
#[derive(Debug)]
pub struct Looked {
    /// Its path, as it was named or below the folder that was.
    pub path: PathBuf,
    /// How many bytes were read.
    pub bytes: u64,
    /// What was found in it, or why nothing could be looked for.
    pub result: Result<Scanned, Skipped>,
}

/// Why a file was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum Skipped {
    /// It is larger than [`LARGEST`].
    #[error("it is larger than {} MB", LARGEST / 1024 / 1024)]
    TooLarge,
    /// The system refused.
    #[error("{0}")]
    Unreadable(io::Error),
    /// It is an archive that cannot be read.
    #[error("it cannot be unpacked: {0}")]
    Packed(io::Error),
    /// It is an archive with too much in it.
    #[error("more than 256 MB comes out of it")]
    TooMuch,
    /// It is an archive in one in another, and so on.
    #[error("it lies in too many archives")]
    TooDeep,
    /// The repository lacks its object.
    #[error("its object is missing in the repository")]
    Missing,
}

/// Scans files, and all files of folders: hidden ones too, but not what Git ignores and keeps for itself, and no
/// symbolic links. What was committed although it is ignored is scanned. In the order of their paths.
///
/// # Errors
/// A path that is not there.
pub fn scan_paths(policy: &Policy, paths: &[PathBuf]) -> Result<Vec<Looked>, (PathBuf, io::Error)> {
    let mut all = Vec::new();
    for path in paths {
        let kind = std::fs::metadata(path).map_err(|error| (path.clone(), error))?;
        if kind.is_dir() {
            let mut below = folder(policy, path);
            below.sort_by(|a, b| a.path.cmp(&b.path));
            below.dedup_by(|a, b| a.path == b.path);
            sources(policy, &mut below);
            all.append(&mut below);
        } else {
            all.push(file(policy, path));
        }
    }
    Ok(all)
}

fn folder(policy: &Policy, folder: &Path) -> Vec<Looked> {
    // Git is asked while the rest is read.
    let committed =
        Running::start(folder, &["ls-files", "--cached", "--ignored", "--exclude-standard", "-z"]);
    let all = Mutex::new(Vec::new());
    let git = |entry: &ignore::DirEntry| entry.file_name() != ".git";
    let mut walk = WalkBuilder::new(folder);
    walk.hidden(false).ignore(false).filter_entry(git).threads(cores());
    walk.build_parallel().run(|| {
        Box::new(|entry| {
            let looked = match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    file(policy, entry.path())
                }
                Ok(_) => return WalkState::Continue,
                Err(error) => unreadable(folder, &error),
            };
            all.lock().unwrap_or_else(PoisonError::into_inner).push(looked);
            WalkState::Continue
        })
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Outside of a repository, and without Git, there is none.
    let committed = committed.and_then(Running::end).unwrap_or_default();
    let names = committed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let paths = names.map(|name| folder.join(git::path(name)));
    all.extend(paths.filter(|path| is_file(path)).map(|path| file(policy, &path)));
    all
}

/// Scans those files anew of which generators among them make Secrets: by themselves they do not look like any.
fn sources(policy: &Policy, all: &mut [Looked]) {
    let named = |looked: &Looked| {
        let folder = looked.path.parent().unwrap_or(Path::new("")).to_owned();
        let sources = looked.result.as_ref().map_or(&[][..], |scanned| &scanned.sources);
        sources.iter().map(|source| (plain(&folder.join(&source.path)), source.clone())).collect::<Vec<_>>()
    };
    for (path, source) in all.iter().flat_map(named).collect::<Vec<_>>() {
        // What Git ignores is not among them, and is nobody's to find.
        let Ok(index) = all.binary_search_by(|looked| looked.path.as_path().cmp(&path)) else { continue };
        let Ok(bytes) = read(&path) else { continue };
        let found = scan_source(policy, &path.to_string_lossy(), &bytes, &source);
        all[index].result = Ok(found);
    }
}

fn is_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|kind| kind.is_file())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn unreadable(folder: &Path, error: &ignore::Error) -> Looked {
    let path = match error {
        ignore::Error::WithPath { path, .. } => path.clone(),
        _ => folder.to_owned(),
    };
    let why =
        error.io_error().map_or_else(|| io::Error::other(error.to_string()), |error| error.kind().into());
    Looked { path, bytes: 0, result: Err(Skipped::Unreadable(why)) }
}

/// Scans one file.
#[must_use]
pub fn file(policy: &Policy, path: &Path) -> Looked {
    let read = read(path);
    let bytes = read.as_ref().map_or(0, |bytes| bytes.len() as u64);
    let result = read.map(|bytes| scan(policy, &path.to_string_lossy(), &bytes));
    Looked { path: path.strip_prefix("./").unwrap_or(path).to_owned(), bytes, result }
}

fn read(path: &Path) -> Result<Vec<u8>, Skipped> {
    let file = File::open(path).map_err(Skipped::Unreadable)?;
    let mut bytes = Vec::with_capacity(
        file.metadata().map_or(0, |found| usize::try_from(found.len().min(LARGEST)).unwrap_or(0)) + 1,
    );
    // A file may grow while it is read, and a device says nothing of its size.
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(Skipped::Unreadable)?;
    let is_too_large = bytes.len() as u64 > LARGEST && !is_binary(&bytes);
    if is_too_large { Err(Skipped::TooLarge) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_are_scanned_and_those_of_git_are_not() {
        let folder = tempfile::tempdir().unwrap();
        for file in [".env", ".git/config", "a/b.yaml", "ignored.yaml"] {
            let file = folder.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "DB_PASSWORD=hunter2\n").unwrap();
        }
        std::fs::write(folder.path().join(".gitignore"), "ignored.yaml\n").unwrap();
        std::os::unix::fs::symlink("/etc/shadow", folder.path().join("link")).unwrap();
        let looked = scan_paths(&Policy::default(), &[folder.path().to_owned()]).unwrap();
        let names: Vec<_> =
            looked.iter().map(|looked| looked.path.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(names, [Path::new(".env"), Path::new(".gitignore"), Path::new("a/b.yaml")]);
        assert_eq!(looked[0].result.as_ref().unwrap().findings.len(), 1);
    }

    #[test]
    fn what_is_committed_although_it_is_ignored_is_scanned() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        file("secret.env", "DB_PASSWORD=hunter2\n");
        file("other.env", "DB_PASSWORD=hunter2\n");
        file(".ignore", "*.yaml\n");
        file("db.yaml", "password: hunter2\n");
        git::ask(folder.path(), &["init", "--quiet"]).unwrap();
        git::ask(folder.path(), &["add", "."]).unwrap();
        file(".gitignore", "*.env\n");
        git::ask(folder.path(), &["rm", "--quiet", "--cached", "other.env"]).unwrap();
        let looked = scan_paths(&Policy::default(), &[folder.path().to_owned()]).unwrap();
        let names: Vec<_> =
            looked.iter().map(|looked| looked.path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, [".gitignore", ".ignore", "db.yaml", "secret.env"]);
    }

    #[test]
    fn a_file_of_which_a_secret_is_made_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        let kustomization = "secretGenerator:\n- name: a\n  files: [pin.txt, key=../shared/word.txt, none.txt]\n  envs: [app.list]\n";
        file("a/kustomization.yaml", kustomization);
        file("a/pin.txt", "7391\n");
        file("a/app.list", "LOG_LEVEL=debug\nPLACE=here\n");
        file("a/other.txt", "7391\n");
        file("shared/word.txt", "sesame\n");
        let looked = scan_paths(&Policy::default(), &[folder.path().to_owned()]).unwrap();
        let told = looked.iter().flat_map(|looked| {
            let name = looked.path.strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned();
            let findings = &looked.result.as_ref().unwrap().findings;
            findings.iter().map(move |finding| format!("{name}:{} {}", finding.start.line, finding.way))
        });
        let told: Vec<String> = told.collect();
        let expected = [
            "a/app.list:1 LOG_LEVEL",
            "a/app.list:2 PLACE",
            "a/pin.txt:1 pin.txt",
            "shared/word.txt:1 word.txt",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_path_that_is_not_there_is_told() {
        assert_eq!(scan_paths(&Policy::default(), &["none".into()]).unwrap_err().0, PathBuf::from("none"));
    }
}
