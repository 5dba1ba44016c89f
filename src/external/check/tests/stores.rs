//! Stores. The first table has the cases of the operator's own tests (`secretstore_validator_test.go`, 2.9), written anew.

use super::*;

fn store(kind: &str, spec: &str) -> String {
    let namespace = if kind == "SecretStore" { ", namespace: shop" } else { "" };
    format!(
        "apiVersion: external-secrets.io/v1\nkind: {kind}\nmetadata: {{name: vault{namespace}}}\nspec: {spec}\n"
    )
}

fn rules(kind: &str, spec: &str) -> Vec<Rule> {
    found(&store(kind, spec), &Around::default()).into_iter().map(|(rule, _)| rule).collect()
}

#[test]
fn stores_are_judged_as_the_operator_does() {
    let rows = [
        ("{provider: {aws: {}}, conditions: [{namespaceRegexes: ['.*']}]}", vec![]),
        ("{provider: {aws: {}}, refreshInterval: 1h}", vec![]),
        ("{provider: {aws: {}}, refreshInterval: 3600}", vec![]),
        ("{provider: {aws: {}}, refreshInterval: soon}", vec![Rule::BadInterval]),
        ("{provider: {aws: {}}, refreshInterval: -1h}", vec![Rule::BadInterval]),
        ("{provider: {aws: {}}, refreshInterval: -1}", vec![Rule::BadInterval]),
        ("{provider: {aws: {}}, conditions: [{namespaceRegexes: ['\\1']}]}", vec![Rule::BadRegex]),
        ("{provider: {aws: {}}, conditions: [{namespaceRegexes: ['\\1', '\\2']}]}", vec![Rule::BadRegex; 2]),
        ("{provider: {aws: {}, gcpsm: {}}}", vec![Rule::OnlyOne]),
        ("{provider: {}, conditions: [{namespaces: [default]}]}", vec![Rule::OnlyOne]),
        ("{conditions: [{namespaces: [default]}]}", vec![Rule::MissingField]),
        // A provider that nobody maintains is warned of by the operator, and taken.
        ("{provider: {aws: {}}, conditions: [{namespaceRegexes: ['a+', 'b|c']}]}", vec![]),
    ];
    for (spec, wanted) in rows {
        assert_eq!(rules("ClusterSecretStore", spec), wanted, "{spec}");
    }
}

const VAULT: &str = "server: 'https://vault:8200', path: secret, version: v2";

const TOKEN: &str = "auth: {tokenSecretRef: {name: t, key: k}}";

/// What a provider says beside server, path and version, and what is found.
const ROWS: &[(&str, &str, &[Rule])] = &[
    ("vault", TOKEN, &[]),
    ("vault", "auth: {tokenSecretRef: {name: t, key: k, namespace: shop}}", &[]),
    ("vault", "auth: {tokenSecretRef: {name: t, key: k, namespace: x}}", &[Rule::StoreReference]),
    (
        "vault",
        "auth: {kubernetes: {mountPath: k, role: r, serviceAccountRef: {name: a, namespace: x}}}",
        &[Rule::StoreReference],
    ),
    ("vault", "auth: {kubernetes: {role: r}}", &[Rule::MissingDefault]),
    ("vault", "auth: {kubernetes: {mountPath: k}}", &[Rule::MissingField]),
    ("vault", "auth: {appRole: {path: a, secretRef: {name: s}}}", &[Rule::StoreAuth]),
    ("vault", "auth: {appRole: {path: a, roleId: r, secretRef: {name: s}}}", &[]),
    // The webhook looks at the first of these only.
    (
        "vault",
        "auth: {appRole: {path: a, roleId: r, roleRef: {name: x, namespace: web}, secretRef: {name: s}}}",
        &[],
    ),
    (
        "vault",
        "auth: {appRole: {path: a, roleRef: {name: x, namespace: web}, secretRef: {name: s}}}",
        &[Rule::StoreReference],
    ),
    ("vault", "auth: {gcp: {projectID: x}}", &[Rule::MissingDefault, Rule::MissingField]),
    ("vault", "auth: {gcp: {path: g, role: r, workloadIdentity: {serviceAccountRef: {name: a}}}}", &[]),
    ("vault", "auth: {jwt: {path: j}}", &[Rule::StoreAuth]),
    ("vault", "auth: {jwt: {path: j, kubernetesServiceAccountToken: {serviceAccountRef: {name: a}}}}", &[]),
    (
        "vault",
        "auth: {tokenSecretRef: {name: t}, appRole: {path: a, roleId: r, secretRef: {name: s}}}",
        &[Rule::SeveralAuths],
    ),
    ("vault", "auth: {token: {name: t}}", &[Rule::UnknownField]),
    (
        "vault",
        "auth: {cert: {clientCert: {name: Bad}, secretRef: {name: s}}}",
        &[Rule::MissingDefault, Rule::BadName],
    ),
    ("vault", "tls: {certSecretRef: {name: c}}", &[Rule::StoreTls]),
    ("vault", "checkAndSet: {required: true}", &[]),
    ("vault", "caProvider: {type: Secret, name: c, key: k, namespace: x}", &[Rule::StoreCa]),
    ("vault", "caProvider: {type: Pod, name: c, key: k}", &[Rule::NotAllowed]),
    ("vault", "caBundle: QQ==, caProvider: {type: Secret, name: c, key: k}", &[Rule::StoreCa]),
    ("vault", "caBundle: '-----BEGIN'", &[Rule::WrongType]),
    ("vault", "readYourWrites: 'yes'", &[Rule::WrongType]),
    ("openBao", TOKEN, &[]),
    ("openBao", "auth: {}", &[Rule::OnlyOne]),
    ("openBao", "auth: {kubernetes: {mountPath: k, role: r}}", &[Rule::UnknownField]),
    (
        "openBao",
        "auth: {appRole: {path: a, roleId: r, roleRef: {name: r}, secretRef: {name: s}}}",
        &[Rule::OnlyOne],
    ),
    ("openBao", "caBundle: QQ==, caProvider: {type: Secret, name: c, key: k}", &[Rule::OnlyOne]),
    ("openBao", "readYourWrites: true", &[Rule::UnknownField]),
];

#[test]
fn vault_and_openbao_are_checked_field_by_field() {
    for (provider, rest, wanted) in ROWS {
        let spec = format!("{{provider: {{{provider}: {{{VAULT}, {rest}}}}}}}");
        let mut found = rules("SecretStore", &spec);
        found.sort();
        let mut wanted = wanted.to_vec();
        wanted.sort();
        assert_eq!(found, wanted, "{spec}");
    }
}

#[test]
fn cluster_stores_need_the_namespace_of_their_authority() {
    let spec = |namespace: &str| {
        format!(
            "{{provider: {{vault: {{{VAULT}, caProvider: {{type: Secret, name: c, key: k{namespace}}}}}}}}}"
        )
    };
    assert_eq!(rules("ClusterSecretStore", &spec("")), [Rule::StoreCa]);
    assert_eq!(rules("ClusterSecretStore", &spec(", namespace: eso")), []);
    let other = "auth: {tokenSecretRef: {name: t, key: k, namespace: anywhere}}";
    assert_eq!(rules("ClusterSecretStore", &format!("{{provider: {{vault: {{{VAULT}, {other}}}}}}}")), []);
}

#[test]
fn mounts_and_versions_are_looked_at() {
    let text = store(
        "SecretStore",
        "\n  provider:\n    vault:\n      server: https://vault:8200\n      version: v1\n      checkAndSet: {required: true}\n",
    );
    assert_eq!(found(&text, &Around::default()), [(Rule::NoPath, 7), (Rule::StoreCheckAndSet, 9)]);
    let spec = format!("{{provider: {{openBao: {{{VAULT}}}}}}}");
    let old = Around { operator: "2.6".parse().unwrap(), ..Around::default() };
    assert_eq!(found(&store("SecretStore", &spec), &old), [(Rule::TooNew, 4)]);
    let text = "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: a, namespace: b}\nspec: {provider: {aws: {}}}\n";
    assert_eq!(found(text, &Around::default()), [(Rule::BadNamespace, 3)]);
}

#[test]
fn what_came_later_is_too_new_for_an_older_operator() {
    let token = format!("{VAULT}, {TOKEN}");
    for (spec, since, before) in [
        (format!("{{provider: {{vault: {{{token}}}}}, refreshInterval: 1h}}"), "2.8", "2.7"),
        (format!("{{provider: {{vault: {{{token}, checkAndSet: {{required: true}}}}}}}}"), "0.20", "0.19"),
        (
            format!(
                "{{provider: {{vault: {{{VAULT}, auth: {{cert: {{path: c, clientCert: {{name: a}}, secretRef: {{name: b}}}}}}}}}}}}"
            ),
            "0.20",
            "0.19",
        ),
        (
            format!(
                "{{provider: {{vault: {{{VAULT}, auth: {{cert: {{vaultRole: r, clientCert: {{name: a}}, secretRef: {{name: b}}}}}}}}}}}}"
            ),
            "2.3",
            "2.2",
        ),
    ] {
        let too_new = |version: &str| {
            let around = Around { operator: version.parse().unwrap(), ..Around::default() };
            found(&store("SecretStore", &spec), &around).iter().any(|(rule, _)| *rule == Rule::TooNew)
        };
        assert!(too_new(before) && !too_new(since), "{spec}");
    }
}
