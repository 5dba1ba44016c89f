//! Files of manifests in the repository.

use std::path::{Path, PathBuf};

use super::Error;

/// The file itself, or the manifests below a folder, sorted; paths stay relative to the settings.
pub(super) fn files(root: &Path, path: &Path) -> Result<Vec<PathBuf>, Error> {
    let complaint = |source| Error::File { file: path.to_owned(), source };
    let place = root.join(path);
    if !std::fs::metadata(&place).map_err(complaint)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&place).map_err(complaint)? {
        names.push(entry.map_err(complaint)?.file_name());
    }
    names.sort();
    let mut found = Vec::new();
    for name in names.iter().filter(|name| !name.to_string_lossy().starts_with('.')) {
        let below = path.join(name);
        if root.join(&below).is_dir() {
            found.extend(files(root, &below)?);
        } else if is_manifest(&below) {
            found.push(below);
        }
    }
    Ok(found)
}

fn is_manifest(file: &Path) -> bool {
    let ending = file.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    matches!(ending, "yaml" | "yml" | "json") && !is_kustomization(file)
}

/// The file by which kustomize is told what to build: no object of the cluster.
pub(super) fn is_kustomization(file: &Path) -> bool {
    matches!(
        file.file_name().and_then(std::ffi::OsStr::to_str),
        Some("kustomization.yaml" | "kustomization.yml" | "Kustomization")
    )
}
