//! The kustomizations that a file goes through: those that list it, from its folder up to the top of the repository.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::input;
use crate::seal::verify::Kustomization;
use crate::seal::verify::kustomization::{NAMES, chain};
use crate::yaml;

/// What is known of a folder.
#[derive(Clone, Default)]
struct Folder {
    kustomization: Option<Arc<Kustomization>>,
    /// Whether it is the top of a repository: what lies above belongs to others.
    is_top: bool,
}

/// Folders, each read once.
#[derive(Default)]
pub(super) struct Kustomizations(Mutex<HashMap<PathBuf, Folder>>);

impl Kustomizations {
    /// Those that a file goes through, the innermost first; and the one in its own folder, where none lists it.
    pub(super) fn of(&self, file: &Path) -> (Vec<Arc<Kustomization>>, Option<String>) {
        let Ok(file) = std::path::absolute(file) else { return Default::default() };
        let own = file.parent().unwrap_or(&file);
        let mut below_top = true;
        let folders = own.ancestors().map_while(|path| {
            let folder = below_top.then(|| self.folder(path))?;
            below_top = !folder.is_top;
            Some((path, folder.kustomization))
        });
        let chain = chain(&file, folders.filter_map(|(path, made)| Some((path, made?))));
        let own = || self.folder(own).kustomization.map(|made| made.file.clone());
        let unlisted = if chain.is_empty() { own() } else { None };
        (chain, unlisted)
    }

    /// The namespace that they give to what stands in a file: the outermost one that gives any.
    pub(super) fn namespace(&self, file: &Path) -> Option<String> {
        if input::is_stdin(file) {
            return None;
        }
        let (chain, _) = self.of(file);
        chain.iter().rfind(|made| !made.namespace.is_empty()).map(|made| made.namespace.clone())
    }

    fn folder(&self, path: &Path) -> Folder {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = known().get(path) {
            return folder.clone();
        }
        let folder = Folder {
            kustomization: NAMES.iter().find_map(|name| read(&path.join(name))).map(Arc::new),
            is_top: path.join(".git").exists(),
        };
        known().insert(path.to_owned(), folder.clone());
        folder
    }
}

/// A kustomization; one that cannot be read says nothing here.
fn read(file: &Path) -> Option<Kustomization> {
    let text = std::fs::read_to_string(file).ok()?;
    let here = std::env::current_dir().ok();
    let shown = here.and_then(|here| file.strip_prefix(here).ok()).unwrap_or(file);
    Kustomization::read(yaml::each(shown, &text).ok()?.first()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_through_those_that_list_it() {
        let top = tempfile::tempdir().unwrap();
        let put = |file: &str, text: &str| {
            let file = top.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        put(".git/HEAD", "");
        put("apps/kustomization.yaml", "resources: [shop, other.yaml]\nnamespace: outer\n");
        put("apps/shop/kustomization.yml", "resources: [./db.yaml]\nnamespace: inner\n");
        let all = Kustomizations::default();
        let of = |file: &str| {
            let (chain, unlisted) = all.of(&top.path().join(file));
            (chain.iter().map(|made| made.namespace.clone()).collect::<Vec<_>>(), unlisted.is_some())
        };
        assert_eq!(of("apps/shop/db.yaml"), (vec!["inner".into(), "outer".into()], false));
        assert_eq!(of("apps/shop/lost.yaml"), (vec![], true));
        assert_eq!(of("apps/other.yaml"), (vec!["outer".into()], false));
        assert_eq!(of("apps/far/away.yaml"), (vec![], false));
        let namespace = |file: &str| all.namespace(&top.path().join(file));
        assert_eq!(namespace("apps/shop/db.yaml").as_deref(), Some("outer"));
        assert_eq!(namespace("apps/shop/lost.yaml"), None);
    }
}
