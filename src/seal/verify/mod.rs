//! What can be said of a SealedSecret without any key: whether it is formed like one, whether it can be what was
//! meant, and whether something stands in it in clear. What its values are only [`super::diagnose`] can tell.

pub mod kustomization;
mod leak;
mod meta;
mod names;
mod place;
mod rule;
mod rules;
mod shape;
mod sheet;
#[cfg(test)]
mod tests;

pub use kustomization::Kustomization;
pub use rule::Rule;
pub(crate) use rules::rules;

use std::sync::Arc;

use serde_json::Value;

use crate::yaml::Document;
use sheet::Sheet;

const GROUP: &str = "bitnami.com/";
const GROUP_VERSION: &str = "bitnami.com/v1alpha1";

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// It works, and probably not as meant; or it will not work unless something else gives what is missing.
    Warning,
    /// It will not work, or it gives a secret away.
    Error,
}

/// Something found, by a rule of one table or another. Holds names and places, never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding<R = Rule> {
    /// What it is about.
    pub rule: R,
    /// How bad it is.
    pub severity: Severity,
    /// The line, from 1.
    pub line: usize,
    /// The object as `namespace/name`; empty where it is not about one.
    pub object: String,
    /// What was found, as a sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What is known around a document.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The certificates that values may be sealed for; none where none is pinned.
    pub pinned: Arc<[Pinned]>,
    /// The kustomizations that the file goes through, the innermost first.
    pub kustomizations: Vec<Arc<Kustomization>>,
    /// The kustomization in the folder of the file that does not list the file.
    pub unlisted_in: Option<String>,
}

/// A certificate that is pinned in the repository.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// The cluster's name; empty for the one of the settings.
    pub cluster: String,
    /// The file, for messages.
    pub file: String,
    /// Bytes of its modulus.
    pub size: usize,
    /// The fingerprint of its key, as [`super::Recipient::fingerprint`].
    pub fingerprint: String,
}

/// What came of looking at a SealedSecret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its namespace; that of its kustomizations where they give one, empty where nobody does.
    pub namespace: String,
    /// Its name, as it is after its kustomizations.
    pub name: String,
    /// How many items it has.
    pub items: usize,
    /// What was found, in the order of the lines.
    pub findings: Vec<Finding>,
}

/// Whether a document says that it is a SealedSecret, of whatever version or of none.
#[must_use]
pub fn is_sealed_secret(document: &Document) -> bool {
    let field = |key: &str| document.value.get(key).and_then(Value::as_str).unwrap_or_default();
    let version = field("apiVersion");
    field("kind") == "SealedSecret" && (version.is_empty() || version.starts_with(GROUP))
}

/// Looks at a SealedSecret; nothing where the document is something else.
///
/// ```
/// use sealstrap::seal::verify::{self, Around, Rule};
/// use sealstrap::yaml;
///
/// let text = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\n\
///             spec: {encryptedData: {password: AgB}}\n";
/// let document = yaml::each("db.yaml".as_ref(), text)?.remove(0);
/// let verified = verify::sealed_secret(&document, &Around::default()).expect("a SealedSecret");
/// assert_eq!(verified.findings[0].rule, Rule::NotBase64);
/// assert_eq!(verified.findings[0].line, 4);
/// # Ok::<(), sealstrap::yaml::Error>(())
/// ```
#[must_use]
pub fn sealed_secret(document: &Document, around: &Around) -> Option<Verified> {
    if !is_sealed_secret(document) {
        return None;
    }
    let mut sheet = Sheet::new(document);
    if sheet.text(&["apiVersion"]) != Some(GROUP_VERSION) {
        sheet.find(
            Rule::OtherVersion,
            &["apiVersion"],
            format!("the controller knows no version but `{GROUP_VERSION}`"),
            "write that version",
        );
    }
    let items = shape::items(&mut sheet, around);
    meta::texts(&mut sheet);
    meta::scopes(&mut sheet);
    names::check(&mut sheet);
    let (namespace, name) = place::check(&mut sheet, around);
    leak::check(&mut sheet);
    Some(Verified { namespace, name, items, findings: sheet.into_findings() })
}
