//! What is about to be committed: the staged content of each file, and of that what no parent of the commit holds.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use super::checked_out::checked_out;
use super::generators::Generators;
use super::git::{self, Error, Object, Objects, Running};
use super::identity::{Identity, identity};
use super::text::is_binary;
use super::worktree::{LARGEST, Looked, Skipped};
use super::{Policy, Scanned, engine, scan, scan_source};

/// What is staged.
#[derive(Debug)]
pub struct Staged {
    /// What came of each staged file.
    pub looked: Vec<Looked>,
    /// Of the paths that were named those of which nothing is staged.
    pub rest: Vec<PathBuf>,
}

/// A path that differs between a commit and the index.
struct Changed {
    path: PathBuf,
    /// Its object in the commit, where it was there.
    old: Option<String>,
    /// Its object in the index, where it is a file there.
    new: Option<String>,
}

/// Scans what is staged in the repository of a folder: all of it, or the files that are named, also by folders above
/// them. In a file that was committed before, values that it held under the same keys already are not told again; in
/// a merge, neither are those of the branch that is merged. Paths are told from the top of the working tree on.
///
/// # Errors
/// The folder is in no repository, or Git refuses.
pub fn scan_staged(policy: &Policy, folder: &Path, named: &[PathBuf]) -> Result<Staged, Error> {
    let prefix = prefix(folder)?;
    let top = top(folder, &prefix);
    let generators = Generators::new(folder.join(&top));
    let mut desk = Desk { policy, folder, objects: None, top, generators };
    let running = Running::start(folder, &DIFF)?;
    engine::make_ready();
    let changed = match running.end() {
        Ok(raw) => changed(&raw)?,
        Err(error) => return Err(outside(folder).unwrap_or(error)),
    };
    let wanted = Names::of(folder, &prefix, named);
    let rest = wanted.without(&changed);
    let mut looked = Vec::new();
    for changed in changed.iter().filter(|changed| wanted.hold(&changed.path)) {
        looked.extend(desk.look(changed)?);
    }
    if looked.iter().any(has_findings) && desk.objects()?.has("MERGE_HEAD")? {
        desk.without_merged(&mut looked)?;
    }
    Ok(Staged { looked, rest })
}

/// What differs between a commit, or else the last one, and the index.
const DIFF: [&str; 10] = [
    // A user may have asked for paths from the current folder on; older Gits have no flag against it.
    "-c",
    "diff.relative=false",
    "diff",
    "--cached",
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-ext-diff",
    "--find-renames",
    "--ignore-submodules=all",
];

/// Outside of repositories, and in those of somebody else, `git diff` is another command, which complains of flags.
fn outside(folder: &Path) -> Option<Error> {
    git::ask(folder, &["rev-parse", "--git-dir"]).err()
}

/// The way from the top of the working tree to a folder in it.
///
/// # Errors
/// The folder is in no working tree, or Git refuses.
pub fn prefix(folder: &Path) -> Result<PathBuf, Error> {
    if folder.join(".git").exists() {
        return Ok(PathBuf::new());
    }
    let said = git::ask(folder, &["rev-parse", "--is-inside-work-tree", "--show-prefix"])?;
    let prefix = said.strip_prefix(b"true\n").ok_or(Error::NoTree)?;
    Ok(git::path(prefix.strip_suffix(b"\n").unwrap_or(prefix)))
}

/// The folder from which paths of Git begin, as seen from a folder; nothing where that is the same.
fn top(folder: &Path, prefix: &Path) -> PathBuf {
    match prefix.components().count() {
        0 => PathBuf::new(),
        below => folder.ancestors().nth(below).unwrap_or(folder).to_owned(),
    }
}

/// The paths that were named: from the top of the working tree on, and as they were.
struct Names<'n>(HashMap<PathBuf, &'n PathBuf>);

impl<'n> Names<'n> {
    fn of(folder: &Path, prefix: &Path, named: &'n [PathBuf]) -> Self {
        let from_top = |path: &Path| plain(&prefix.join(path.strip_prefix(folder).unwrap_or(path)));
        Self(named.iter().map(|path| (from_top(path), path)).collect())
    }

    /// Whether a path is among them, or below one of them; any is where none were named.
    fn hold(&self, path: &Path) -> bool {
        self.0.is_empty() || path.ancestors().any(|above| self.0.contains_key(above))
    }

    /// Those that do not differ, in order.
    fn without(&self, changed: &[Changed]) -> Vec<PathBuf> {
        let changed: HashSet<&Path> = changed.iter().map(|changed| changed.path.as_path()).collect();
        let rest = self.0.iter().filter(|(from_top, _)| !changed.contains(from_top.as_path()));
        let mut rest: Vec<PathBuf> = rest.map(|(_, named)| (*named).clone()).collect();
        rest.sort();
        rest
    }
}

/// The path without `.` and `..`.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

fn has_findings(looked: &Looked) -> bool {
    looked.result.as_ref().is_ok_and(|scanned| !scanned.findings.is_empty())
}

/// What contents are scanned with.
struct Desk<'p> {
    policy: &'p Policy,
    folder: &'p Path,
    /// Started when it is needed: to start it takes longer than to look at a file.
    objects: Option<Objects>,
    /// Where paths begin.
    top: PathBuf,
    generators: Generators,
}

impl Desk<'_> {
    /// Scans the new content; nothing where it is no file.
    fn look(&mut self, changed: &Changed) -> Result<Option<Looked>, Error> {
        let Changed { path, old, new } = changed;
        let Some(new) = new else { return Ok(None) };
        let looked = |bytes, result| Ok(Some(Looked { path: path.clone(), bytes, result }));
        let bytes = match self.content(path, new)? {
            Object::Whole(bytes) => bytes,
            Object::Large(head, size) if is_binary(&head) => {
                return looked(size, Ok(Scanned { binary: true, ..Scanned::default() }));
            }
            Object::Large(..) => return looked(0, Err(Skipped::TooLarge)),
            Object::Missing => return looked(0, Err(Skipped::Missing)),
        };
        let mut scanned = self.scan(path, &bytes);
        if let Some(old) = old {
            self.without(&mut scanned, path, old)?;
        }
        looked(bytes.len() as u64, Ok(scanned))
    }

    /// What is staged, from the working tree where it stands there too.
    fn content(&mut self, path: &Path, id: &str) -> Result<Object, Error> {
        match checked_out(&self.folder.join(&self.top).join(path), id, LARGEST) {
            Some(bytes) => Ok(Object::Whole(bytes)),
            None => self.objects()?.object(id, LARGEST),
        }
    }

    fn objects(&mut self) -> Result<&mut Objects, Error> {
        if self.objects.is_none() {
            self.objects = Some(Objects::open(self.folder)?);
        }
        self.objects.as_mut().ok_or(Error::Nonsense { what: "cat-file" })
    }

    fn scan(&mut self, path: &Path, bytes: &[u8]) -> Scanned {
        let shown = self.top.join(path).to_string_lossy().into_owned();
        match self.generators.source(path) {
            Some(source) => scan_source(self.policy, &shown, bytes, &source),
            None => scan(self.policy, &shown, bytes),
        }
    }

    /// Leaves out what the branch holds that is merged: it was committed there.
    fn without_merged(&mut self, looked: &mut [Looked]) -> Result<(), Error> {
        let words: Vec<&str> = DIFF.into_iter().chain(["MERGE_HEAD", "--"]).collect();
        let changed = changed(&git::ask(self.folder, &words)?)?;
        for Looked { path, result, .. } in looked {
            let Ok(scanned) = result else { continue };
            match changed.iter().find(|changed| changed.path == *path) {
                Some(Changed { old: Some(old), .. }) => self.without(scanned, path, old)?,
                Some(_) => {}
                None => scanned.findings.clear(),
            }
        }
        Ok(())
    }

    /// Leaves out what an old content held already: the same value under the same keys, wherever it stands now.
    fn without(&mut self, scanned: &mut Scanned, path: &Path, old: &str) -> Result<(), Error> {
        if scanned.findings.is_empty() {
            return Ok(());
        }
        // What cannot be looked at holds nothing that is known.
        let Object::Whole(before) = self.objects()?.object(old, LARGEST)? else { return Ok(()) };
        let before = self.scan(path, &before);
        let known: HashSet<Identity> = before.findings.iter().map(identity).collect();
        scanned.findings.retain(|finding| !known.contains(&identity(finding)));
        Ok(())
    }
}

/// Reads `git diff --raw -z`: `:100644 100644 OLD NEW M`, a path, and of a renamed file the old path before it.
fn changed(raw: &[u8]) -> Result<Vec<Changed>, Error> {
    /// What else there is: symbolic links and submodules.
    const FILES: [&str; 2] = ["100644", "100755"];
    let nonsense = || Error::Nonsense { what: "diff" };
    let mut parts = raw.split(|byte| *byte == 0).filter(|part| !part.is_empty());
    let mut all = Vec::new();
    while let Some(head) = parts.next() {
        let head = std::str::from_utf8(head).map_err(|_| nonsense())?;
        let words: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
        let [_, mode, old, new, status] = words[..] else { return Err(nonsense()) };
        let mut path = parts.next().ok_or_else(nonsense)?;
        if status.starts_with(['R', 'C']) {
            path = parts.next().ok_or_else(nonsense)?;
        }
        let object = |id: &str| id.bytes().any(|byte| byte != b'0').then(|| id.to_owned());
        let new = object(new).filter(|_| FILES.contains(&mode));
        all.push(Changed { path: git::path(path), old: object(old), new });
    }
    Ok(all)
}
