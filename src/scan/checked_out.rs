//! The content of an object, taken from the working tree where the very same stands there: that spares a process of Git.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, digest};

/// The content of a file, where it is what the object of a name holds; nothing where it differs, is larger than so many
/// bytes, is no file, or has line ends or filters that Git changes on its way in.
pub(super) fn checked_out(path: &Path, id: &str, largest: u64) -> Option<Vec<u8>> {
    let found = path.symlink_metadata().ok()?;
    if !found.is_file() || found.len() > largest {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).ok()? + 1);
    File::open(path).ok()?.take(largest).read_to_end(&mut bytes).ok()?;
    // The length of a name tells which of Git's two digests it is.
    let is_it = match id.len() {
        40 => name::<Sha1>(&bytes) == id,
        64 => name::<Sha256>(&bytes) == id,
        _ => false,
    };
    is_it.then_some(bytes)
}

/// The name that Git gives to a content.
fn name<D: Digest>(bytes: &[u8]) -> String
where
    digest::Output<D>: AsRef<[u8]>,
{
    let head = format!("blob {}\0", bytes.len());
    base16ct::lower::encode_string(D::new().chain_update(head).chain_update(bytes).finalize().as_ref())
}

#[cfg(test)]
mod tests {
    use super::super::git;
    use super::*;

    fn repository(form: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        git::ask(folder.path(), &["init", "--quiet", &format!("--object-format={form}")]).unwrap();
        folder
    }

    #[test]
    fn a_file_is_known_by_the_name_that_git_gives_to_it() {
        for form in ["sha1", "sha256"] {
            let folder = repository(form);
            let file = folder.path().join("a");
            for content in [&b""[..], b"a: 1\n", &[0, 255, 10]] {
                std::fs::write(&file, content).unwrap();
                let id = String::from_utf8(git::ask(folder.path(), &["hash-object", "a"]).unwrap()).unwrap();
                assert_eq!(checked_out(&file, id.trim(), 100).as_deref(), Some(content), "{form}");
                std::fs::write(&file, b"other").unwrap();
                assert_eq!(checked_out(&file, id.trim(), 100), None, "{form}");
            }
        }
    }

    #[test]
    fn what_git_changes_on_its_way_in_is_not_taken() {
        let folder = repository("sha1");
        std::fs::write(folder.path().join(".gitattributes"), "a text\n").unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, "a: 1\r\n").unwrap();
        let id = String::from_utf8(git::ask(folder.path(), &["hash-object", "a"]).unwrap()).unwrap();
        assert_eq!(checked_out(&file, id.trim(), 100), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_folders_and_large_files_are_left_to_git() {
        let folder = repository("sha1");
        let file = folder.path().join("a");
        std::fs::write(&file, "a: 1\n").unwrap();
        std::os::unix::fs::symlink(&file, folder.path().join("link")).unwrap();
        let id = String::from_utf8(git::ask(folder.path(), &["hash-object", "a"]).unwrap()).unwrap();
        for path in ["link", ".", "none"] {
            assert_eq!(checked_out(&folder.path().join(path), id.trim(), 100), None, "{path}");
        }
        assert_eq!(checked_out(&file, id.trim(), 4), None);
    }
}
