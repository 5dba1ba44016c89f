//! Values in clear within a SealedSecret: sealed where they belong.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::keep::Keep;
use super::refusal::No;
use super::secret::is_filled_in;
use super::site;
use super::work::{Claim, Left, Work};
use crate::plain::Plain;
use crate::scan::verdict::{Expect, Verdict, judge};
use crate::seal::{Label, SealedFile, envelope};
use crate::yaml::Segment;

/// Shorter values are base64 by chance.
const SHORTEST: usize = 8;

/// Seals the values of a SealedSecret that were found.
pub(super) fn mend(
    work: &mut Work,
    document: usize,
    object: &[Segment],
    claims: &[Claim],
) -> Result<Left, No> {
    let label = label(work, document, object)?;
    let mut left = Left::new();
    for claim in claims {
        if let Err(no) = one(work, document, &label, claim) {
            left.push((claim.number, no));
        }
    }
    Ok(left)
}

/// What the values of a SealedSecret are bound to.
fn label(work: &Work, document: usize, object: &[Segment]) -> Result<Label, No> {
    let file = SealedFile::read(work.path, work.draft.text())?;
    let text = |key: &str| {
        let path: Vec<Segment> = object.iter().cloned().chain(site::path(&["metadata", key])).collect();
        work.draft.value(document, &path).and_then(|value| value.as_str()).unwrap_or_default()
    };
    let (namespace, name) = (text("namespace"), text("name"));
    let entry = file.find(namespace, name).and_then(|at| file.entries().get(at));
    let entry = entry.filter(|_| !name.is_empty()).ok_or_else(No::unsafe_place)?;
    let scope = entry.sealed.scope();
    Ok(Label::new(scope, &work.namespace(namespace, scope)?, name))
}

fn one(work: &mut Work, document: usize, label: &Label, claim: &Claim) -> Result<(), No> {
    let Some(Segment::Key(key)) = claim.site.way.last() else { return Err(No::unsafe_place()) };
    let path = claim.site.path();
    let text = work.draft.value(document, &path).and_then(|value| value.as_str());
    let value = Plain::from(text.ok_or_else(|| No::new("it is no text", "put it in quotes"))?.to_owned());
    let item: Vec<Segment> =
        claim.site.object.iter().cloned().chain(site::path(&["spec", "encryptedData", key])).collect();
    let is_template = item != path;
    if is_template && work.draft.value(document, &item).is_some() {
        let reason = format!("there is a sealed item `{key}` too, which the template stands in for");
        return Err(No::new(reason, "remove one of the two"));
    }
    check(key, &value, is_template)?;
    let Keep::Sealed { recipient, .. } = work.means.keep else {
        return Err(No::new(
            "it stands in a SealedSecret",
            "seal it: `sealstrap scan --fix` without `--to vault`",
        ));
    };
    let sealed = STANDARD.encode(envelope::seal(recipient, label, &value, &mut work.means.rng)?);
    work.draft.set(document, &item, &sealed)?;
    if is_template { remove(work, document, claim) } else { Ok(()) }
}

/// Takes a value out of the template, with the map that it leaves empty.
fn remove(work: &mut Work, document: usize, claim: &Claim) -> Result<(), No> {
    let map = claim.site.above(1);
    let values = work.draft.value(document, &map).and_then(|value| value.as_object());
    let is_last = values.is_some_and(|values| values.len() == 1);
    work.draft.remove(document, &if is_last { map } else { claim.site.path() })
}

/// Refuses what is no value: a word in the place of one, ciphertext that was cut, base64 of which nobody knows
/// whether it was meant.
#[expect(clippy::disallowed_methods, reason = "sink: a look at a value, of which nothing is kept")]
fn check(key: &str, value: &Plain, is_template: bool) -> Result<(), No> {
    if is_filled_in(key, value) {
        return Err(No::expression());
    }
    let Some(text) = value.expose_text() else { return Ok(()) };
    if judge(Expect::Secrets, key, &text) == Verdict::Placeholder {
        return Err(No::new("it is a word in the place of a value", "seal the value: `sealstrap set`"));
    }
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let is_cut =
        ["AQ", "AY", "Ag", "BA"].iter().any(|head| text.starts_with(head)) && text.bytes().all(is_letter);
    let is_base64 = text.len() >= SHORTEST && STANDARD.decode(text.trim()).is_ok();
    if !is_template && (is_cut || is_base64) {
        let reason = "it may be a sealed value that was cut, or a value in base64";
        return Err(No::new(reason, "seal the value that is meant: `sealstrap set`"));
    }
    Ok(())
}
