//! The `git` binary, which knows every form of repository and is there wherever a hook runs.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::text::HEAD;

/// What Git did not do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not installed.
    #[error("git cannot be started")]
    Start(#[source] io::Error),
    /// It said no.
    #[error("git {what}: {said}")]
    Refused {
        /// The command.
        what: String,
        /// What it complains of.
        said: String,
    },
    /// A bare repository, or the folder of Git itself.
    #[error("there is no working tree here")]
    NoTree,
    /// It said something that is not understood.
    #[error("git {what} answered something that is not understood")]
    Nonsense {
        /// The command.
        what: &'static str,
    },
    /// It went away while it was spoken to.
    #[error("git went away")]
    Gone(#[source] io::Error),
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Start(_) => Some("install git, or scan files: `sealstrap scan PATH`"),
            Self::Refused { said, .. } if said.contains("not a git repository") => {
                Some("run it within a repository, or scan files: `sealstrap scan PATH`")
            }
            Self::Refused { said, .. } if said.contains("dubious ownership") => Some(
                "the repository belongs to somebody else: `git config --global --add safe.directory FOLDER`",
            ),
            Self::NoTree => Some("nothing is committed here: run it in a clone with a working tree"),
            Self::Refused { .. } | Self::Nonsense { .. } | Self::Gone(_) => None,
        }
    }
}

/// Has Git see packs through small windows: those of a large repository are no memory of Git's own then.
pub(super) const SMALL_WINDOWS: [&str; 4] =
    ["-c", "core.packedGitWindowSize=4m", "-c", "core.packedGitLimit=32m"];

/// A command of Git in a folder. Objects that a partial clone lacks are not fetched: a scan reads what is there.
pub(super) fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(words).current_dir(folder).env("GIT_NO_LAZY_FETCH", "1").env("GIT_OPTIONAL_LOCKS", "0");
    // What was replaced is still there, for everybody who fetches it.
    command.env("GIT_NO_REPLACE_OBJECTS", "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A command that runs while something else is done.
pub(crate) struct Running {
    child: Child,
    what: String,
}

impl Running {
    /// Starts it.
    ///
    /// # Errors
    /// Git is not installed.
    pub(crate) fn start(folder: &Path, words: &[&str]) -> Result<Self, Error> {
        let child = command(folder, words).spawn().map_err(Error::Start)?;
        let is_command = |word: &&&str| !word.starts_with('-') && !word.contains('=');
        Ok(Self { child, what: words.iter().find(is_command).copied().unwrap_or_default().to_owned() })
    }

    /// Waits for what it says.
    ///
    /// # Errors
    /// It refuses.
    pub(crate) fn end(self) -> Result<Vec<u8>, Error> {
        ended(&self.what, self.child)
    }
}

/// Waits for the end of a command; what it said and nobody has read.
///
/// # Errors
/// It refused.
pub(super) fn ended(what: &str, child: Child) -> Result<Vec<u8>, Error> {
    let output = child.wait_with_output().map_err(Error::Gone)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = complaint(&String::from_utf8_lossy(&output.stderr)).to_owned();
    Err(Error::Refused { what: what.to_owned(), said })
}

/// The process that writes contents of objects, where it reads their names, and where it writes.
///
/// # Errors
/// Git is not installed.
pub(super) fn cat_file(
    folder: &Path,
    (before, behind): (&[&str], &[&str]),
) -> Result<(Child, Option<ChildStdin>, ChildStdout), Error> {
    let mut command = command(folder, &[before, &["cat-file", "--batch"], behind].concat());
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(Error::Start)?;
    let (asks, answers) = (child.stdin.take(), child.stdout.take());
    Ok((child, asks, answers.ok_or(Error::Nonsense { what: "cat-file" })?))
}

/// What Git complains of; advice may stand behind it. Where it does not say so, its last words.
fn complaint(said: &str) -> &str {
    let complaint = said.lines().find_map(|line| line.strip_prefix("fatal: "));
    let last = || said.lines().rfind(|line| !line.trim().is_empty());
    complaint.or_else(last).unwrap_or("it says nothing")
}

/// What a command says.
///
/// # Errors
/// Git is not installed, or refuses.
pub(crate) fn ask(folder: &Path, words: &[&str]) -> Result<Vec<u8>, Error> {
    Running::start(folder, words)?.end()
}

/// A path that a command says, alone.
///
/// # Errors
/// As [`ask`].
pub(crate) fn ask_path(folder: &Path, words: &[&str]) -> Result<PathBuf, Error> {
    let said = ask(folder, words)?;
    Ok(folder.join(path(said.strip_suffix(b"\n").unwrap_or(&said))))
}

/// The folder that Git keeps for itself: of a repository the same in all its working trees.
///
/// # Errors
/// The folder is in no repository, or Git is not installed.
pub fn git_folder(folder: &Path) -> Result<PathBuf, Error> {
    ask_path(folder, &["rev-parse", "--git-common-dir"])
}

/// What an object is to a reader that takes so many bytes.
pub(super) enum Object {
    /// Its content.
    Whole(Vec<u8>),
    /// It is larger; the beginning of its content, and its size.
    Large(Vec<u8>, u64),
    /// It is not in the repository: a partial clone, or a damaged one.
    Missing,
}

/// Contents of objects, one after another, from one process.
pub(super) struct Objects {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    /// Starts the process.
    ///
    /// # Errors
    /// Git is not installed.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let (child, asks, answers) = cat_file(folder, (&[], &[]))?;
        Ok(Self { child, asks, answers: BufReader::new(answers) })
    }

    /// Whether there is an object.
    ///
    /// # Errors
    /// Git went away.
    pub(super) fn has(&mut self, id: &str) -> Result<bool, Error> {
        Ok(!matches!(self.object(id, 0)?, Object::Missing))
    }

    /// The content of an object that is not larger than so many bytes.
    ///
    /// # Errors
    /// Git went away.
    pub(super) fn object(&mut self, id: &str, largest: u64) -> Result<Object, Error> {
        let asks = self.asks.as_mut().ok_or(Error::Nonsense { what: "cat-file" })?;
        asks.write_all(format!("{id}\n").as_bytes()).and_then(|()| asks.flush()).map_err(Error::Gone)?;
        let mut head = String::new();
        self.answers.read_line(&mut head).map_err(Error::Gone)?;
        let words: Vec<&str> = head.split_whitespace().collect();
        match words[..] {
            [_, _, size] => {
                let size = size.parse().map_err(|_| Error::Nonsense { what: "cat-file" })?;
                self.read(size, largest).map_err(Error::Gone)
            }
            [_, "missing"] => Ok(Object::Missing),
            _ => Err(Error::Nonsense { what: "cat-file" }),
        }
    }

    fn read(&mut self, size: u64, largest: u64) -> io::Result<Object> {
        let wanted = if size > largest { size.min(HEAD as u64) } else { size };
        let mut bytes = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
        self.answers.by_ref().take(wanted).read_to_end(&mut bytes)?;
        // The rest, and the line end behind it, stand before the next answer.
        let rest = size - wanted + 1;
        let passed = io::copy(&mut self.answers.by_ref().take(rest), &mut io::sink())?;
        if passed < rest {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(if size > largest { Object::Large(bytes, size) } else { Object::Whole(bytes) })
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        self.asks = None;
        // After a failure it may still be writing what nobody reads.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Lets much wait in a pipe: whoever writes and whoever reads take turns less often. Where that is refused, they do.
pub(super) fn widen(pipe: &ChildStdout) {
    // As much as Linux allows anybody.
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, 1 << 20);
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}

/// A path as Git writes it.
#[cfg(unix)]
pub(crate) fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}
