//! Contents of objects, streamed from one process of Git.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout};

use crate::scan::git::{self, Error};
use crate::scan::text::{HEAD, is_binary};
use crate::scan::worktree::LARGEST;

/// `git cat-file`, asked for many objects.
pub(super) struct Contents {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// The line that was read last: a name and what is said of it.
    head: String,
}

impl Contents {
    /// Starts the process.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let (child, asks, answers) = git::cat_file(folder, (&git::SMALL_WINDOWS, &["--buffer"]))?;
        git::widen(&answers);
        Ok(Self { child, asks, answers: BufReader::with_capacity(256 * 1024, answers), head: String::new() })
    }

    /// Where names of objects are to be written; the answers end when it is closed.
    pub(super) fn asks(&mut self) -> Option<ChildStdin> {
        self.asks.take()
    }

    /// Takes each content with its name; nothing for one that is missing or too large.
    ///
    /// # Errors
    /// Git ends before it has written all of one.
    pub(super) fn each(mut self, mut take: impl FnMut(&str, Option<&[u8]>)) -> Result<(), Error> {
        let mut bytes = Vec::new();
        while let Some(is_told) = self.next(&mut bytes)? {
            let id = self.head.split(' ').next().unwrap_or_default();
            take(id, is_told.then_some(&bytes[..]));
        }
        self.end()
    }

    /// Reads the next content, and tells whether it is there and not too large; nothing behind the last one.
    ///
    /// # Errors
    /// As [`Self::each`].
    pub(super) fn next(&mut self, bytes: &mut Vec<u8>) -> Result<Option<bool>, Error> {
        let nonsense = || Error::Nonsense { what: "cat-file" };
        self.head.clear();
        if self.answers.read_line(&mut self.head).map_err(Error::Gone)? == 0 {
            return Ok(None);
        }
        let mut words = self.head.split_whitespace().skip(1);
        let (kind, size) = (words.next().ok_or_else(nonsense)?, words.next());
        let Some(size) = size.filter(|_| kind != "missing") else { return Ok(Some(false)) };
        let size = size.parse::<u64>().map_err(|_| nonsense())?;
        // A large image is told by its beginning.
        let wanted = if size > LARGEST { HEAD as u64 } else { size };
        self.read(size, wanted, bytes).map_err(Error::Gone)?;
        Ok(Some(size <= LARGEST || is_binary(bytes)))
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// Git ends badly.
    pub(super) fn end(self) -> Result<(), Error> {
        git::ended("cat-file", self.child).map(drop)
    }

    /// Reads the beginning of a content, and passes over the rest and the line end behind it.
    fn read(&mut self, size: u64, wanted: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.clear();
        let read = (&mut self.answers).take(wanted).read_to_end(bytes)? as u64;
        let rest = size - wanted + 1;
        let passed = io::copy(&mut (&mut self.answers).take(rest), &mut io::sink())?;
        if read < wanted || passed < rest { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}
