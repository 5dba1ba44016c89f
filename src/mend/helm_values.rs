//! A file of values that a kustomization makes a ConfigMap of, from which a Flux `HelmRelease` takes them: its secrets are
//! taken from a Secret instead.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::draft::Draft;
use super::helm_release::{self, Release};
use super::kustomization::{Chain, changing, generating};
use super::mention::{mentioning, speaks_of};
use super::refusal::No;
use super::site;
use super::tree::Tree;
use super::work::{Claim, Left, Work};
use super::{Means, chart_values, uses};
use crate::yaml::{self, Document, Segment};

/// Under which key a release looks for values in a ConfigMap, where it names none.
const VALUES: &str = "values.yaml";

/// Moves values of the file to the Secret of the release that takes them.
pub(super) fn mend(work: &mut Work, document: usize, claims: &[Claim]) -> Result<Left, No> {
    let Some(consumer) = Taker::all(work.path, &work.tree, work.means).into_iter().next() else {
        return chart_values::mend(work, document, claims);
    };
    consumer.is_alone(work)?;
    let text = work.tree.text(&consumer.file, work.means.read).ok_or_else(No::unsafe_place)?;
    let mut other = Work {
        path: &consumer.file,
        draft: Draft::open(&consumer.file, &text)?,
        tree: work.tree.clone(),
        chain: Chain::of(&consumer.file, work.means.read),
        pushes: &mut *work.pushes,
        means: &mut *work.means,
    };
    let mut release = Release::of(&mut other, consumer.document, &consumer.object)?;
    let mut left = Left::new();
    for claim in claims {
        let path = claim.site.path();
        let keys = site::keys(&path).unwrap_or_default();
        let taken = consumer
            .is_last(&keys)
            .and_then(|()| helm_release::text(&work.draft, document, &path))
            .and_then(|value| release.take(&keys, value, || work.draft.remove(document, &path)));
        left.extend(taken.err().map(|no| (claim.number, no)));
    }
    release.end(&mut other)?;
    other.tree.put(&consumer.file, other.draft.text().to_owned(), other.means.read);
    work.tree = other.tree;
    Ok(left)
}

/// Whether a release takes the values of a file.
pub(super) fn is_taken(path: &Path, tree: &Tree, means: &Means) -> bool {
    !Taker::all(path, tree, means).is_empty()
}

/// A release that takes the values of the file.
struct Taker {
    file: PathBuf,
    /// The ConfigMap that it takes them of.
    map: String,
    document: usize,
    object: Vec<Segment>,
    /// The values that it takes later from elsewhere, by their paths; nothing where those are not known.
    later: Vec<Option<String>>,
}

impl Taker {
    /// Looks for them among the resources of the kustomization that makes a ConfigMap of the file.
    fn all(path: &Path, tree: &Tree, means: &Means) -> Vec<Self> {
        let read = |path: &Path| tree.text(path, means.read);
        let mut all = Vec::new();
        for made in generating(path, &read) {
            for file in &made.resources {
                let documents = read(file).and_then(|text| yaml::each(file, &text).ok()).unwrap_or_default();
                all.extend(
                    documents.iter().filter_map(|document| taker(file, document, &made.map, &made.key)),
                );
            }
        }
        all
    }

    /// Refuses where something else takes values of the ConfigMap, or may: it would lose them.
    fn is_alone(&self, work: &Work) -> Result<(), No> {
        let hint = "give each a ConfigMap of its own, or move the value by hand";
        if let Some(other) = changing(&self.map, &work.tree, work.means).first() {
            let reason = format!("{} changes the ConfigMap `{}`", other.file.display(), self.map);
            return Err(No::new(reason, hint));
        }
        for file in mentioning(&work.tree, work.means, &self.map) {
            let text = work.tree.text(&file, work.means.read).unwrap_or_default();
            let many = match yaml::documents(&file, &text) {
                Ok(documents) => documents.iter().map(|document| uses::speaking(document, &self.map)).sum(),
                Err(_) => usize::from(speaks_of(&text.replace(&self.map, ""), "configmap")),
            };
            if many > usize::from(file == self.file) {
                let reason = format!("{} uses the ConfigMap `{}` too", file.display(), self.map);
                return Err(No::new(reason, hint));
            }
        }
        Ok(())
    }

    /// Refuses where the release may take the same value from elsewhere afterwards: that one counts, and has to go on
    /// doing so.
    fn is_last(&self, keys: &[&str]) -> Result<(), No> {
        let own = helm_release::escaped(keys);
        if self.later.iter().all(|path| path.as_ref().is_some_and(|path| *path != own)) {
            return Ok(());
        }
        let reason = format!("{} takes values from elsewhere after those of this file", self.file.display());
        Err(No::new(reason, "have it take those of this file last, or move the value by hand"))
    }
}

/// A document that is a release and takes a ConfigMap's values.
fn taker(file: &Path, document: &Document, map: &str, key: &str) -> Option<Taker> {
    let field = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    if field(&document.value, "kind")? != "HelmRelease" {
        return None;
    }
    let all = document.value.pointer("/spec/valuesFrom")?.as_array()?;
    let is_it = |entry: &Value| {
        field(entry, "kind").as_deref() == Some("ConfigMap")
            && field(entry, "name").as_deref() == Some(map)
            && field(entry, "valuesKey").as_deref().unwrap_or(VALUES) == key
            && entry.get("targetPath").is_none()
    };
    let at = all.iter().position(is_it)?;
    let later = all[at + 1..].iter().map(|entry| field(entry, "targetPath")).collect();
    Some(Taker {
        file: file.to_owned(),
        map: map.to_owned(),
        document: document.number - 1,
        object: Vec::new(),
        later,
    })
}
