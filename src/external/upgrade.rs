//! v1beta1, which the operator serves no longer since 0.17, made v1: the version is all that differs.

use std::path::Path;

use serde_json::Value;

use super::external_secret::GROUP_VERSION;
use super::{Error, kind_of};
use crate::yaml::splice::Edit;
use crate::yaml::{self, Document, Segment};

const OLD: [&str; 2] = ["external-secrets.io/v1beta1", "external-secrets.io/v1alpha1"];
/// Kinds whose v1beta1 and v1 say the same.
const KINDS: [&str; 4] = ["ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore"];

/// A file, its objects of v1beta1 made v1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgraded {
    /// The file. Nothing but those versions has changed in it.
    pub text: String,
    /// The objects that were changed, as `FILE:LINE`.
    pub places: Vec<String>,
}

/// Makes objects of v1beta1 v1.
///
/// ```
/// let text = "# the shop's\napiVersion: \"external-secrets.io/v1beta1\" # old\nkind: ExternalSecret\n";
/// let upgraded = sealstrap::external::upgrade("db.yaml".as_ref(), text)?;
/// assert_eq!(upgraded.text, text.replace("v1beta1", "v1"));
/// # Ok::<(), sealstrap::external::Error>(())
/// ```
///
/// # Errors
/// Text that is not YAML, or cannot be edited; templates of `engineVersion: v1`, whose language v1 does not have; with
/// their places. Then nothing has changed.
pub fn upgrade(file: &Path, text: &str) -> Result<Upgraded, Error> {
    if !text.contains(OLD[0]) && !text.contains(OLD[1]) {
        return Ok(Upgraded { text: text.to_owned(), places: Vec::new() });
    }
    let (mut texts, mut places, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for document in yaml::each(file, text)? {
        let (index, is_list) = (document.number - 1, is_list(&document));
        for (at, item) in document.taken_apart().into_iter().enumerate() {
            let version = item.value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
            if !OLD.contains(&version) || !kind_of(&item).is_some_and(|kind| KINDS.contains(&kind)) {
                continue;
            }
            errors.extend(check(&item, version).err());
            let mut path: Vec<Segment> = if is_list { vec!["items".into(), at.into()] } else { Vec::new() };
            path.push("apiVersion".into());
            places.push(item.place(&["apiVersion".into()]));
            texts.push((index, path, GROUP_VERSION.to_owned()));
        }
    }
    Error::all(errors)?;
    let mut edit = Edit::open(file, text)?;
    edit.set_all(&texts)?;
    Ok(Upgraded { text: edit.text(), places })
}

fn is_list(document: &Document) -> bool {
    document.value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"))
}

/// Refuses what v1 would not take, or take for something else.
fn check(item: &Document, version: &str) -> Result<(), Error> {
    if version == OLD[1] {
        let what = "v1alpha1 had other fields: it cannot be upgraded by its version alone";
        return Err(Error::refused(&item.place(&["apiVersion".into()]), what, "write it anew"));
    }
    let template = |head: &[&str]| {
        let path: Vec<Segment> = head
            .iter()
            .chain(&["target", "template", "engineVersion"])
            .map(|key| Segment::from(*key))
            .collect();
        let at = path.iter().try_fold(&item.value, |value, segment| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) => value.get(index),
        });
        (at.and_then(Value::as_str) == Some("v1")).then_some(path)
    };
    match template(&["spec"]).or_else(|| template(&["spec", "externalSecretSpec"])) {
        None => Ok(()),
        Some(path) => {
            let what = "its template is of `engineVersion: v1`, which v1 does not have";
            Err(Error::refused(&item.place(&path), what, "rewrite it for `engineVersion: v2`"))
        }
    }
}
