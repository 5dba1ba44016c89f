//! Values of a Flux `HelmRelease`: taken from a Secret by `spec.valuesFrom`, each at its own path.

use serde_json::{Value, json};

use super::draft::Draft;
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
    let mut release = Release::of(work, document, object)?;
    let mut left = Left::new();
    for claim in claims {
        let path = claim.site.path();
        let keys = site::keys(&claim.site.way).unwrap_or_default();
        let keys = keys.get(2..).unwrap_or_default();
        let taken = text(&work.draft, document, &path)
            .and_then(|value| release.take(keys, value, || work.draft.remove(document, &path)));
        left.extend(taken.err().map(|no| (claim.number, no)));
    }
    release.end(work)?;
    Ok(left)
}

/// A release that takes values from a Secret beside.
pub(super) struct Release {
    document: usize,
    /// The way to its `valuesFrom`.
    list: Vec<Segment>,
    store: Store,
    references: Vec<Value>,
}

impl Release {
    /// The release at a place of the file under work.
    ///
    /// # Errors
    /// It is none of Flux 2, has no name, or its Secret cannot be kept beside.
    pub(super) fn of(work: &mut Work, document: usize, object: &[Segment]) -> Result<Self, No> {
        let text = |keys: &[&str]| {
            let path = [object, &site::path(keys)].concat();
            work.draft.value(document, &path).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let version = text(&["apiVersion"]);
        if !version.starts_with("helm.toolkit.fluxcd.io/") {
            let reason = format!("a HelmRelease of `{version}` is not one of Flux 2");
            return Err(No::new(reason, No::of_rule("helm-release-values").hint));
        }
        let (namespace, name) = work.landing(document, object)?;
        let file = beside(work, "-values");
        let store = Store::of(work, (&namespace, &format!("{name}-values")), "HelmRelease", &file)?;
        let list = [object, &site::path(&["spec", "valuesFrom"])].concat();
        Ok(Self { document, list, store, references: Vec::new() })
    }

    /// Takes the value that stands at these keys of its values, once it is out of there.
    pub(super) fn take(
        &mut self,
        keys: &[&str],
        value: Plain,
        take_out: impl FnOnce() -> Result<(), No>,
    ) -> Result<(), No> {
        let target = target(keys).ok_or_else(|| {
            No::new(
                "a key on its way cannot be written in a `targetPath`",
                No::of_rule("helm-release-values").hint,
            )
        })?;
        stays_as_it_is(keys.last().copied().unwrap_or_default(), &value)?;
        let store = &mut self.store;
        let key = store.key(&value, [keys.join(".")]).filter(|key| crate::seal::names::key(key).is_ok());
        let key = key.ok_or_else(|| {
            let reason = format!("`{}` cannot take another value under the key of this one", store.name());
            No::new(reason, "seal it by hand, under another key")
        })?;
        take_out()?;
        self.references
            .push(json!({"kind": "Secret", "name": store.name(), "valuesKey": key, "targetPath": target}));
        store.take(key, value);
        Ok(())
    }

    /// Writes the references into the release, and seals what they refer to.
    pub(super) fn end(self, work: &mut Work) -> Result<(), No> {
        if !self.references.is_empty() {
            work.unpatched("valuesFrom")?;
        }
        for reference in &self.references {
            work.draft.push(self.document, &self.list, reference)?;
        }
        self.store.keep(work, |_| ())
    }
}

/// A value that is a text.
pub(super) fn text(draft: &Draft, document: usize, path: &[Segment]) -> Result<Plain, No> {
    let text = draft.value(document, path).and_then(Value::as_str);
    let plain = text.map(|text| Plain::from(text.to_owned()));
    plain.ok_or_else(|| No::new("it is no text, and would become one", "see whether the chart takes a text"))
}

/// The path of a value as Helm's `--set` reads it.
fn target(keys: &[&str]) -> Option<String> {
    let is_sound = |key: &&str| {
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte))
    };
    let target = escaped(keys);
    (keys.iter().all(is_sound) && target.len() <= LONGEST).then_some(target)
}

/// Keys in one word, with those signs escaped that stand between them.
pub(super) fn escaped(keys: &[&str]) -> String {
    keys.iter().map(|key| key.replace('.', "\\.")).collect::<Vec<_>>().join(".")
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
