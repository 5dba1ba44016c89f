//! The Secrets in which values are kept that are taken out of their files.

use std::path::{Path, PathBuf};

use super::keep::Keep;
use super::refusal::No;
use super::site::{self, Site};
use super::store::{Store, beside};
use super::work::Work;
use crate::scan::Finding;
use crate::seal::names;
use crate::yaml::Segment;

/// The file at the top of the repository for what no kustomization applies, before its ending.
const FILE: &str = "taken-out";

/// So many letters of a name are taken: with an ending it is within the 253 that Kubernetes takes.
const LONGEST: usize = 200;

/// Values of one name in one file are told apart up to this number.
const MOST: usize = 9999;

/// A Secret that takes values of a file in.
pub(super) struct Keeper {
    namespace: String,
    /// The name that was wanted for it; its own may have a number behind it.
    wanted: String,
    pub(super) store: Store,
}

impl Keeper {
    /// The one for a value: with the object that the value is in, where a kustomization applies that, and else in a file for
    /// all that was taken out.
    ///
    /// # Errors
    /// It cannot be kept there.
    pub(super) fn of<'k>(
        work: &mut Work,
        site: Option<&Site>,
        keepers: &'k mut Vec<Self>,
    ) -> Result<&'k mut Self, No> {
        let field = |key: &str| {
            let site = site.filter(|site| !site.kind.is_empty())?;
            let path = [&site.object[..], &site::path(&["metadata", key])].concat();
            work.draft.value(site.document, &path)?.as_str().map(str::to_owned)
        };
        let own = field("namespace").filter(|name| names::namespace(name).is_ok()).unwrap_or_default();
        let namespace = work.namespace(&own, work.means.keep.scope())?;
        let is_applied = work.chain.first().is_some();
        let object = field("name").filter(|_| is_applied).map(|name| slug(&name));
        let stem = object.unwrap_or_else(|| slug(&work.path.to_string_lossy()));
        let wanted = format!("{stem}-taken-out");
        let at = keepers.iter().position(|known| known.namespace == namespace && known.wanted == wanted);
        if let Some(at) = at {
            return Ok(&mut keepers[at]);
        }
        let store = if is_applied {
            let kind = site.map(|site| site.kind.as_str()).unwrap_or_default();
            let file = beside(work, "-taken-out");
            Store::of(work, (&namespace, &wanted), kind, &file)?
        } else {
            let file = PathBuf::from(format!("{FILE}.{}.yaml", work.means.keep.ending()));
            let name = unused(work, &file, &wanted);
            Store::apart(work, (&namespace, &name), &file)?
        };
        keepers.push(Self { namespace, wanted, store });
        keepers.last_mut().ok_or_else(No::unsafe_place)
    }

    /// The reference to a value in it.
    pub(super) fn reference(&self, key: &str) -> String {
        format!("sealstrap://{}/{}#{key}", self.namespace, self.store.name())
    }
}

/// The name, with a number behind it where the file has an ExternalSecret of it already, to which nothing can be added.
fn unused(work: &Work, file: &Path, name: &str) -> String {
    let text = match work.means.keep {
        Keep::Vault(_) => work.tree.text(file, work.means.read).unwrap_or_default(),
        Keep::Sealed { .. } | Keep::Nowhere => String::new(),
    };
    let is_free = |name: &String| !text.lines().any(|line| line.trim() == format!("name: {name}"));
    let numbered = (2..=MOST).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}

/// The keys under which a value may be kept: as it is called where it stands, else as its rule is.
pub(super) fn keys(
    work: &Work,
    finding: &Finding,
    site: Option<&Site>,
) -> impl Iterator<Item = String> + use<> {
    let of_way = || finding.way.rsplit('.').next().map(str::to_owned);
    let name = site.and_then(|site| called(work, site)).or_else(of_way).filter(|name| {
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        name.len() > 1 && !is_number && name != VALUE
    });
    let name = name.unwrap_or_else(|| finding.rule.to_string());
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '-' };
    let name: String = name.chars().map(letter).take(LONGEST).collect();
    let name = Some(name).filter(|name| names::key(name).is_ok()).unwrap_or_else(|| VALUE.to_owned());
    std::iter::once(name.clone()).chain((2..=MOST).map(move |number| format!("{name}-{number}")))
}

/// The key of a value that is all of a scalar; of `name: A`, `value: B` it is `A`.
fn called(work: &Work, site: &Site) -> Option<String> {
    match site.way.last().filter(|_| site.is_whole)? {
        Segment::Key(key) if key == VALUE => {
            let name = [site.above(1), site::path(&["name"])].concat();
            work.draft.value(site.document, &name)?.as_str().map(str::to_owned)
        }
        Segment::Key(key) => Some(key.clone()),
        Segment::Index(_) => None,
    }
}

/// The key of values that are called by a key beside.
const VALUE: &str = "value";

/// Words as the name of an object.
fn slug(words: &str) -> String {
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let name: String = words.chars().map(letter).collect();
    let name = name.get(name.len().saturating_sub(LONGEST)..).unwrap_or_default();
    let parts: Vec<&str> = name.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "file".to_owned() } else { parts.join("-") }
}
