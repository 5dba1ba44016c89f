//! Files that go, with what was in them.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Writes zeros over a file, flushes them and removes its name. On a disk that writes in place the old bytes are gone
/// then; a file system that copies on write or keeps a journal, and an SSD, may hold them elsewhere.
///
/// # Errors
/// The system's word; what is no plain file; a file that has other names as well, which would lose its content there.
pub fn shred(path: &Path) -> io::Result<()> {
    /// Zeros that are written at once.
    const BLOCK: [u8; 4096] = [0; 4096];
    let found = std::fs::symlink_metadata(path)?;
    if !found.is_file() || found.nlink() > 1 {
        let why = if found.is_file() { "the file has other names as well" } else { "it is no plain file" };
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let mut file = OpenOptions::new().write(true).open(path)?;
    let mut left = found.len();
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(BLOCK.len()).min(BLOCK.len());
        file.write_all(&BLOCK[..now])?;
        left -= now as u64;
    }
    file.sync_all()?;
    std::fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_and_its_bytes_were_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, "secret".repeat(1000)).unwrap();
        let still_open = std::fs::File::open(&file).unwrap();
        shred(&file).unwrap();
        let mut left = Vec::new();
        io::Read::read_to_end(&mut &still_open, &mut left).unwrap();
        assert!(!file.exists() && left.len() == 6000 && left.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn links_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (file, hard, soft) =
            (folder.path().join("a"), folder.path().join("hard"), folder.path().join("soft"));
        std::fs::write(&file, "secret").unwrap();
        std::os::unix::fs::symlink("a", &soft).unwrap();
        assert!(shred(&soft).is_err());
        std::fs::hard_link(&file, hard).unwrap();
        assert!(shred(&file).is_err());
        assert_eq!(std::fs::read(&file).unwrap(), b"secret");
    }
}
