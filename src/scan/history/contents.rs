//! Contents of objects, streamed from one process of Git.

use std::io::{BufRead, BufReader, Read};
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
}

impl Contents {
    /// Starts the process.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let (child, asks, answers) = git::cat_file(folder, &["--buffer"])?;
        git::widen(&answers);
        Ok(Self { child, asks, answers: BufReader::with_capacity(256 * 1024, answers) })
    }

    /// Where names of objects are to be written; the answers end when it is closed.
    pub(super) fn asks(&mut self) -> Option<ChildStdin> {
        self.asks.take()
    }

    /// Takes each content with its name; nothing for one that is missing or too large.
    pub(super) fn each(mut self, mut take: impl FnMut(&str, Option<&[u8]>)) -> Result<(), Error> {
        let nonsense = || Error::Nonsense { what: "cat-file" };
        let (mut head, mut bytes) = (String::new(), Vec::new());
        loop {
            head.clear();
            if self.answers.read_line(&mut head).map_err(Error::Gone)? == 0 {
                break;
            }
            let mut words = head.split_whitespace();
            let (id, kind, size) = (words.next().ok_or_else(nonsense)?, words.next(), words.next());
            let (Some(_), Some(size)) = (kind, size) else {
                take(id, None);
                continue;
            };
            let size = size.parse::<u64>().map_err(|_| nonsense())?;
            bytes.clear();
            if size > LARGEST {
                // A large image is told by its beginning.
                let head = size.min(HEAD as u64);
                (&mut self.answers).take(head).read_to_end(&mut bytes).map_err(Error::Gone)?;
                let rest = size - head + 1;
                std::io::copy(&mut (&mut self.answers).take(rest), &mut std::io::sink())
                    .map_err(Error::Gone)?;
                take(id, is_binary(&bytes).then_some(&bytes));
                continue;
            }
            (&mut self.answers).take(size + 1).read_to_end(&mut bytes).map_err(Error::Gone)?;
            bytes.pop();
            take(id, Some(&bytes));
        }
        drop(self.child.wait());
        Ok(())
    }
}
