//! Variables that a Kustomization of Flux puts into manifests: taken from a Secret by `spec.postBuild.substituteFrom`.

use serde_json::{Value, json};

use super::refusal::No;
use super::secret::is_filled_in;
use super::site;
use super::store::{Store, beside};
use super::work::{Claim, Left, Work};
use crate::plain::Plain;
use crate::yaml::Segment;

/// Moves variables of a Kustomization to the Secret `NAME-substitute`.
pub(super) fn mend(
    work: &mut Work,
    document: usize,
    object: &[Segment],
    claims: &[Claim],
) -> Result<Left, No> {
    let (namespace, name) = work.landing(document, object)?;
    let file = beside(work, "-substitute");
    let mut store = Store::of(work, (&namespace, &format!("{name}-substitute")), "Kustomization", &file)?;
    let mut left = Left::new();
    for claim in claims {
        left.extend(one(work, document, &mut store, claim).err().map(|no| (claim.number, no)));
    }
    if left.len() < claims.len() {
        let list = [object, &site::path(&["spec", "postBuild", "substituteFrom"])].concat();
        work.unpatched("substituteFrom")?;
        refer(work, document, &list, store.name())?;
    }
    store.keep(work, |_| ())?;
    Ok(left)
}

fn one(work: &mut Work, document: usize, store: &mut Store, claim: &Claim) -> Result<(), No> {
    let path = claim.site.path();
    let Some(Segment::Key(name)) = path.last() else { return Err(No::unsafe_place()) };
    let text = work.draft.value(document, &path).and_then(Value::as_str);
    let text = text.ok_or_else(|| No::new("Flux takes texts here, and this is none", "put it in quotes"))?;
    let value = Plain::from(text.to_owned());
    if is_filled_in(name, &value) {
        return Err(No::expression());
    }
    store.move_in(work, document, &path, value)
}

/// Puts the Secret behind all others, so that its values count as the variables did: the last one wins.
fn refer(work: &mut Work, document: usize, list: &[Segment], name: &str) -> Result<(), No> {
    let all = work.draft.value(document, list).and_then(Value::as_array).cloned().unwrap_or_default();
    let is_it = |entry: &Value| entry["kind"] == "Secret" && entry["name"] == *name;
    match all.iter().position(is_it) {
        None => work.draft.push(document, list, &json!({"kind": "Secret", "name": name})),
        Some(at) if at + 1 == all.len() => Ok(()),
        Some(_) => Err(No::new(
            format!("others stand behind the Secret `{name}` in `substituteFrom`, and would win over it"),
            "move it to the end of the list",
        )),
    }
}
