//! The log of a repository: which commit put which content in which file's place.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Stdio};

use super::Range;
use super::clean::Clean;
use crate::scan::git::{self, Error};
use crate::scan::reading::Reading;

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
    /// How each path tells a file to be read.
    readings: Vec<Reading>,
    /// Where each content was met first: the number of the change that brought it.
    first: Vec<u32>,
    /// Of the paths that each content had, the newest of those that have it read most thoroughly.
    read_as: Vec<u32>,
    /// Whether each content was asked for; others are known to hold nothing.
    asked: Vec<bool>,
    pub(super) changes: Vec<Change>,
}

/// Names, each with its number.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<Box<[u8]>, u32, foldhash::fast::RandomState>,
    names: Vec<Box<[u8]>>,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.into(), number);
        self.names.push(name.into());
        number
    }
}

impl Log {
    /// Reads the log, and asks for each content that is not known to be clean when it is met first.
    pub(super) fn read(
        folder: &Path,
        range: &Range,
        clean: &Clean,
        asks: Option<ChildStdin>,
    ) -> Result<Self, Error> {
        let mut words = git::SMALL_WINDOWS.to_vec();
        words.extend([
            // A user may have asked for paths from the current folder on, for no first commit, for merges as one.
            "-c",
            "diff.relative=false",
            "-c",
            "log.showRoot=true",
            "-c",
            "log.diffMerges=separate",
            "log",
            "--raw",
            "-z",
            "--no-abbrev",
            "-m",
            "--no-renames",
            "--no-show-signature",
            "--format=%H %P",
        ]);
        match range {
            Range::All => words.push("--all"),
            Range::Revisions(revisions) => words.extend(revisions.iter().map(String::as_str)),
        }
        words.push("--");
        let mut command = git::command(folder, &words);
        // Otherwise Git hands over each commit by itself.
        let mut child = command.env("GIT_FLUSH", "0").stderr(Stdio::piped()).spawn().map_err(Error::Start)?;
        let out = child.stdout.take().ok_or(Error::Nonsense { what: "log" })?;
        git::widen(&out);
        let mut asks = asks.map(|asks| BufWriter::with_capacity(64 * 1024, asks));
        let mut log = Self::default();
        log.take(clean, &mut BufReader::with_capacity(256 * 1024, out), |id| match &mut asks {
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
        clean: &Clean,
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
                change.path = self.number_of_path(text);
                self.note(change, clean, &mut ask)?;
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
        let mut content = |mode: &[u8], id: &[u8]| mode.starts_with(b"100").then(|| self.contents.number(id));
        Ok(Change { commit, path: 0, old: content(old_mode, old), new: content(new_mode, new) })
    }

    fn note(
        &mut self,
        change: Change,
        clean: &Clean,
        ask: &mut impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for _ in self.first.len()..self.contents.names.len() {
            // It may be what a change took away: then no change that is newer brought it.
            self.first.push(u32::MAX);
            self.read_as.push(change.path);
            self.asked.push(false);
        }
        let now = u32::try_from(self.changes.len()).unwrap_or(u32::MAX);
        for content in [change.new, change.old].into_iter().flatten() {
            let index = content as usize;
            let is_brought = change.new == Some(content) && self.first[index] == u32::MAX;
            if is_brought {
                self.first[index] = now;
            }
            let (known, other) = (self.read_as[index] as usize, change.path as usize);
            if self.readings[other] > self.readings[known]
                || is_brought && self.readings[other] == self.readings[known]
            {
                self.read_as[index] = change.path;
            }
            let name = &self.contents.names[index];
            if !self.asked[index] && !clean.knows(name, self.readings[self.read_as[index] as usize]) {
                self.asked[index] = true;
                ask(name)?;
            }
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

    /// How many different contents were asked for, and how many others there are.
    pub(super) fn contents(&self) -> (usize, usize) {
        let asked = self.asked.iter().filter(|asked| **asked).count();
        (asked, self.asked.len() - asked)
    }

    /// The contents that were asked for: number, name, and how they are read.
    pub(super) fn asked(&self) -> impl Iterator<Item = (u32, &[u8], Reading)> {
        let all = (0..).zip(&self.contents.names).zip(&self.asked).filter(|(_, asked)| **asked);
        all.map(|((number, name), _)| (number, &name[..], self.readings[self.path_number(number) as usize]))
    }

    /// The number of the newest change that brought a content.
    pub(super) fn newest(&self, content: u32) -> u32 {
        self.first.get(content as usize).copied().unwrap_or(u32::MAX)
    }

    /// The number of the path that a content is read as.
    pub(super) fn path_number(&self, content: u32) -> u32 {
        self.read_as.get(content as usize).copied().unwrap_or_default()
    }

    /// That path: the newest of those that have it read most thoroughly.
    pub(super) fn path_of(&self, content: u32) -> PathBuf {
        self.path(self.path_number(content))
    }

    /// The name of a content.
    pub(super) fn name(&self, content: u32) -> Cow<'_, str> {
        self.contents
            .names
            .get(content as usize)
            .map_or_else(Cow::default, |name| String::from_utf8_lossy(name))
    }

    /// Which path had which content; not each once.
    pub(super) fn held(&self) -> impl Iterator<Item = (u32, u32)> {
        let of_change = |change: &Change| [change.old, change.new].map(|content| (change.path, content));
        self.changes.iter().flat_map(of_change).filter_map(|(path, content)| Some((path, content?)))
    }

    /// All paths, with their numbers.
    pub(super) fn paths(&self) -> impl Iterator<Item = (u32, PathBuf)> {
        (0..).zip(&self.paths.names).map(|(number, name)| (number, git::path(name)))
    }

    /// The path of a number.
    pub(super) fn path(&self, number: u32) -> PathBuf {
        let path = self.paths.names.get(number as usize);
        git::path(path.map_or(&b""[..], |path| path))
    }

    fn number_of_path(&mut self, name: &[u8]) -> u32 {
        let number = self.paths.number(name);
        if self.readings.len() <= number as usize {
            self.readings.push(Reading::of_path(&String::from_utf8_lossy(name)));
        }
        number
    }
}
