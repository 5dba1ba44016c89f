//! What Git makes of a file.

use std::path::Path;
use std::process::{Command, Stdio};

/// Whether Git ignores a file; nothing where it lies in no repository, or there is no Git.
pub(super) fn ignores(file: &Path) -> Option<bool> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let status = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["check-ignore", "--quiet", "--"])
        .arg(file.file_name()?)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match status.ok()?.code()? {
        0 => Some(true),
        1 => Some(false),
        _ => None,
    }
}
