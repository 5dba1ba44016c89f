//! Files in archives: tar, by itself or packed with gzip, as charts of Helm are; and archives in those.

use std::cell::Cell;
use std::io::{self, BufReader, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use super::text::is_binary;
use super::worktree::{LARGEST, Looked, Skipped};
use super::{Policy, scan};

/// Archives in archives that are opened.
const DEEPEST: usize = 4;
/// Bytes that come out of one file at most, of the archives in it too: few kilobytes can be packed to become many
/// gigabytes. So much memory a name in it may take as well.
const MOST: u64 = 256 << 20;

/// Whether a file is an archive, by its name.
#[must_use]
pub fn is_archive(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    [".tar", ".tar.gz", ".tgz"].iter().any(|ending| name.ends_with(ending))
}

/// Whether a path is that of a file in an archive, as those are told.
pub(crate) fn is_within_archive(path: &str) -> bool {
    path.match_indices('!').any(|(at, _)| is_archive(Path::new(&path[..at])))
}

/// Scans the files in an archive. Each is told as `ARCHIVE!PATH`; so is where an archive cannot be read on.
#[must_use]
pub fn scan_archive(policy: &Policy, path: &Path) -> Vec<Looked> {
    unpack(policy, path, MOST)
}

fn unpack(policy: &Policy, path: &Path, most: u64) -> Vec<Looked> {
    let mut unpacking = Unpacking { policy, left: Rc::new(Cell::new(most)), looked: Vec::new() };
    match std::fs::File::open(path) {
        Ok(file) => unpacking.archive(path, BufReader::new(file), 1),
        Err(error) => unpacking.skip(path, Skipped::Unreadable(error)),
    }
    unpacking.looked
}

struct Unpacking<'p> {
    policy: &'p Policy,
    /// Bytes that may still come out.
    left: Rc<Cell<u64>>,
    looked: Vec<Looked>,
}

/// What comes out of an archive, passed over or not.
struct Metered<R> {
    out: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        let length = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if length == 0 && !buffer.is_empty() {
            return Err(ErrorKind::QuotaExceeded.into());
        }
        let read = self.out.read(&mut buffer[..length])?;
        self.left.set(left - read as u64);
        Ok(read)
    }
}

impl Unpacking<'_> {
    /// Scans the entries of an archive that lies in so many others.
    fn archive(&mut self, path: &Path, packed: impl Read, depth: usize) {
        let is_packed = path.extension().is_some_and(|ending| !ending.eq_ignore_ascii_case("tar"));
        let out: Box<dyn Read + '_> =
            if is_packed { Box::new(MultiGzDecoder::new(packed)) } else { Box::new(packed) };
        let mut archive = Archive::new(Metered { out, left: Rc::clone(&self.left) });
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return self.skip(path, Skipped::Packed(error)),
        };
        for entry in entries {
            let done = entry.and_then(|mut entry| {
                let name = within(path, &entry.path()?);
                let kind = entry.header().entry_type();
                if matches!(kind, EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse) {
                    self.entry(&name, &mut entry, depth)?;
                }
                Ok(())
            });
            match done {
                Err(_) if self.left.get() == 0 => return self.skip(path, Skipped::TooMuch),
                Err(error) => return self.skip(path, Skipped::Packed(error)),
                Ok(()) => {}
            }
        }
    }

    fn entry(&mut self, path: &Path, entry: &mut impl Read, depth: usize) -> io::Result<()> {
        let mut bytes = Vec::new();
        entry.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if is_archive(path) {
            if depth < DEEPEST {
                self.archive(path, Cursor::new(bytes), depth + 1);
            } else {
                self.skip(path, Skipped::TooDeep);
            }
            return Ok(());
        }
        let is_too_large = bytes.len() as u64 > LARGEST && !is_binary(&bytes);
        let result = if is_too_large {
            Err(Skipped::TooLarge)
        } else {
            Ok(scan(self.policy, &path.to_string_lossy(), &bytes))
        };
        self.looked.push(Looked { path: path.to_owned(), bytes: bytes.len() as u64, result });
        Ok(())
    }

    fn skip(&mut self, path: &Path, why: Skipped) {
        self.looked.push(Looked { path: path.to_owned(), bytes: 0, result: Err(why) });
    }
}

/// The path of an entry in an archive.
fn within(archive: &Path, entry: &Path) -> PathBuf {
    PathBuf::from(format!("{}!{}", archive.display(), entry.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const VALUES: &[u8] = b"auth:\n  password: tr0ub4dor-Kx9v\n";

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, *content).unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    /// What is told of an archive of a name.
    fn told(name: &str, bytes: &[u8]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let tell = |looked: Looked| {
            let path = looked.path.strip_prefix(folder.path()).unwrap().display().to_string();
            match looked.result {
                Ok(scanned) => format!("{path}: {}", scanned.findings.len()),
                Err(why) => format!("{path}: {why}"),
            }
        };
        scan_archive(&Policy::default(), &path).into_iter().map(tell).collect()
    }

    #[test]
    fn files_in_charts_are_scanned() {
        let chart = tar(&[("wiki/values.yaml", VALUES), ("wiki/Chart.yaml", b"name: wiki\n")]);
        let expected = ["a!wiki/values.yaml: 1", "a!wiki/Chart.yaml: 0"];
        for (name, bytes) in [("a.tar", chart.clone()), ("a.tgz", gzip(&chart)), ("a.tar.gz", gzip(&chart))] {
            assert_eq!(told(name, &bytes), expected.map(|line| line.replacen('a', name, 1)), "{name}");
        }
    }

    #[test]
    fn archives_in_archives_are_opened_and_not_without_end() {
        let chart = gzip(&tar(&[("values.yaml", VALUES)]));
        assert_eq!(told("a.tar", &tar(&[("b.tgz", &chart)])), ["a.tar!b.tgz!values.yaml: 1"]);
        let deep = (0..6).fold(chart, |inner, _| gzip(&tar(&[("b.tgz", &inner)])));
        let told = told("a.tgz", &deep);
        assert_eq!(told, ["a.tgz!b.tgz!b.tgz!b.tgz!b.tgz: it lies in too many archives"]);
    }

    #[test]
    fn what_is_no_archive_is_told_and_what_came_before_is_scanned() {
        assert_eq!(told("a.tgz", b"nothing").len(), 1);
        let whole = tar(&[("values.yaml", VALUES), ("more.yaml", &[b'a'; 2000])]);
        let told = told("a.tar", &whole[..1600]);
        assert_eq!(told[0], "a.tar!values.yaml: 1");
        assert!(told.last().unwrap().starts_with("a.tar: it cannot be unpacked: "), "{told:?}");
    }

    #[test]
    fn few_bytes_do_not_become_many() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tgz");
        let file = &vec![0; 1 << 20][..];
        std::fs::write(&path, gzip(&tar(&[("a", file), ("b", file), ("c", file)]))).unwrap();
        let looked = unpack(&Policy::default(), &path, 2 << 20);
        assert!(matches!(
            looked[..],
            [Looked { result: Ok(_), .. }, Looked { result: Err(Skipped::TooMuch), .. }]
        ));
    }
}
