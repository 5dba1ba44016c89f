//! What can be said of ExternalSecrets and their stores without a cluster: whether the API server and the operator will
//! take them, whether what they name is there, and whether they will drift.

mod known;
mod providers;
mod re2;
mod reading;
mod rule;
mod schema;
mod shape;
pub(super) mod sheet;
mod store;
mod store_schema;
#[cfg(test)]
mod tests;
mod together;
mod webhook;

pub use known::{Condition, KnownStore};
pub use rule::{By, Rule};
pub use together::together;

use std::sync::Arc;

use serde_json::Value;

use super::{Operator, Policy, StoreKind, is_substituted, kind_of};
use crate::yaml::{Document, nearest};
use shape::{Shape, walk};
use sheet::{Sheet, Trail, child};

const SERVED: &str = "external-secrets.io/v1";

/// Something found.
pub type Finding = crate::seal::verify::Finding<Rule>;

/// What is known around a document.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The version of the operator.
    pub operator: Operator,
    /// The stores that are there; nothing where that is not known.
    pub stores: Option<Arc<[KnownStore]>>,
    /// The mount, for keys of which the store is not known.
    pub mount: Option<String>,
    /// What the operator may read; nothing where that is not known.
    pub policy: Option<Arc<Policy>>,
}

/// What came of looking at an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its kind.
    pub kind: String,
    /// Its namespace; empty where it names none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What was found, in the order of the lines.
    pub findings: Vec<Finding>,
}

/// Looks at an object of the operator; nothing where the document is something else.
///
/// ```
/// use sealstrap::external::check::{self, Around, Rule};
/// use sealstrap::yaml;
///
/// let text = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  \
///             secretStoreRef: {kind: ClusterSecretStore, name: vault}\n  data:\n  \
///             - {secretKey: a, remoteRef: {key: shop/db, property: a}}\n  \
///             - {secretKey: a, remoteRef: {key: shop/db, property: b}}\n";
/// let document = yaml::each("db.yaml".as_ref(), text)?.remove(0);
/// let checked = check::object(&document, &Around::default()).expect("an ExternalSecret");
/// let twice = checked.findings.iter().find(|finding| finding.rule == Rule::DuplicateKey).expect("a key twice");
/// assert_eq!(twice.line, 8);
/// # Ok::<(), sealstrap::yaml::Error>(())
/// ```
#[must_use]
pub fn object(document: &Document, around: &Around) -> Option<Checked> {
    let kind = kind_of(document)?;
    let mut sheet = Sheet::new(document);
    let alpha = matches!(kind, "PushSecret" | "ClusterPushSecret");
    let version = document.value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    if version != SERVED && !alpha {
        let what = format!("the operator does not serve `{version}` since 0.17");
        sheet.find(Rule::UnservedVersion, &Trail::TOP.key("apiVersion"), what, format!("write `{SERVED}`"));
    }
    names(&mut sheet, kind);
    texts(&mut sheet, around.operator);
    let spec = child(&document.value, "spec").unwrap_or(&Value::Null);
    let at = Trail::TOP.key("spec");
    match (kind, StoreKind::of_word(kind)) {
        ("ExternalSecret", _) => {
            whole(&mut sheet, &schema::SPEC, around);
            external_secret(&mut sheet, &at, spec, around);
        }
        ("ClusterExternalSecret", _) => {
            whole(&mut sheet, &schema::CLUSTER_SPEC, around);
            if let Some(spec) = child(spec, "externalSecretSpec") {
                external_secret(&mut sheet, &at.key("externalSecretSpec"), spec, around);
            }
        }
        (_, Some(kind)) => {
            whole(&mut sheet, &store_schema::SPEC, around);
            store::check(&mut sheet, &at, spec, kind, around);
        }
        _ if alpha => {}
        _ => unknown_kind(&mut sheet, kind),
    }
    let (namespace, name) = (sheet.metadata("namespace").to_owned(), sheet.metadata("name").to_owned());
    Some(Checked { kind: kind.to_owned(), namespace, name, findings: sheet.into_findings() })
}

/// The kinds of the group.
const KINDS: [&str; 6] = [
    "ExternalSecret",
    "ClusterExternalSecret",
    "SecretStore",
    "ClusterSecretStore",
    "PushSecret",
    "ClusterPushSecret",
];

fn unknown_kind(sheet: &mut Sheet, kind: &str) {
    let near = nearest(kind, KINDS.into_iter()).map_or_else(String::new, |near| format!("write `{near}`"));
    sheet.find(
        Rule::UnknownKind,
        &Trail::TOP.key("kind"),
        format!("the operator has no kind `{kind}`"),
        near,
    );
}

/// Finds labels and annotations that are no texts.
fn texts(sheet: &mut Sheet, operator: Operator) {
    let at = Trail::TOP.key("metadata");
    let metadata = sheet.document.value.get("metadata").unwrap_or(&Value::Null);
    for field in ["labels", "annotations"] {
        if let Some(value) = child(metadata, field) {
            walk(sheet, &at.key(field), value, &Shape::Texts, operator);
        }
    }
}

fn whole(sheet: &mut Sheet, spec: &'static Shape, around: &Around) {
    for key in sheet.document.value.as_object().into_iter().flat_map(|map| map.keys()) {
        if !["apiVersion", "kind", "metadata", "spec", "status"].contains(&key.as_str()) {
            let what = format!("there is no field `{key}`");
            sheet.find(Rule::UnknownField, &Trail::TOP.key(key), what, "write it below `spec`, or remove it");
        }
    }
    let at = Trail::TOP.key("spec");
    match child(&sheet.document.value, "spec") {
        Some(value) => walk(sheet, &at, value, spec, around.operator),
        None => sheet.find(Rule::MissingField, &Trail::TOP, "`spec` is missing", ""),
    }
}

fn external_secret(sheet: &mut Sheet, at: &Trail, spec: &Value, around: &Around) {
    webhook::check(sheet, at, spec, around.operator);
    reading::check(sheet, at, spec, around);
}

/// Finds names that Kubernetes refuses.
fn names(sheet: &mut Sheet, kind: &str) {
    let metadata = Trail::TOP.key("metadata");
    let (name, namespace) = (sheet.metadata("name"), sheet.metadata("namespace"));
    let is_known = |name: &str| !name.is_empty() && !is_substituted(name);
    let generated = !sheet.metadata("generateName").is_empty();
    if name.is_empty() && !generated {
        sheet.find(Rule::BadName, &metadata, "it has no name", "write `metadata.name`");
    } else if let Some(Err(why)) = is_known(name).then(|| crate::seal::names::object(name)) {
        sheet.find(Rule::BadName, &metadata.key("name"), format!("the name `{name}` {why}"), "");
    }
    if kind.starts_with("Cluster") && !namespace.is_empty() {
        let what = format!("a {kind} has no namespace");
        sheet.find(Rule::BadNamespace, &metadata.key("namespace"), what, "remove it");
    } else if let Some(Err(why)) = is_known(namespace).then(|| crate::seal::names::namespace(namespace)) {
        sheet.find(
            Rule::BadNamespace,
            &metadata.key("namespace"),
            format!("the namespace `{namespace}` {why}"),
            "",
        );
    }
}
