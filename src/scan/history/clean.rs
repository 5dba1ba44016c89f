//! Contents that were scanned before and hold nothing: a second scan reads only what is new.
//!
//! The file lies among those that Git keeps for itself. It begins with a digest of what scanned them, and is not used by
//! anything else: another program, another version of this one. Behind it stand names of objects, in their order, each
//! with how thoroughly it was read; nothing of what is in them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::scan::git;
use crate::scan::reading::Reading;

/// What is known to be clean.
#[derive(Default)]
pub(super) struct Clean {
    /// Where it is kept; nowhere where there is no place for it, and then nothing is known.
    file: Option<PathBuf>,
    head: String,
    /// Lines of one length, in the order of their names.
    lines: Vec<u8>,
    /// The length of a line: a name, a digit and a line end.
    length: usize,
}

impl Clean {
    /// Reads what is known in the repository of a folder.
    pub(super) fn open(folder: &Path) -> Self {
        let Some(head) = head() else { return Self::default() };
        let Ok(git) = git::git_folder(folder) else { return Self::default() };
        let file = git.join("sealstrap/scanned");
        let mut lines = std::fs::read(&file).unwrap_or_default();
        let is_ours = lines.starts_with(head.as_bytes());
        lines.drain(..if is_ours { head.len() } else { lines.len() });
        let length = lines.iter().position(|byte| *byte == b'\n').map_or(lines.len() + 1, |end| end + 1);
        // What was cut off is nothing.
        lines.truncate(lines.len() / length * length);
        Self { file: Some(file), head, lines, length }
    }

    /// Whether a content is known to hold nothing when it is read so.
    pub(super) fn knows(&self, name: &[u8], reading: Reading) -> bool {
        let line = |index: usize| &self.lines[index * self.length..(index + 1) * self.length - 2];
        let (mut from, mut to) = (0, self.lines.len() / self.length.max(1));
        while from < to {
            let middle = usize::midpoint(from, to);
            match line(middle).cmp(name) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
                std::cmp::Ordering::Equal => {
                    return self.lines[(middle + 1) * self.length - 2] >= digit(reading);
                }
            }
        }
        false
    }

    /// Keeps what was found to hold nothing, beside what is known. It is no harm where that fails: then it is read again.
    pub(super) fn keep<'n>(self, new: impl Iterator<Item = (&'n [u8], Reading)>) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut all: Vec<Vec<u8>> =
            new.map(|(name, reading)| [name, &[digit(reading), b'\n']].concat()).collect();
        if all.is_empty() {
            return Ok(());
        }
        all.extend(self.lines.chunks(self.length.max(1)).map(<[u8]>::to_vec));
        // Of two lines for one name the more thorough one stays.
        all.sort_unstable_by(|one, other| other.cmp(one));
        let name = |line: &Vec<u8>| line[..line.len() - 2].to_vec();
        all.dedup_by(|one, other| name(one) == name(other));
        all.reverse();
        let folder = file.parent().unwrap_or(file);
        std::fs::create_dir_all(folder)?;
        let mut beside = tempfile::NamedTempFile::new_in(folder)?;
        beside.write_all(self.head.as_bytes())?;
        beside.write_all(&all.concat())?;
        beside.persist(file).map_err(|error| error.error).map(drop)
    }
}

fn digit(reading: Reading) -> u8 {
    b'0' + reading as u8
}

/// What scans: this very program.
fn head() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let about = program.metadata().ok()?;
    let made = about.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let mut digest = Sha256::new();
    digest.update(env!("CARGO_PKG_VERSION"));
    digest.update(about.len().to_le_bytes());
    digest.update(made.as_nanos().to_le_bytes());
    Some(base16ct::lower::encode_string(&digest.finalize()) + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        git::ask(folder.path(), &["init", "--quiet"]).unwrap();
        folder
    }

    fn keep(folder: &Path, names: &[(&str, Reading)]) {
        let new = names.iter().map(|(name, reading)| (name.as_bytes(), *reading));
        Clean::open(folder).keep(new).unwrap();
    }

    #[test]
    fn what_is_kept_is_known_when_it_is_read_no_more_thoroughly() {
        let folder = repository();
        keep(folder.path(), &[("cc", Reading::Documents), ("aa", Reading::Words)]);
        keep(
            folder.path(),
            &[("bb", Reading::Variables), ("aa", Reading::Variables), ("cc", Reading::Words)],
        );
        let clean = Clean::open(folder.path());
        for (name, known, more) in [
            ("aa", Reading::Variables, Some(Reading::Documents)),
            ("bb", Reading::Words, Some(Reading::Documents)),
            ("cc", Reading::Documents, None),
        ] {
            assert!(clean.knows(name.as_bytes(), known), "{name}");
            assert!(more.is_none_or(|more| !clean.knows(name.as_bytes(), more)), "{name}");
        }
        assert!(!clean.knows(b"dd", Reading::Words));
    }

    #[test]
    fn what_others_have_written_is_nothing() {
        let folder = repository();
        keep(folder.path(), &[("aa", Reading::Documents)]);
        let file = folder.path().join(".git/sealstrap/scanned");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replacen(|_| true, "x", 1)).unwrap();
        assert!(!Clean::open(folder.path()).knows(b"aa", Reading::Words));
        std::fs::write(&file, &text[..text.len() - 1]).unwrap();
        assert!(!Clean::open(folder.path()).knows(b"aa", Reading::Words), "it was cut off");
    }
}
