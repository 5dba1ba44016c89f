//! The place: name and namespace, what the template says of them, and what kustomizations make of them.

use super::meta;
use super::sheet::Sheet;
use super::{Around, Rule, Severity};
use crate::seal::Scope;

/// What a SealedSecret and its surroundings say of a place.
struct Said<'s> {
    scope: Scope,
    /// By the SealedSecret.
    name: &'s str,
    namespace: &'s str,
    /// By its template; kubeseal writes there for what it sealed.
    template_name: Option<&'s str>,
    template_namespace: Option<&'s str>,
    /// After all kustomizations.
    final_name: String,
    final_namespace: &'s str,
    /// The last kustomization that gives a namespace, and the last that changes a name.
    giver: &'s str,
    renamer: &'s str,
}

/// Finds what does not fit together; gives namespace and name as they will be.
pub(super) fn check(sheet: &mut Sheet, around: &Around) -> (String, String) {
    let said = said(sheet, around);
    namespace(sheet, &said, around);
    name(sheet, &said);
    if let Some(kustomization) = &around.unlisted_in {
        let what = format!("`{kustomization}` does not list this file");
        sheet.find(Rule::NotListed, &[], what, "add it to its `resources`, or remove the file");
    }
    (said.final_namespace.to_owned(), said.final_name)
}

fn said<'s>(sheet: &Sheet<'s>, around: &'s Around) -> Said<'s> {
    let own = |key: &str| sheet.text(&["metadata", key]).unwrap_or_default();
    let within =
        |key: &str| sheet.text(&["spec", "template", "metadata", key]).filter(|text| !text.is_empty());
    let (name, namespace) = (own("name"), own("namespace"));
    let all = || around.kustomizations.iter();
    let giver = all().rfind(|made| !made.namespace.is_empty());
    let renamer = all().rfind(|made| !made.prefix.is_empty() || !made.suffix.is_empty());
    let file =
        |made: Option<&'s std::sync::Arc<super::Kustomization>>| made.map_or("", |made| made.file.as_str());
    Said {
        scope: meta::scope(sheet),
        name,
        namespace,
        template_name: within("name"),
        template_namespace: within("namespace"),
        final_name: all().fold(name.to_owned(), |name, made| format!("{}{name}{}", made.prefix, made.suffix)),
        final_namespace: giver.map_or(namespace, |made| &made.namespace),
        giver: file(giver),
        renamer: file(renamer),
    }
}

fn namespace(sheet: &mut Sheet, said: &Said, around: &Around) {
    let Said { namespace, final_namespace, giver, .. } = *said;
    if let Some(other) =
        said.template_namespace.filter(|other| *other != namespace && *other != final_namespace)
        && !namespace.is_empty()
    {
        let what =
            format!("the template names namespace `{other}`, the SealedSecret `{namespace}`, which counts");
        sheet.find(
            Rule::TemplateNamespace,
            &["spec", "template", "metadata", "namespace"],
            what,
            format!(
                "if it was sealed for `{other}`, seal it again for `{namespace}`; else correct the template"
            ),
        );
    }
    if said.scope == Scope::ClusterWide {
        return;
    }
    if final_namespace.is_empty() {
        // Where a kustomization lists the file, one that uses it may give the namespace.
        let listed = !around.kustomizations.is_empty();
        let severity = if listed { Severity::Note } else { Rule::NoNamespace.severity() };
        let what = format!("it names no namespace, and is {}: it opens in one only", said.scope);
        let hint = match said.template_namespace {
            Some(other) => format!(
                "the template names `{other}`, where it does not count: write it to `metadata.namespace`"
            ),
            None => "name the one that it was sealed for in `metadata.namespace`".into(),
        };
        return sheet.find_as(severity, Rule::NoNamespace, &["metadata"], what, hint);
    }
    let sealed_for = said.template_namespace.unwrap_or(namespace);
    if !giver.is_empty() && !sealed_for.is_empty() && sealed_for != final_namespace {
        let what = format!(
            "`{giver}` moves it to namespace `{final_namespace}`; it is sealed {} for `{sealed_for}`",
            said.scope
        );
        let hint = format!("seal it again for `{final_namespace}`, or take it out of that kustomization");
        sheet.find(Rule::KustomizeNamespace, &["metadata", "namespace"], what, hint);
    }
}

fn name(sheet: &mut Sheet, said: &Said) {
    let (name, renamed) = (said.name, said.final_name.as_str());
    if name.is_empty() {
        return;
    }
    let other = said.template_name.filter(|other| *other != name && *other != renamed);
    if let Some(other) = other {
        let what = format!("the template is named `{other}`, the SealedSecret `{name}`, which counts");
        let hint =
            format!("if it was sealed for `{other}`, seal it again for `{name}`; else correct the template");
        sheet.find(Rule::TemplateName, &["spec", "template", "metadata", "name"], what, hint);
    }
    let sealed_for_it = said.template_name == Some(renamed);
    if said.scope == Scope::Strict && name != renamed && !sealed_for_it {
        let what = format!("`{}` renames it to `{renamed}`, and it opens under one name only", said.renamer);
        let hint = format!("seal it for `{renamed}`, or namespace-wide");
        sheet.find(Rule::KustomizeName, &["metadata", "name"], what, hint);
    }
}
