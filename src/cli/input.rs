//! Inputs that may be secret, read to their end.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::Error;
use crate::plain::Plain;

/// Standard input among the paths that are typed.
pub(super) const STDIN: &str = "-";

/// Whether a path means standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}

/// The bytes of a file, or of standard input.
pub(super) fn read(path: &Path) -> std::io::Result<Plain> {
    if is_stdin(path) { read_all(&mut std::io::stdin()) } else { read_all(&mut std::fs::File::open(path)?) }
}

/// The files that paths mean, standard input among them; an empty folder means none, which is an error.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let (stdin, others): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.iter().cloned().partition(|path| is_stdin(path));
    let mut files = super::files::found(&others)?.into_iter().map(|(file, ..)| file).collect::<Vec<_>>();
    files.extend(stdin.into_iter().take(1));
    if files.is_empty() {
        let names: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(Error::Usage {
            complaint: format!("there is no manifest in {}", names.join(", ")),
            hint: "of a folder the files that end in `.yaml`, `.yml` and `.json` are read, without those that Git \
                   ignores"
                .into(),
        });
    }
    Ok(files)
}

/// Reads to the end, through buffers that are wiped.
pub(super) fn read_all(from: &mut dyn Read) -> std::io::Result<Plain> {
    let mut all = Zeroizing::new(vec![0; 64 * 1024]);
    let mut length = 0;
    loop {
        if length == all.len() {
            let mut larger = Zeroizing::new(vec![0; 2 * length]);
            larger[..length].copy_from_slice(&all);
            all = larger;
        }
        match from.read(&mut all[length..]) {
            // A copy of just the size: a vector that gave room back would leave its bytes behind.
            Ok(0) => return Ok(Plain::new(all[..length].to_vec())),
            Ok(more) => length += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
