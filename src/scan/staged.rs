//! What is about to be committed: the staged content of each file, and of that what the last commit does not hold.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::git::{self, Error, Objects, Running};
use super::identity::{Identity, identity};
use super::worktree::Looked;
use super::{Policy, Scanned, scan};

/// A file that differs between the last commit and the index.
struct Changed {
    path: PathBuf,
    /// Its object in the last commit, where it was there.
    old: Option<String>,
    new: String,
}

/// Scans what is staged in the repository of a folder. In a file that was committed before, values that it held under
/// the same keys already are not told again.
///
/// # Errors
/// The folder is in no repository, or Git refuses.
pub fn scan_staged(policy: &Policy, folder: &Path) -> Result<Vec<Looked>, Error> {
    // Both start at once: starting is what takes the time.
    let words = [
        "diff",
        "--cached",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-ext-diff",
        "--find-renames",
        "--ignore-submodules=all",
    ];
    let diff = Running::start(folder, &words)?;
    let mut objects = Objects::open(folder)?;
    let changed = changed(&diff.end()?)?;
    changed.into_iter().map(|changed| looked(policy, changed, &mut objects)).collect()
}

fn looked(policy: &Policy, changed: Changed, objects: &mut Objects) -> Result<Looked, Error> {
    let Changed { path, old, new } = changed;
    let bytes = objects.content(&new)?.unwrap_or_default();
    let name = path.to_string_lossy().into_owned();
    let mut scanned = scan(policy, &name, &bytes);
    if let Some(old) = old.filter(|_| !scanned.findings.is_empty()) {
        let before = objects.content(&old)?.unwrap_or_default();
        without(&mut scanned, &scan(policy, &name, &before));
    }
    Ok(Looked { path, bytes: bytes.len() as u64, result: Ok(scanned) })
}

/// Leaves out what was found before: the same value under the same keys, wherever it stands now.
fn without(scanned: &mut Scanned, before: &Scanned) {
    let known: HashSet<Identity> = before.findings.iter().map(identity).collect();
    scanned.findings.retain(|finding| !known.contains(&identity(finding)));
}

/// Reads `git diff --raw -z`: `:100644 100644 OLD NEW M`, a path, and of a renamed file the old path before it.
fn changed(raw: &[u8]) -> Result<Vec<Changed>, Error> {
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
        let is_there = |id: &str| id.bytes().any(|byte| byte != b'0');
        if FILES.contains(&mode) && is_there(new) {
            let old = is_there(old).then(|| old.to_owned());
            all.push(Changed { path: git::path(path), old, new: new.to_owned() });
        }
    }
    Ok(all)
}
