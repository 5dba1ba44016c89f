//! What the operator accepts and refuses in ExternalSecrets, a row a case. The cases are those of its own tests
//! (`externalsecret_validator_test.go`, 2.9), written anew.

use super::*;

const HEAD: &str =
    "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a, namespace: b}\nspec: ";
/// A source that is fine.
const FROM: &str = "dataFrom: [{sourceRef: {generatorRef: {kind: Password, name: p}}}]";

/// The rules by which the webhook would refuse a spec.
fn refusals(spec: &str) -> Vec<Rule> {
    refusals_by("2.9", spec)
}

/// The same for an operator of this version.
fn refusals_by(version: &str, spec: &str) -> Vec<Rule> {
    let around = Around { operator: version.parse().unwrap(), ..Around::default() };
    let all = findings(&format!("{HEAD}{spec}\n"), &around);
    all.iter().map(|finding| finding.rule).filter(|rule| rule.by() == By::Webhook).collect()
}

fn with_template(template: &str) -> String {
    format!("{{{FROM}, target: {{template: {template}}}}}")
}

#[test]
fn sources_and_policies_are_judged_as_the_operator_does() {
    let two = "data: [{secretKey: x, remoteRef: {key: k}}, {secretKey: x, remoteRef: {key: l}}]";
    let rows: Vec<(String, Vec<Rule>)> = vec![
        ("{data: [{}], target: {deletionPolicy: Delete, creationPolicy: Merge}}".into(), vec![Rule::DeletionPolicy]),
        ("{data: [{}], target: {deletionPolicy: Delete, creationPolicy: CreateOrMerge}}".into(), vec![Rule::DeletionPolicy]),
        ("{data: [{}], target: {deletionPolicy: Merge, creationPolicy: None}}".into(), vec![Rule::DeletionPolicy]),
        ("{}".into(), vec![Rule::NothingRead]),
        ("{dataFrom: [{find: {}, extract: {}}]}".into(), vec![Rule::OneSource]),
        ("{dataFrom: [{find: {}, sourceRef: {generatorRef: {}}}]}".into(), vec![Rule::OneSource]),
        ("{dataFrom: [{extract: {}, sourceRef: {generatorRef: {}}}]}".into(), vec![Rule::OneSource]),
        ("{dataFrom: [{}]}".into(), vec![Rule::OneSource]),
        ("{dataFrom: [{sourceRef: {}}]}".into(), vec![Rule::OneSource]),
        ("{target: {deletionPolicy: Merge, creationPolicy: None}}".into(), vec![Rule::NothingRead, Rule::DeletionPolicy]),
        ("{dataFrom: [{sourceRef: {generatorRef: {}}}]}".into(), vec![]),
        (
            "{target: {deletionPolicy: Retain}, data: [{secretKey: A}, {secretKey: A}, {secretKey: A-2}, {secretKey: A-2}, {secretKey: B}]}".into(),
            vec![Rule::DuplicateKey, Rule::DuplicateKey],
        ),
        (format!("{{target: {{deletionPolicy: Retain}}, {two}}}"), vec![Rule::DuplicateKey]),
        (format!("{{{two}}}"), vec![Rule::DuplicateKey]),
        (format!("{{target: {{deletionPolicy: Delete}}, {two}}}"), vec![]),
    ];
    for (spec, rules) in rows {
        let mut found = refusals(&spec);
        found.sort();
        assert_eq!(found, rules, "{spec}");
    }
    // A document that holds nothing is no object.
    assert!(object(&documents("{}")[0], &Around::default()).is_none());
}

#[test]
fn templates_are_judged_as_the_operator_does() {
    const TOKEN: &str = "type: kubernetes.io/service-account-token";
    let name = "metadata: {annotations: {kubernetes.io/service-account.name: eso}}";
    let rows = [
        (format!("{{{TOKEN}, {name}}}"), vec![Rule::TokenTemplate]),
        (format!("{{{TOKEN}}}"), vec![]),
        (format!("{{{TOKEN}, templateFrom: [{{target: Annotations}}]}}"), vec![Rule::TokenTemplate]),
        (format!("{{{TOKEN}, templateFrom: [{{target: annotations}}]}}"), vec![Rule::TokenTemplate]),
        (format!("{{{TOKEN}, templateFrom: [{{target: Data}}]}}"), vec![]),
        ("{type: bootstrap.kubernetes.io/token}".to_owned(), vec![Rule::TokenTemplate]),
        (format!("{{type: Opaque, {name}}}"), vec![]),
        (format!("{{{name}, templateFrom: [{{target: type}}]}}"), vec![Rule::TemplateTarget]),
        (format!("{{{TOKEN}, templateFrom: [{{target: metadata.annotations}}]}}"), vec![Rule::TemplateTarget]),
        (
            format!("{{{TOKEN}, templateFrom: [{{target: Metadata.Annotations.kubernetes.io/service-account.name}}]}}"),
            vec![Rule::TemplateTarget],
        ),
        ("{templateFrom: [{target: immutable}]}".to_owned(), vec![Rule::TemplateTarget]),
        (
            "{templateFrom: [{target: ''}, {target: data}, {target: Data}, {target: labels}, {target: Labels}, {target: annotations}, {target: Annotations}]}".to_owned(),
            vec![],
        ),
    ];
    for (template, rules) in rows {
        assert_eq!(refusals(&with_template(&template)), rules, "{template}");
    }
    let other = "manifest: {apiVersion: argoproj.io/v1alpha1, kind: Application}, template: {templateFrom: [{target: spec.database}]}";
    assert_eq!(refusals(&format!("{{{FROM}, target: {{{other}}}}}")), []);
    let secret = "manifest: {apiVersion: v1, kind: Secret}, template: {templateFrom: [{target: type}]}";
    assert_eq!(refusals(&format!("{{{FROM}, target: {{{secret}}}}}")), [Rule::TemplateTarget]);
}

#[test]
fn older_operators_judge_by_fewer_rules() {
    let token = with_template("{type: bootstrap.kubernetes.io/token}");
    assert_eq!((refusals_by("2.3", &token), refusals_by("2.4", &token)), (vec![], vec![Rule::TokenTemplate]));
    let target = with_template("{templateFrom: [{target: type}]}");
    assert_eq!(
        (refusals_by("2.8", &target), refusals_by("2.9", &target)),
        (vec![], vec![Rule::TemplateTarget])
    );
    // Before the targets were free, the schema knew them.
    let by_schema = |target: &str| {
        let spec = with_template(&format!("{{templateFrom: [{{target: {target}}}]}}"));
        let around = Around { operator: "0.20".parse().unwrap(), ..Around::default() };
        let found = findings(&format!("{HEAD}{spec}\n"), &around);
        found.iter().any(|finding| finding.rule == Rule::NotAllowed)
    };
    assert!(by_schema("type") && by_schema("labels") && !by_schema("Labels"));
}
