//! Values of a Flux `HelmRelease`: taken from a Secret by `spec.valuesFrom`, each at its own path.

use serde_json::{Value, json};

use super::refusal::No;
use super::secret::is_filled_in;
use super::site;
use super::store::{Store, beside};
use super::work::{Claim, Left, Work};
use crate::plain::Plain;
use crate::yaml::Segment;

/// The longest `targetPath` that Flux takes.
const LONGEST: usize = 250;

/// Moves values of a release to the Secret `NAME-values`.
pub(super) fn mend(
    work: &mut Work,
    document: usize,
    object: &[Segment],
    claims: &[Claim],
) -> Result<Left, No> {
    let text = |keys: &[&str]| {
        let path = [object, &site::path(keys)].concat();
        work.draft.value(document, &path).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (version, name) = (text(&["apiVersion"]), text(&["metadata", "name"]));
    if !version.starts_with("helm.toolkit.fluxcd.io/") {
        let reason = format!("a HelmRelease of `{version}` is not one of Flux 2");
        return Err(No::new(reason, No::of_rule("helm-release-values").hint));
    }
    if name.is_empty() {
        return Err(No::new("the object has no name of its own", "write `metadata.name`"));
    }
    let namespace = work.namespace(&text(&["metadata", "namespace"]), work.means.scope)?;
    let file = beside(work.path, "-values");
    let mut store = Store::of(work, &namespace, &format!("{name}-values"), &file)?;
    let list = [object, &site::path(&["spec", "valuesFrom"])].concat();
    let (mut left, mut references) = (Left::new(), Vec::new());
    for claim in claims {
        match one(work, document, &mut store, claim) {
            Ok(reference) => references.push(reference),
            Err(no) => left.push((claim.number, no)),
        }
    }
    for reference in &references {
        work.draft.push(document, &list, reference)?;
    }
    store.seal(work, |_| ())?;
    Ok(left)
}

/// Takes a value out; gives the reference that stands for it.
fn one(work: &mut Work, document: usize, store: &mut Store, claim: &Claim) -> Result<Value, No> {
    let path = claim.site.path();
    let keys = site::keys(&claim.site.way).ok_or_else(|| No::of_rule("helm-release-values"))?;
    let keys = keys.get(2..).unwrap_or_default();
    let target = target(keys).ok_or_else(|| {
        No::new(
            "a key on its way cannot be written in a `targetPath`",
            No::of_rule("helm-release-values").hint,
        )
    })?;
    let text = work.draft.value(document, &path).and_then(Value::as_str);
    let text = text.ok_or_else(|| {
        No::new("it is no text, and would become one", "see whether the chart takes a text")
    })?;
    let value = Plain::from(text.to_owned());
    stays_as_it_is(keys.last().copied().unwrap_or_default(), &value)?;
    let key = store.key(&value, &[keys.join(".")]).filter(|key| crate::seal::names::key(key).is_ok());
    let key = key.ok_or_else(|| {
        let reason = format!("`{}` cannot take another value under the key of this one", store.name());
        No::new(reason, "seal it by hand, under another key")
    })?;
    work.draft.remove(document, &path)?;
    let reference = json!({"kind": "Secret", "name": store.name(), "valuesKey": key, "targetPath": target});
    store.take(key, value);
    Ok(reference)
}

/// The path of a value as Helm's `--set` reads it.
fn target(keys: &[&str]) -> Option<String> {
    let is_sound = |key: &&str| {
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte))
    };
    let all: Vec<String> = keys.iter().map(|key| key.replace('.', "\\.")).collect();
    let target = all.join(".");
    (keys.iter().all(is_sound) && target.len() <= LONGEST).then_some(target)
}

/// Refuses a value that would come out of Helm's parser as another one: what is given to a `targetPath` is read as
/// `--set` reads it, where a comma ends a value, a backslash escapes, a brace begins a list, quotes around it are taken
/// away, and what looks like a number, a boolean or null is one.
#[expect(clippy::disallowed_methods, reason = "sink: a look at a value, of which nothing is kept")]
fn stays_as_it_is(name: &str, value: &Plain) -> Result<(), No> {
    if is_filled_in(name, value) {
        return Err(No::expression());
    }
    let text = value.expose_text().unwrap_or_default();
    let is_sound = |byte: u8| byte.is_ascii_graphic() && !b",\\{}[]\"'".contains(&byte);
    let is_word = ["true", "false", "null"].iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_number = text.parse::<f64>().is_ok() || text.bytes().all(|byte| byte.is_ascii_digit());
    if text.bytes().all(is_sound) && !is_word && !is_number {
        return Ok(());
    }
    let reason =
        "Flux reads a value with a `targetPath` as `helm --set` does, and would make another one of it";
    Err(No::new(
        reason,
        "put it into a sealed Secret as YAML, and name that under `spec.valuesFrom` without a `targetPath`",
    ))
}
