//! The Secrets in the cluster: whether they are there, whose they are, and whether they hold what lies in Vault.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use serde_json::Value;

use super::paths::{Plan, Read};
use super::{Progress, found, wish};
use crate::external::check::{Finding, Rule};
use crate::external::{self, Decoding, Interval};
use crate::plain::Plain;
use crate::remote;
use crate::remote::cluster::{Cluster, ObjectRef, Secret};
use crate::remote::vault::Property;
use crate::yaml::{Document, Segment};

/// What came of an ExternalSecret: findings, and whether its Secret holds what lies in Vault.
type Compared = Result<(Vec<Finding>, bool), remote::Error>;

/// Compares all, side by side.
pub(super) async fn compare_all(
    cluster: &Cluster,
    documents: &[Document],
    plan: &Plan,
    read: &[Read],
    progress: &Progress<'_>,
) -> Vec<(usize, Compared)> {
    let compare = |index: &usize| {
        let index = *index;
        progress.counted(async move {
            let compare = Compare { cluster, document: &documents[index] };
            (index, compare.all(expected(index, plan, read)).await)
        })
    };
    stream::iter(plan.secrets.iter().map(compare)).buffered(progress.way.at_once).collect().await
}

/// A value that a key of the Secret has to be, before it is decoded, and the line of the entry that says so.
struct Wanted<'r> {
    line: usize,
    value: Property<'r>,
    decoding: Decoding,
}

/// What the Secret has to hold; nothing where not all of that was read.
fn expected<'r>(document: usize, plan: &Plan, read: &'r [Read]) -> Option<BTreeMap<String, Wanted<'r>>> {
    if plan.lost.contains(&document) {
        return None;
    }
    let mut all = BTreeMap::new();
    let of_document = || plan.asked.iter().filter(|asked| asked.document == document);
    // Single values win over whole paths.
    let wholes = of_document().filter(|asked| asked.read.key.is_none());
    for asked in wholes.chain(of_document().filter(|asked| asked.read.key.is_some())) {
        let secret = read[asked.path].as_ref()?.as_ref().ok()?.as_ref()?;
        if secret.deleted {
            return None;
        }
        let (line, item) = (asked.read.line, &asked.read.item);
        match (&asked.read.key, &item.property) {
            (Some(key), Some(property)) => {
                let value = secret.property(property);
                plain(&value)?;
                all.insert(key.clone(), Wanted { line, value, decoding: item.decoding });
            }
            (None, None) => {
                for (key, value) in &secret.data {
                    let value = Property::Key(value);
                    all.insert(converted(key), Wanted { line, value, decoding: item.decoding });
                }
            }
            _ => return None,
        }
    }
    Some(all)
}

fn plain<'p>(value: &'p Property<'_>) -> Option<&'p Plain> {
    match value {
        Property::Key(value) => Some(value),
        Property::Within(value) => Some(value),
        Property::Missing | Property::Unknown => None,
    }
}

/// A key of Vault as a key of a Secret (`conversionStrategy: Default`).
fn converted(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect()
}

struct Compare<'c> {
    cluster: &'c Cluster,
    document: &'c Document,
}

impl Compare<'_> {
    async fn all(&self, expected: Option<BTreeMap<String, Wanted<'_>>>) -> Compared {
        let (namespace, name) = (self.text("/metadata/namespace"), self.text("/metadata/name"));
        let one = |finding: Finding| Ok((vec![finding], false));
        if namespace.is_empty() {
            let what = "it names no namespace, so that its Secret was not looked for";
            return one(self.found(Rule::NotTried, &["metadata"], what, None));
        }
        let object = ObjectRef {
            api_version: "external-secrets.io/v1".into(),
            kind: "ExternalSecret".into(),
            namespace: Some(namespace.to_owned()),
            name: name.to_owned(),
        };
        let Some(live) = self.cluster.get(&object).await? else {
            let hint = "apply it, or see what keeps GitOps from it";
            return one(self.found(Rule::NotApplied, &[], "it is not in the cluster", Some(hint.into())));
        };
        if !wish::is_same(&self.document.value, &live) {
            let what = "the cluster has another version of it, so that its Secret was not compared";
            let hint = "let it be applied first";
            return one(self.found(Rule::NotApplied, &["spec"], what, Some(hint.into())));
        }
        if let Some(why) = unready(&live) {
            return one(self.found(Rule::NotSynced, &[], why, None));
        }
        self.secret(namespace, name, expected).await
    }

    /// Compares the Secret itself.
    async fn secret(
        &self,
        namespace: &str,
        name: &str,
        expected: Option<BTreeMap<String, Wanted<'_>>>,
    ) -> Compared {
        let policy = Some(self.text("/spec/target/creationPolicy")).filter(|said| !said.is_empty());
        let policy = policy.unwrap_or("Owner");
        let target = Some(self.text("/spec/target/name")).filter(|said| !said.is_empty()).unwrap_or(name);
        if policy == "None" {
            return Ok((Vec::new(), false));
        }
        let one = |rule, what: String| Ok((vec![self.found(rule, &["spec", "target"], what, None)], false));
        if let Some(why) = self.unclear() {
            return one(Rule::NotTried, format!("its Secret was not compared: {why}"));
        }
        let Some(secret) = self.cluster.secret(namespace, target).await? else {
            return one(
                Rule::MissingSecret,
                format!("there is no Secret `{namespace}/{target}` in the cluster"),
            );
        };
        let owner = secret.owner.as_deref().unwrap_or("nobody");
        if policy == "Owner" && owner != format!("ExternalSecret/{name}") {
            return one(Rule::OtherOwner, format!("the Secret `{namespace}/{target}` belongs to {owner}"));
        }
        let Some(expected) = expected else { return Ok((Vec::new(), false)) };
        let findings = self.differences(&secret, &format!("{namespace}/{target}"), &expected);
        let equal = findings.is_empty();
        if let Some(why) = self.read_once().filter(|_| !equal) {
            let what =
                format!("the Secret `{namespace}/{target}` is not what lies in Vault, which {why} allows");
            return one(Rule::NotTried, what);
        }
        Ok((findings, equal))
    }

    /// Why its Secret cannot be foretold.
    fn unclear(&self) -> Option<String> {
        if let Err(error) = external::certain(self.document) {
            return Some(reason(error));
        }
        let entries = self.document.value.pointer("/spec/dataFrom").and_then(Value::as_array);
        let mut ways = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.pointer("/extract/conversionStrategy").and_then(Value::as_str));
        let other = ways.find(|way| *way != "Default")?;
        Some(format!("the operator makes keys of its own (`conversionStrategy: {other}`)"))
    }

    /// What lets the operator read it once, and not follow what changes in Vault.
    fn read_once(&self) -> Option<String> {
        let (policy, interval) = (self.text("/spec/refreshPolicy"), self.text("/spec/refreshInterval"));
        if matches!(policy, "CreatedOnce" | "OnChange") {
            return Some(format!("`refreshPolicy: {policy}`"));
        }
        let never = interval.parse::<Interval>().is_ok_and(Interval::is_zero);
        never.then(|| format!("`refreshInterval: {interval}`"))
    }

    fn differences(
        &self,
        secret: &Secret,
        target: &str,
        expected: &BTreeMap<String, Wanted>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let hint = Some(self.way_on());
        for (key, wanted) in expected {
            let what = match secret.data.get(key) {
                None => format!("the Secret `{target}` lacks `{key}`"),
                Some(held) if is_same(wanted, held) => continue,
                Some(_) => format!("the Secret `{target}` holds another `{key}` than Vault"),
            };
            findings.push(found(self.document, Rule::Differs, wanted.line, what, hint.clone()));
        }
        for key in secret.data.keys().filter(|key| !expected.contains_key(*key)) {
            let what = format!("the Secret `{target}` holds `{key}`, which nothing asks for");
            findings.push(self.found(Rule::Differs, &["spec"], what, hint.clone()));
        }
        findings
    }

    fn way_on(&self) -> String {
        let (namespace, name) = (self.text("/metadata/namespace"), self.text("/metadata/name"));
        let interval = Some(self.text("/spec/refreshInterval")).filter(|said| !said.is_empty());
        format!(
            "the operator reads it every {}; at once with `kubectl annotate externalsecret {name} -n {namespace} \
             force-sync=$(date +%s) --overwrite`",
            interval.unwrap_or("1h0m0s")
        )
    }

    fn text(&self, way: &str) -> &str {
        self.document.value.pointer(way).and_then(Value::as_str).unwrap_or_default()
    }

    fn found(&self, rule: Rule, way: &[&str], message: impl Into<String>, hint: Option<String>) -> Finding {
        let way: Vec<Segment> = way.iter().map(|key| Segment::from(*key)).collect();
        found(self.document, rule, self.document.line_of(&way), message, hint)
    }
}

fn is_same(wanted: &Wanted, held: &Plain) -> bool {
    plain(&wanted.value).and_then(|value| wanted.decoding.gives(value, held)) == Some(true)
}

/// Why the operator has not made the Secret, in its own words.
fn unready(live: &Value) -> Option<String> {
    let mut conditions = live.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let Some(ready) = conditions.find(|condition| condition["type"] == "Ready") else {
        return Some("the operator has not looked at it yet".into());
    };
    let text = |field: &str| ready[field].as_str().unwrap_or_default();
    (text("status") != "True").then(|| format!("the operator says {}: {}", text("reason"), text("message")))
}

/// Why an ExternalSecret has no exact Secret, without the place.
fn reason(error: external::Error) -> String {
    match error {
        external::Error::Refused { complaint, .. } => complaint,
        external::Error::Several(mut errors) if !errors.is_empty() => reason(errors.swap_remove(0)),
        other => other.to_string(),
    }
}
