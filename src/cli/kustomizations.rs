//! The kustomizations that a file goes through: those that list it, from its folder up to the top of the repository; and
//! the Kustomizations of Flux that apply it.

mod flux;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::input;
use crate::seal::verify::Kustomization;
use crate::seal::verify::kustomization::{NAMES, chain};
use crate::settings::FILE_NAME;
use crate::yaml;

/// What is known of a folder.
#[derive(Clone, Default)]
struct Folder {
    kustomization: Option<Arc<Kustomization>>,
    /// Whether it is the top of a repository: what lies above belongs to others.
    is_top: bool,
}

/// Folders, each read once, and what Flux applies of each repository, by its top.
#[derive(Default)]
pub(super) struct Kustomizations {
    folders: Mutex<HashMap<PathBuf, Folder>>,
    syncs: Mutex<HashMap<PathBuf, Arc<Vec<flux::Sync>>>>,
}

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

    /// The namespace that is given to what stands in a file: by Flux, or by the outermost of them that gives any.
    pub(super) fn namespace(&self, file: &Path) -> Option<String> {
        if input::is_stdin(file) {
            return None;
        }
        let (chain, _) = self.of(file);
        let given = self.flux(file, &chain);
        given.or_else(|| {
            chain.iter().rfind(|made| !made.namespace.is_empty()).map(|made| made.namespace.clone())
        })
    }

    /// The namespace that Flux gives to what stands in a file.
    fn flux(&self, file: &Path, chain: &[Arc<Kustomization>]) -> Option<String> {
        let outermost = chain.last().map_or_else(|| file.to_owned(), |made| PathBuf::from(&made.file));
        let outermost = std::path::absolute(outermost).ok()?;
        let folder = outermost.parent()?;
        let holding = |name: &str| folder.ancestors().find(|path| path.join(name).exists());
        let top = holding(".git").or_else(|| holding(FILE_NAME))?;
        let mut known = self.syncs.lock().unwrap_or_else(PoisonError::into_inner);
        let all = known.entry(top.to_owned()).or_insert_with(|| Arc::new(flux::syncs(top)));
        let all = Arc::clone(all);
        drop(known);
        flux::namespace(&all, folder)
    }

    fn folder(&self, path: &Path) -> Folder {
        let known = || self.folders.lock().unwrap_or_else(PoisonError::into_inner);
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

    #[test]
    fn the_namespace_of_flux_is_that_of_what_it_applies() {
        let top = tempfile::tempdir().unwrap();
        let put = |file: &str, text: &str| {
            let file = top.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        let sync = |path: &str, namespace: &str, source: &str| {
            format!(
                "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: a}}\nspec: {{path: {path}, \
                 targetNamespace: {namespace}, sourceRef: {{kind: GitRepository, name: {source}}}}}\n"
            )
        };
        put(".git/HEAD", "");
        put("apps/a/redis/ks.yaml", &sync("./apps/a/redis/app", "a", "flux-system"));
        put("apps/a/redis/app/kustomization.yaml", "resources: [es.yaml]\nnamespace: own\n");
        put("apps/b/ks.yaml", &sync("apps/b/plain", "b", "flux-system"));
        put("apps/c/ks.yaml", &sync("apps/c/plain", "c", "other"));
        // Paths are from the top of the repository on, wherever the settings lie.
        put("apps/sealstrap.yaml", "");
        put("apps/b/plain/deep/kustomization.yaml", "resources: [es.yaml]\n");
        put("apps/b/plain/deep/within/kustomization.yaml", "resources: [es.yaml]\n");
        put(
            "twice/ks.yaml",
            &format!(
                "{}---\n{}",
                sync("apps/two", "one", "flux-system"),
                sync("apps/two", "two", "flux-system")
            ),
        );
        put("twice/of-others.yaml", &sync("./", "far", "theirs"));
        let all = Kustomizations::default();
        let namespace = |file: &str| all.namespace(&top.path().join(file));
        assert_eq!(namespace("apps/a/redis/app/es.yaml").as_deref(), Some("a"));
        assert_eq!(namespace("apps/b/plain/es.yaml").as_deref(), Some("b"));
        assert_eq!(namespace("apps/c/plain/es.yaml"), None, "that is a folder of another repository");
        assert_eq!(namespace("apps/b/plain/deep/es.yaml").as_deref(), Some("b"));
        // What the kustomization around it does not list is nobody's.
        assert_eq!(namespace("apps/b/plain/deep/within/es.yaml"), None);
        assert_eq!(namespace("apps/two/es.yaml"), None);
        assert_eq!(namespace("apps/es.yaml"), None);
    }
}
