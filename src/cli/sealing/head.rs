//! Files as Git has them in HEAD: what was sealed there may stay.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The repositories that were asked so far; each has one `git cat-file --batch` that goes on.
#[derive(Default)]
pub(in crate::cli) struct Heads(Mutex<HashMap<PathBuf, Option<Batch>>>);

struct Batch {
    git: Child,
    answers: BufReader<ChildStdout>,
}

impl Heads {
    /// The text of a file in HEAD; nothing where it lies in no repository, is new, or Git is not there.
    pub(in crate::cli) fn text(&self, file: &Path) -> Option<String> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().ok()?;
        let root = folder.ancestors().find(|folder| folder.join(".git").exists())?.to_owned();
        let path = folder.join(file.file_name()?).strip_prefix(&root).ok()?.to_str()?.to_owned();
        if path.contains('\n') {
            return None;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = all.entry(root.clone()).or_insert_with(|| Batch::start(&root));
        let text = batch.as_mut()?.ask(&path);
        if text.is_err() {
            // It has gone, and its answers cannot be told apart any more.
            *batch = None;
        }
        text.ok()?
    }
}

impl Batch {
    fn start(root: &Path) -> Option<Self> {
        let mut git = Command::new("git")
            .args(["cat-file", "--batch"])
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let answers = BufReader::new(git.stdout.take()?);
        Some(Self { git, answers })
    }

    fn ask(&mut self, path: &str) -> std::io::Result<Option<String>> {
        let stdin = self.git.stdin.as_mut().ok_or(std::io::ErrorKind::BrokenPipe)?;
        stdin.write_all(format!("HEAD:{path}\n").as_bytes())?;
        let mut head = String::new();
        if self.answers.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        // `HASH blob SIZE`, or the question and `missing`.
        let mut words = head.trim_end().rsplit(' ');
        let (size, kind) = (words.next().and_then(|size| size.parse::<usize>().ok()), words.next());
        let (Some(size), Some(kind)) = (size, kind) else { return Ok(None) };
        let mut bytes = vec![0; size + 1];
        self.answers.read_exact(&mut bytes)?;
        bytes.truncate(size);
        Ok((kind == "blob").then(|| String::from_utf8(bytes).ok()).flatten())
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // Without input it ends.
        drop(self.git.stdin.take());
        drop(self.git.wait());
    }
}
