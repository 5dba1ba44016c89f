//! The values of a chart that lies in the repository: secrets in them are taken from a Secret by each Flux `HelmRelease`
//! that installs the chart.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::draft::Draft;
use super::helm_release::{self, Release};
use super::kustomization::Chain;
use super::mention::{mentioning_part, names_path};
use super::refusal::No;
use super::site;
use super::work::{Claim, Left, Work};
use crate::scan::plain;
use crate::yaml;

/// The name that `flux bootstrap` gives to the source of the repository itself, and its namespace.
const ITSELF: &str = "flux-system";

/// Moves values of a chart to the Secrets of the releases that install it.
pub(super) fn mend(work: &mut Work, document: usize, claims: &[Claim]) -> Result<Left, No> {
    for installing in &installing(work)? {
        let file = &installing.file;
        let text = work.tree.text(file, work.means.read).ok_or_else(No::unsafe_place)?;
        let mut other = Work {
            path: file,
            draft: Draft::open(file, &text)?,
            tree: work.tree.clone(),
            chain: Chain::of(file, work.means.read),
            pushes: &mut *work.pushes,
            means: &mut *work.means,
        };
        let mut release = Release::of(&mut other, installing.document, &[])?;
        for claim in claims {
            let path = claim.site.path();
            let keys = site::keys(&path).unwrap_or_default();
            installing.takes_the_default(&keys)?;
            release.take(&keys, helm_release::text(&work.draft, document, &path)?, || Ok(()))?;
        }
        release.end(&mut other)?;
        other.tree.put(file, other.draft.text().to_owned(), other.means.read);
        work.tree = other.tree;
    }
    for claim in claims.iter().rev() {
        work.draft.remove(document, &claim.site.path())?;
    }
    Ok(Left::new())
}

/// A release that installs a chart.
struct Installing {
    file: PathBuf,
    document: usize,
    spec: Value,
}

/// The releases that install the chart whose values the file under work holds.
///
/// # Errors
/// It is no such file; something else uses the chart too, and would have to give the values to it.
fn installing(work: &Work) -> Result<Vec<Installing>, No> {
    let no = || No::of_rule("helm-values");
    let folder = work.path.parent().unwrap_or(Path::new(""));
    let read = |path: &Path| work.tree.text(path, work.means.read);
    let is_of_chart = work.path.ends_with("values.yaml") && read(&folder.join("Chart.yaml")).is_some();
    let name = folder.file_name().filter(|_| is_of_chart).ok_or_else(no)?.to_string_lossy();
    let mut all = Vec::new();
    for file in mentioning_part(&work.tree, work.means, &name) {
        let text = read(&file).unwrap_or_default();
        if file.starts_with(folder) || !names_path(&text, &file, folder) {
            continue;
        }
        let documents = yaml::each(&file, &text).unwrap_or_default();
        let found = documents.iter().filter(|document| installs(&document.value, folder));
        let found: Vec<Installing> = found
            .map(|document| Installing {
                file: file.clone(),
                document: document.number - 1,
                spec: document.value.get("spec").cloned().unwrap_or_default(),
            })
            .collect();
        if found.is_empty() {
            let reason = format!("{} uses the chart too, or speaks of its folder", file.display());
            return Err(No::new(reason, no().hint));
        }
        all.extend(found);
    }
    if all.is_empty() { Err(no()) } else { Ok(all) }
}

/// Whether an object is a release that installs the chart in a folder of the repository itself.
fn installs(object: &Value, folder: &Path) -> bool {
    let text = |way: &str| object.pointer(way).and_then(Value::as_str).unwrap_or_default();
    let source = |key: &str| text(&format!("/spec/chart/spec/sourceRef/{key}"));
    let namespace =
        [source("namespace"), text("/metadata/namespace")].into_iter().find(|own| !own.is_empty());
    text("/kind") == "HelmRelease"
        && plain(Path::new(text("/spec/chart/spec/chart"))) == folder
        && (source("kind"), source("name"), namespace) == ("GitRepository", ITSELF, Some(ITSELF))
}

impl Installing {
    /// Refuses where the release gives the value itself, or may: that one counts, and has to go on doing so.
    fn takes_the_default(&self, keys: &[&str]) -> Result<(), No> {
        let target = helm_release::escaped(keys);
        let list = self.spec.get("valuesFrom").and_then(Value::as_array).into_iter().flatten();
        let is_other = |entry: &Value| {
            entry
                .get("targetPath")
                .and_then(Value::as_str)
                .is_some_and(|path| !target.starts_with(path) && !path.starts_with(&target))
        };
        let own = self.spec.get("values").unwrap_or(&Value::Null);
        let is_given = keys.iter().try_fold(own, |value, key| match value {
            Value::Object(map) => map.get(*key).ok_or(false),
            Value::Null => Err(false),
            _ => Err(true),
        });
        let has_files = self.spec.pointer("/chart/spec/valuesFiles").is_some();
        if list.into_iter().all(is_other) && is_given == Err(false) && !has_files {
            return Ok(());
        }
        let reason = format!("{} gives values to the chart itself, and maybe this one", self.file.display());
        Err(No::new(reason, "have the release alone give it, from a sealed Secret under `spec.valuesFrom`"))
    }
}
