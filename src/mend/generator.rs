//! An entry of `secretGenerator` becomes a SealedSecret or ExternalSecret of the same name.

use serde_json::{Map, Value};

use super::refusal::No;
use super::secret::is_filled_in;
use super::store::Store;
use super::work::Work;
use crate::plain::Plain;
use crate::scan::place::unquoted;
use crate::yaml::Segment;

/// The fields of an entry that are understood.
const FIELDS: [&str; 5] = ["name", "namespace", "type", "literals", "options"];

/// Seals the literals of an entry, and takes the entry out.
pub(super) fn mend(work: &mut Work, document: usize, entry: usize) -> Result<(), No> {
    let list: Vec<Segment> = vec!["secretGenerator".into()];
    let path = [list.clone(), vec![entry.into()]].concat();
    let whole = work.draft.value(document, &[]).and_then(Value::as_object).cloned().unwrap_or_default();
    let made =
        work.draft.value(document, &path).and_then(Value::as_object).cloned().ok_or_else(No::unsafe_place)?;
    understood(&made, whole.get("generatorOptions"))?;
    let text = |key: &str| made.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = text("name").to_owned();
    if name.is_empty() {
        return Err(No::new("the entry has no name", "write one"));
    }
    let namespace = work.namespace(text("namespace"), work.means.keep.scope())?;
    let mut store = Store::of(work, &namespace, &name, &format!("{name}.{}.yaml", work.means.keep.ending()))?;
    if store.is_old() {
        let reason = format!("there is a Secret `{name}` made otherwise already");
        return Err(No::new(reason, "remove one of the two"));
    }
    for literal in made.get("literals").and_then(Value::as_array).into_iter().flatten() {
        let (key, value) = item(literal.as_str().ok_or_else(No::unsafe_place)?)?;
        let key = store
            .key(&value, &[key])
            .ok_or_else(|| No::new("a key stands twice", "remove one of the two"))?;
        store.take(key, value);
    }
    let options: Vec<Value> =
        [whole.get("generatorOptions"), made.get("options")].into_iter().flatten().cloned().collect();
    let kind = Some(text("type").to_owned()).filter(|kind| !kind.is_empty());
    store.keep(work, |secret| {
        secret.kind = kind;
        for (key, map) in [("labels", &mut secret.labels), ("annotations", &mut secret.annotations)] {
            let texts = options.iter().filter_map(|options| options.get(key)?.as_object()).flatten();
            map.extend(texts.filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned()))));
        }
    })?;
    let is_last = whole.get("secretGenerator").and_then(Value::as_array).is_some_and(|all| {
        // What was mended before this one is out already.
        all.len() == 1
    });
    work.draft.remove(document, if is_last { &list } else { &path })
}

/// Refuses an entry that says more than can be sealed.
fn understood(entry: &Map<String, Value>, all: Option<&Value>) -> Result<(), No> {
    let by_hand = "seal it by hand: `kustomize build` shows what the entry makes";
    if let Some(other) = entry.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        let reason = format!("the entry has `{other}`, and not literals alone");
        return Err(No::new(reason, by_hand));
    }
    let options = [entry.get("options"), all];
    let is_immutable =
        |options: &&Value| options.get("immutable").is_some_and(|flag| *flag != Value::Bool(false));
    if options.into_iter().flatten().any(|options| is_immutable(&options)) {
        return Err(No::new("the Secret is to be immutable, and would keep its name", by_hand));
    }
    Ok(())
}

/// The key and the value of a literal; kustomize takes quotes around a value away.
fn item(literal: &str) -> Result<(String, Plain), No> {
    let (key, value) = literal.split_once('=').ok_or_else(No::unsafe_place)?;
    let value = Plain::from(unquoted(value).to_owned());
    if is_filled_in(key, &value) {
        return Err(No::expression());
    }
    Ok((key.to_owned(), value))
}
