//! The log of a repository: which commit put which content in which file's place.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Stdio};

use super::Range;
use crate::scan::git::{self, Error};

/// A change of one file in one commit. Numbers count from 0 in the order in which they were met, newest first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) commit: u32,
    pub(super) path: u32,
    /// The content before; none where there was no file.
    pub(super) old: Option<u32>,
    /// The content after.
    pub(super) new: Option<u32>,
}

/// The log.
#[derive(Debug, Default)]
pub(super) struct Log {
    commits: Vec<String>,
    /// How many parents each commit has.
    parents: Vec<usize>,
    paths: Names,
    contents: Names,
    /// Where each content was met first: the number of the change that brought it, and that change's path.
    first: Vec<(u32, u32)>,
    pub(super) changes: Vec<Change>,
}

/// Names, each with its number.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<Box<[u8]>, u32, foldhash::fast::RandomState>,
    names: Vec<Box<[u8]>>,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> (u32, bool) {
        if let Some(number) = self.numbers.get(name) {
            return (*number, false);
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.into(), number);
        self.names.push(name.into());
        (number, true)
    }
}

impl Log {
    /// Reads the log, and asks for each content when it is met first.
    pub(super) fn read(folder: &Path, range: &Range, asks: Option<ChildStdin>) -> Result<Self, Error> {
        let mut words = vec![
            "log",
            "--raw",
            "-z",
            "--no-abbrev",
            "-m",
            "--no-renames",
            "--no-show-signature",
            "--format=%H %P",
        ];
        match range {
            Range::All => words.push("--all"),
            Range::Revisions(revisions) => words.extend(revisions.iter().map(String::as_str)),
        }
        words.push("--");
        let mut child = git::command(folder, &words).stderr(Stdio::piped()).spawn().map_err(Error::Start)?;
        let out = child.stdout.take().ok_or(Error::Nonsense { what: "log" })?;
        git::widen(&out);
        let mut asks = asks.map(|asks| BufWriter::with_capacity(64 * 1024, asks));
        let mut log = Self::default();
        log.take(&mut BufReader::with_capacity(256 * 1024, out), |id| match &mut asks {
            Some(asks) => asks.write_all(id).and_then(|()| asks.write_all(b"\n")).map_err(Error::Gone),
            None => Ok(()),
        })?;
        if let Some(mut asks) = asks {
            asks.flush().map_err(Error::Gone)?;
        }
        git::ended("log", child)?;
        Ok(log)
    }

    fn take(
        &mut self,
        out: &mut impl BufRead,
        mut ask: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut field = Vec::new();
        let mut change: Option<Change> = None;
        loop {
            field.clear();
            if out.read_until(0, &mut field).map_err(Error::Gone)? == 0 {
                return Ok(());
            }
            let text = field.strip_suffix(&[0]).unwrap_or(&field);
            if let Some(mut change) = change.take() {
                (change.path, _) = self.paths.number(text);
                self.note(change, &mut ask)?;
                continue;
            }
            let text = text.strip_prefix(b"\n").unwrap_or(text);
            match text.first() {
                Some(b':') => change = Some(self.change(text)?),
                Some(_) => {
                    // A merge is told once for each of its parents.
                    let text = String::from_utf8_lossy(text);
                    let mut ids = text.split_whitespace();
                    let id = ids.next().unwrap_or_default();
                    if self.commits.last().is_none_or(|last| last != id) {
                        self.commits.push(id.to_owned());
                        self.parents.push(ids.count());
                    }
                }
                None => {}
            }
        }
    }

    /// `:100644 100644 OLD NEW M`.
    fn change(&mut self, text: &[u8]) -> Result<Change, Error> {
        let mut words = text[1..].split(|byte| *byte == b' ');
        let mut next = || words.next().ok_or(Error::Nonsense { what: "log" });
        let (old_mode, new_mode, old, new) = (next()?, next()?, next()?, next()?);
        let commit = u32::try_from(self.commits.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let mut content =
            |mode: &[u8], id: &[u8]| mode.starts_with(b"100").then(|| self.contents.number(id).0);
        Ok(Change { commit, path: 0, old: content(old_mode, old), new: content(new_mode, new) })
    }

    fn note(
        &mut self,
        change: Change,
        ask: &mut impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for id in &self.contents.names[self.first.len()..] {
            ask(id)?;
            // It may be what a change took away: then no change that is newer brought it.
            self.first.push((u32::MAX, change.path));
        }
        if let Some(first) = change.new.and_then(|new| self.first.get_mut(new as usize))
            && first.0 == u32::MAX
        {
            *first = (u32::try_from(self.changes.len()).unwrap_or(u32::MAX), change.path);
        }
        self.changes.push(change);
        Ok(())
    }

    /// How many commits there are.
    pub(super) fn commits(&self) -> usize {
        self.commits.len()
    }

    /// The name of a commit.
    pub(super) fn commit(&self, number: u32) -> &str {
        self.commits.get(number as usize).map_or("", String::as_str)
    }

    /// How many parents a commit has.
    pub(super) fn parents(&self, number: u32) -> usize {
        self.parents.get(number as usize).copied().unwrap_or_default()
    }

    /// The number of a content.
    pub(super) fn number(&self, id: &str) -> Option<u32> {
        self.contents.numbers.get(id.as_bytes()).copied()
    }

    /// The newest change that brought a content, by its number, and the number of its path.
    pub(super) fn newest(&self, content: u32) -> (u32, u32) {
        self.first.get(content as usize).copied().unwrap_or((u32::MAX, 0))
    }

    /// The newest path of a content.
    pub(super) fn path_of(&self, content: u32) -> PathBuf {
        let path = self.paths.names.get(self.newest(content).1 as usize);
        git::path(path.map_or(&b""[..], |path| path))
    }
}
