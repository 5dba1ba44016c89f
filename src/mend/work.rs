//! One file, from its findings to what has come of it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::cure::Cure;
use super::draft::Draft;
use super::kustomization::Chain;
use super::mention::mentioning_part;
use super::refusal::No;
use super::site::{self, Site};
use super::tree::Tree;
use super::{
    Means, Wound, config_map, external_template, generator, helm_release, helm_values, kustomization,
    landing, proof, sealed, secret, sops, substitute, whole, workload,
};
use crate::external::Push;
use crate::scan::Finding;
use crate::seal::Scope;
use crate::yaml::{self, Segment};

/// What has come of a file; findings by their numbers.
#[derive(Default)]
pub(super) struct Done {
    pub(super) mended: Vec<usize>,
    pub(super) refused: Vec<(usize, No)>,
}

/// A finding for which there is a cure: its number and its place.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) number: usize,
    pub(super) site: Site,
}

/// A file that is being mended, with all that a cure may use.
pub(super) struct Work<'w, 'm> {
    pub(super) path: &'w Path,
    pub(super) draft: Draft,
    pub(super) tree: Tree,
    pub(super) chain: Chain,
    /// What has to lie in Vault, of the files before too.
    pub(super) pushes: &'w mut Vec<Push>,
    pub(super) means: &'w mut Means<'m>,
}

/// What a cure says of the findings that it could not mend, though others of the same place could be.
pub(super) type Left = Vec<(usize, No)>;

/// Mends a file as far as it can be.
pub(super) fn mend(wound: &Wound, tree: &mut Tree, pushes: &mut Vec<Push>, means: &mut Means) -> Done {
    if let Some(done) = whole::mend(wound, tree, pushes, means) {
        return done;
    }
    let now = tree.text(wound.path, means.read).unwrap_or_else(|| wound.text.to_owned());
    let draft = match Draft::open(wound.path, &now) {
        Ok(draft) => draft,
        Err(no) => {
            let of = |finding: &Finding| match Cure::of(finding, Site::of(wound.text, finding).as_ref()) {
                Ok(_) => no.clone(),
                Err(own) => own,
            };
            return Done {
                mended: Vec::new(),
                refused: leaks(wound).map(|(number, finding)| (number, of(finding))).collect(),
            };
        }
    };
    let (groups, mut done) = groups(wound);
    let chain = Chain::of(wound.path, means.read);
    let known = pushes.len();
    let mut work = Work { path: wound.path, draft, tree: tree.clone(), chain, pushes, means };
    // From the last one on, so that what is removed does not move what comes before it. SOPS has a code over all of its
    // file.
    let (of_sops, others): (Vec<_>, Vec<_>) =
        groups.iter().rev().partition(|(cure, _)| matches!(cure, Cure::Sops { .. }));
    for (cure, claims) in others.into_iter().chain(of_sops) {
        work.apply(cure, claims, &mut done);
    }
    work.end(wound, tree, known, done)
}

/// The findings that are secrets, with their numbers.
pub(super) fn leaks<'f>(wound: &Wound<'f>) -> impl Iterator<Item = (usize, &'f Finding)> + use<'f> {
    wound.findings.iter().enumerate().filter(|(_, finding)| finding.verdict.is_leak())
}

/// The cures of a file, each with what it is for; and what is refused from the start.
fn groups(wound: &Wound) -> (Vec<(Cure, Vec<Claim>)>, Done) {
    let mut done = Done::default();
    let mut groups: Vec<(Cure, Vec<Claim>)> = Vec::new();
    for (number, finding) in leaks(wound) {
        let site = Site::of(wound.text, finding);
        match (Cure::of(finding, site.as_ref()), site) {
            (Ok(cure), Some(site)) => {
                let claim = Claim { number, site };
                match groups.iter_mut().find(|(known, _)| *known == cure) {
                    Some((_, claims)) => claims.push(claim),
                    None => groups.push((cure, vec![claim])),
                }
            }
            (Err(no), _) => done.refused.push((number, no)),
            (Ok(_), None) => done.refused.push((number, No::unsafe_place())),
        }
    }
    (groups, done)
}

impl Work<'_, '_> {
    /// Applies a cure; where that fails, nothing of it stays.
    fn apply(&mut self, cure: &Cure, claims: &[Claim], done: &mut Done) {
        let before = (self.draft.clone(), self.tree.clone());
        let pushed = self.pushes.len();
        let is_patch =
            self.chain.has_patch(self.path) && !matches!(cure, Cure::Annotation { .. } | Cure::Sops { .. });
        let made = match cure {
            _ if is_patch => Err(No::new(
                "a kustomization lays this file over an object that is written elsewhere",
                "mend the two together, by hand",
            )),
            Cure::Secret { document } => secret::mend(self, *document).map(|()| Left::new()),
            Cure::Annotation { document, path } => self.remove(*document, path).map(|()| Left::new()),
            Cure::Sealed { document, object } => sealed::mend(self, *document, object, claims),
            Cure::Workload { document, object } => workload::mend(self, *document, object, claims),
            Cure::Generator { document, list, name } => {
                generator::mend(self, *document, *list, name).map(|()| Left::new())
            }
            Cure::ConfigMap { document } => config_map::mend(self, *document).map(|()| Left::new()),
            Cure::Substitute { document, object } => substitute::mend(self, *document, object, claims),
            Cure::Values { document } => helm_values::mend(self, *document, claims),
            Cure::Release { document, object } => helm_release::mend(self, *document, object, claims),
            Cure::Sops { document } => sops::mend(self, *document, claims).map(|()| Left::new()),
            Cure::Template { document, object } => external_template::mend(self, *document, object, claims),
        };
        match made {
            Ok(left) => {
                let is_left = |number: usize| left.iter().any(|(other, _)| *other == number);
                done.mended
                    .extend(claims.iter().map(|claim| claim.number).filter(|number| !is_left(*number)));
                done.refused.extend(left);
            }
            Err(no) => {
                (self.draft, self.tree) = before;
                self.pushes.truncate(pushed);
                done.refused.extend(claims.iter().map(|claim| (claim.number, no.clone())));
            }
        }
    }

    /// Removes an annotation, unless it has gone with its document.
    fn remove(&mut self, document: usize, path: &[Segment]) -> Result<(), No> {
        if self.draft.value(document, path).is_none() {
            return Ok(());
        }
        self.draft.remove(document, path)
    }

    /// Puts the new text in its place, if it stands the proof; else all of the file is refused, and of what has to lie in
    /// Vault only so much stays.
    pub(super) fn end(mut self, wound: &Wound, tree: &mut Tree, pushed: usize, mut done: Done) -> Done {
        if done.mended.is_empty() {
            return done.sorted();
        }
        self.tree.put(self.path, self.draft.text().to_owned(), self.means.read);
        match proof::check(wound, tree, &self.tree, self.means, &done) {
            Ok(gone) => {
                *tree = self.tree;
                // What went with something else is mended too.
                done.refused.retain(|(number, _)| !gone.contains(number));
                done.mended.extend(gone);
            }
            Err(no) => {
                self.pushes.truncate(pushed);
                done.refused.extend(done.mended.drain(..).map(|number| (number, no.clone())));
            }
        }
        done.sorted()
    }

    /// The namespace in which an object lands, and its name.
    ///
    /// # Errors
    /// It has no name of its own; its namespace is not known.
    pub(super) fn landing(&self, document: usize, object: &[Segment]) -> Result<(String, String), No> {
        let text = |key: &str| {
            let path = [object, &site::path(&["metadata", key])].concat();
            self.draft.value(document, &path).and_then(|value| value.as_str()).unwrap_or_default()
        };
        let name = text("name").to_owned();
        if name.is_empty() {
            return Err(No::new("the object has no name of its own", "write `metadata.name`"));
        }
        Ok((self.namespace(text("namespace"), self.means.keep.scope())?, name))
    }

    /// The namespace in which an object lands that says `own`.
    pub(super) fn namespace(&self, own: &str, scope: Scope) -> Result<String, No> {
        landing::namespace(self.path, &self.chain, own, scope, &self.tree, self.means)
    }

    /// Refuses to add to a list that a patch may write anew, as it does with lists of all kinds that are not built in.
    pub(super) fn unpatched(&self, list: &str) -> Result<(), No> {
        let of_document = |file: &PathBuf| {
            let text = self.tree.text(file, self.means.read).unwrap_or_default();
            let documents = yaml::documents(file, &text).unwrap_or_default();
            documents.iter().any(|document| patches(document, list, false))
        };
        let found = mentioning_part(&self.tree, self.means, list).into_iter().find(of_document);
        match found.or_else(|| kustomization::patching(list, &self.tree, self.means)) {
            None => Ok(()),
            Some(file) => Err(No::new(
                format!("{} patches `{list}`, and may take away what is added to it", file.display()),
                "add it to the patch, by hand",
            )),
        }
    }
}

/// Whether a document patches a list, in a text or as a map.
fn patches(value: &Value, list: &str, is_within: bool) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, part)| {
            is_within && key == list || patches(part, list, is_within || key.starts_with("patch"))
        }),
        Value::Array(items) => items.iter().any(|item| patches(item, list, is_within)),
        Value::String(text) => is_within && text.contains(list),
        _ => false,
    }
}

impl Done {
    /// The same for all of a file.
    pub(super) fn all(wound: &Wound, made: Result<(), No>) -> Self {
        let all = leaks(wound).map(|(number, _)| number);
        match made {
            Ok(()) => Self { mended: all.collect(), refused: Vec::new() },
            Err(no) => Self { mended: Vec::new(), refused: all.map(|number| (number, no.clone())).collect() },
        }
    }

    fn sorted(mut self) -> Self {
        self.mended.sort_unstable();
        self.refused.sort_by_key(|(number, _)| *number);
        self
    }
}
