//! Literals in the template of an ExternalSecret: taken from a Secret beside by `spec.target.template.templateFrom`.
//!
//! What stands under a key there is a template of Go, be it without any expression. It is moved letter by letter, and the
//! operator reads it as `templateAs: Values`: as a template of the same key again, with the same data. So expressions in it
//! mean the same, and so does what stands beside it, since each template is executed by itself. Those of `data` win over
//! those of `templateFrom`, of which a later one wins over an earlier one; behind all others it stays what counts
//! (`ApplyTemplate` and `Parser.MergeTemplateFrom` of the operator). The Secret is read in the namespace of the
//! ExternalSecret. Where the operator comes before it, it tries again.

use std::path::Path;

use serde_json::{Value, json};

use super::refusal::No;
use super::site;
use super::store::{Store, beside};
use super::work::{Claim, Left, Work};
use crate::plain::Plain;
use crate::scan::verdict::{Expect, Verdict, judge};
use crate::yaml::Segment;

/// The way to the template.
const TEMPLATE: [&str; 3] = ["spec", "target", "template"];

/// Moves entries of a template to the Secret `NAME-template`.
pub(super) fn mend(
    work: &mut Work,
    document: usize,
    object: &[Segment],
    claims: &[Claim],
) -> Result<Left, No> {
    let (namespace, name) = work.landing(document, object)?;
    let name = format!("{name}-template");
    takes_secrets(work, document, object, &name)?;
    let file = beside(work, "-template");
    let mut store = Store::of(work, (&namespace, &name), "ExternalSecret", &file)?;
    let (mut items, mut left) = (Vec::new(), Left::new());
    for claim in claims {
        let Some(Segment::Key(key)) = claim.site.way.last() else { return Err(No::unsafe_place()) };
        let item = json!({"key": key, "templateAs": "Values"});
        // Several secrets may stand in one text.
        if items.contains(&item) {
            continue;
        }
        match one(work, document, &mut store, claim) {
            Ok(()) => items.push(item),
            Err(no) => left.push((claim.number, no)),
        }
    }
    if !items.is_empty() {
        work.unpatched("templateFrom")?;
        work.unpatched("target/template")?;
        let list = [object, &site::path(&TEMPLATE), &["templateFrom".into()]].concat();
        let entry = json!({"secret": {"name": store.name(), "items": items}, "target": "Data"});
        work.draft.push(document, &list, &entry)?;
    }
    store.keep(work, |_| ())?;
    Ok(left)
}

/// Refuses an ExternalSecret whose template cannot read a Secret, or would do something else with it.
fn takes_secrets(work: &Work, document: usize, object: &[Segment], secret: &str) -> Result<(), No> {
    let value = |keys: &[&str]| work.draft.value(document, &[object, &site::path(keys)].concat());
    let text = |keys: &[&str]| value(keys).and_then(Value::as_str).unwrap_or_default();
    let hint = No::of_rule("external-secret-template").hint;
    let version = text(&["apiVersion"]);
    if !matches!(version, "external-secrets.io/v1" | "external-secrets.io/v1beta1") {
        let reason = format!("it is not known how an ExternalSecret of `{version}` reads templates");
        return Err(No::new(reason, hint));
    }
    let engine = [&TEMPLATE[..], &["engineVersion"]].concat();
    if value(&engine).is_some_and(|engine| *engine != "v2") {
        return Err(No::new("its template is not one of the engine `v2`", hint));
    }
    if value(&["spec", "target", "manifest"]).is_some() {
        return Err(No::new("it makes another object than a Secret, which holds the value in clear", hint));
    }
    if text(&["spec", "target", "name"]) == secret {
        let reason =
            format!("it makes a Secret `{secret}` itself, which is the name of the one for its template");
        return Err(No::new(reason, "give one of the two another name"));
    }
    Ok(())
}

/// Takes an entry out, with the map that it leaves empty.
fn one(work: &mut Work, document: usize, store: &mut Store, claim: &Claim) -> Result<(), No> {
    let path = claim.site.path();
    let Some(Segment::Key(key)) = path.last() else { return Err(No::unsafe_place()) };
    let text = work.draft.value(document, &path).and_then(Value::as_str);
    let text =
        text.ok_or_else(|| No::new("the operator takes texts here, and this is none", "put it in quotes"))?;
    let value = Plain::from(text.to_owned());
    is_for_the_operator(work, key, &value)?;
    store.move_in(work, document, &path, value)
}

/// Refuses a text in which something fills in before the operator does: Flux a variable, Helm an expression, which may be
/// one that is meant for it or one that makes one for the operator.
#[expect(clippy::disallowed_methods, reason = "sink: a look at a value, of which nothing is kept")]
fn is_for_the_operator(work: &Work, key: &str, value: &Plain) -> Result<(), No> {
    let text = value.expose_text().unwrap_or_default();
    let verdict = judge(Expect::Secrets, key, &text);
    let is_in_chart = || {
        let is_chart = |folder: &Path| work.tree.text(&folder.join("Chart.yaml"), work.means.read).is_some();
        work.path.ancestors().skip(1).any(is_chart)
    };
    let is_filled_in = text.contains("${")
        || matches!(verdict, Verdict::Encrypted | Verdict::Reference | Verdict::Substitution)
        || text.contains("{{") && is_in_chart();
    if is_filled_in { Err(No::expression()) } else { Ok(()) }
}
