//! Sealed files among the resources of a kustomization.

use std::path::{Component, Path, PathBuf};

use crate::error::Error;
use crate::file::{self, Audience, Expected, Staged};
use crate::seal::verify::kustomization::way;
use crate::yaml::splice::Edit;

/// The kustomization with these files among its resources, laid beside it; nothing where it has them all.
pub(in crate::cli) fn add<'f>(
    kustomization: &Path,
    files: impl Iterator<Item = &'f Path>,
) -> Result<Option<Staged>, Error> {
    edited(kustomization, files)?.map(|edited| stage(kustomization, &edited)).transpose()
}

/// A kustomization before and after files were put among its resources.
pub(in crate::cli) struct Edited {
    pub(in crate::cli) before: String,
    pub(in crate::cli) after: String,
}

/// Lays it beside the one that is there.
pub(in crate::cli) fn stage(kustomization: &Path, edited: &Edited) -> Result<Staged, Error> {
    let expected = Expected::read(edited.before.as_bytes());
    file::stage(kustomization, edited.after.as_bytes(), Audience::Anybody, expected)
        .map_err(Error::system(format!("write {}", kustomization.display())))
}

/// What becomes of a kustomization; nothing where it has all these files.
pub(in crate::cli) fn edited<'f>(
    kustomization: &Path,
    files: impl Iterator<Item = &'f Path>,
) -> Result<Option<Edited>, Error> {
    let action = format!("read {}", kustomization.display());
    let before = std::fs::read_to_string(kustomization).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::Usage {
            complaint: format!("there is no kustomization `{}`", kustomization.display()),
            hint: "write one first: `printf 'resources: []\\n' > kustomization.yaml`".into(),
        },
        _ => Error::system(action)(error),
    })?;
    let mut edit = Edit::open(kustomization, &before).map_err(Error::Yaml)?;
    let folder = absolute(kustomization)?.parent().map(Path::to_owned).unwrap_or_default();
    for file in files {
        let path = way(&folder, &absolute(file)?);
        let path = path.to_string_lossy();
        let mut document = edit.document(0).map_err(Error::Yaml)?;
        document.append(&["resources".into()], &path).map_err(Error::Yaml)?;
    }
    let after = edit.text();
    Ok((after != before).then_some(Edited { before, after }))
}

/// In full, without `.` and `..`.
fn absolute(path: &Path) -> Result<PathBuf, Error> {
    let full = std::path::absolute(path).map_err(Error::system("find the current folder"))?;
    let mut out = PathBuf::new();
    for component in full.components() {
        match component {
            Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_full_has_no_dots() {
        assert_eq!(absolute(Path::new("/a/./b/../c")).unwrap(), Path::new("/a/c"));
    }
}
