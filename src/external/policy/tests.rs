//! Paths are those that the operator asks for, and the most specific line decides.

use super::*;
use crate::yaml;

fn documents(text: &str) -> Vec<Document> {
    yaml::each("a.yaml".as_ref(), text).unwrap()
}

#[test]
fn requests_are_those_of_the_operator() {
    let rows = [
        (Some("secret/path"), false, "foo", "secret/path/data/foo"),
        (Some("secret/path"), true, "foo", "secret/path/foo"),
        (Some("secret/path"), false, "secret/path/foo", "secret/path/data/foo"),
        (Some("secret/path"), false, "secret/path/data/foo", "secret/path/data/foo"),
        (Some("secret/path"), true, "secret/path/foo", "secret/path/foo"),
        (None, false, "secret/path/foo", "secret/data/path/foo"),
        (None, false, "secret/path/data/foo", "secret/path/data/foo"),
        (None, true, "secret/path/foo", "secret/path/foo"),
        // Vault's client cleans what it asks for.
        (Some("secret/"), false, "shop/db", "secret/data/shop/db"),
        (Some("secret"), false, "/shop/x", "secret/data/shop/x"),
        (Some("secret"), false, "a//b/./c/../d/", "secret/data/a/b/d"),
        (Some("secret"), true, "/x", "secret/x"),
    ];
    for (mount, v1, key, path) in rows {
        assert_eq!(request_path(key, mount, v1), path, "{mount:?} {v1} {key}");
    }
}

#[test]
fn the_least_policy_is_sorted_and_reads_what_is_named() {
    let text = "\
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: old}
spec: {provider: {vault: {server: x, path: kv, version: v1}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: a, namespace: b}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: vault}
  data:
  - {secretKey: x, remoteRef: {key: k8s/b, property: x}}
  - {secretKey: y, remoteRef: {key: k8s/a, property: y}}
  - {secretKey: z, remoteRef: {key: k8s/a, property: z}}
  - {secretKey: m, remoteRef: {key: k8s/a, property: m, metadataPolicy: Fetch}}
  - {secretKey: o, remoteRef: {key: old, property: o}, sourceRef: {storeRef: {kind: ClusterSecretStore, name: old}}}
  dataFrom:
  - find: {path: apps, name: {regexp: x}}
  - find: {tags: {a: b}}
  - sourceRef: {generatorRef: {kind: Password, name: p}}
---
apiVersion: external-secrets.io/v1
kind: ClusterExternalSecret
metadata: {name: c}
spec:
  externalSecretSpec:
    secretStoreRef: {kind: ClusterSecretStore, name: vault}
    data:
    - {secretKey: x, remoteRef: {key: k8s/all, property: x}}
";
    let around = Around { mount: Some("secret".into()), ..Around::default() };
    let policy = Policy::least(&documents(text), &around);
    let wanted = "\
path \"kv/old\" { capabilities = [\"read\"] }
path \"secret/data/*\" { capabilities = [\"read\"] }
path \"secret/data/apps/*\" { capabilities = [\"read\"] }
path \"secret/data/k8s/a\" { capabilities = [\"read\"] }
path \"secret/data/k8s/all\" { capabilities = [\"read\"] }
path \"secret/data/k8s/b\" { capabilities = [\"read\"] }
path \"secret/metadata/*\" { capabilities = [\"list\", \"read\"] }
path \"secret/metadata/apps/*\" { capabilities = [\"list\"] }
path \"secret/metadata/k8s/a\" { capabilities = [\"read\"] }
";
    assert_eq!(policy.to_hcl(), wanted);
    assert_eq!(Policy::read(wanted).unwrap(), policy);
}

#[test]
fn what_a_find_needs_is_all_below_its_folder() {
    let document = |path: &str| {
        documents(&format!(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{name: a, namespace: b}}\nspec:\n  dataFrom:\n  - find: {{path: {path}}}\n"
        ))
    };
    let around = Around { mount: Some("kv".into()), ..Around::default() };
    let least = Policy::least(&document("/lead/"), &around);
    assert_eq!(
        least.paths().map(|(path, _)| path).collect::<Vec<_>>(),
        ["kv/data/lead/*", "kv/metadata/lead/*"]
    );
    let covers =
        |line: &str| Policy::read(&format!("path \"{line}\" {{ capabilities = [\"read\"] }}")).unwrap();
    for (line, covered) in [
        ("kv/data/lead/*", true),
        ("kv/data/le*", true),
        ("kv/+/lead/*", true),
        ("kv/data/lead/+", false),
        ("kv/data/lead/+/*", false),
        ("kv/data/lead/a*", false),
        ("kv/data/lead", false),
    ] {
        assert_eq!(covers(line).covers("kv/data/lead/*", "read"), covered, "{line}");
    }
}

#[test]
fn a_path_that_flux_substitutes_is_not_allowed_and_told() {
    let all = documents(
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a, namespace: b}\nspec:\n  data:\n  - {secretKey: x, remoteRef: {key: 'volsync/${APP}', property: x}}\n  - {secretKey: y, remoteRef: {key: k8s/a, property: y}}\n",
    );
    let around = Around { mount: Some("secret".into()), ..Around::default() };
    let policy = Policy::least(&all, &around);
    assert_eq!(policy.unknown().collect::<Vec<_>>(), ["secret/data/volsync/${APP}"]);
    let text = policy.to_hcl();
    assert_eq!(
        text,
        "path \"secret/data/k8s/a\" { capabilities = [\"read\"] }\n# not known before Flux substitutes it: secret/data/volsync/${APP}\n"
    );
    // In Vault that is a comment.
    assert!(Policy::read(&text).unwrap().differing(&policy).is_empty());
}

#[test]
fn the_most_specific_line_decides() {
    let policy = Policy::read(
        "# of the operator\npath \"secret/data/*\" { capabilities = [\"read\"] }\n/* not\nthat */\n\
         path \"secret/data/k8s/root\" { capabilities = [\"deny\"] }\n\
         path \"secret/data/+/open\" {\n  capabilities = [\"list\", ]\n  allowed_parameters = { \"a\" = [\"b\"] }\n}\n\
         path \"secret/meta*\" { capabilities = [\"read\"] } // and so on\n\
         path \"kv/+/+/x\" { capabilities = [\"read\"] }\n",
    )
    .unwrap();
    let rows = [
        ("secret/data/k8s/app", "read", true),
        ("secret/data/k8s/app", "list", false),
        ("secret/data/k8s/root", "read", false),
        ("secret/data/a/open", "list", true),
        ("secret/data/a/open", "read", false),
        ("secret/metadata/x", "read", true),
        ("secret/data", "read", false),
        ("kv/a/b/x", "read", true),
        ("kv/a/x", "read", false),
        ("other", "read", false),
    ];
    for (path, capability, covered) in rows {
        assert_eq!(policy.covers(path, capability), covered, "{path} {capability}");
    }
}

#[test]
fn what_is_no_policy_is_refused_with_its_line() {
    let rows = [
        ("\npath", 2),
        ("path \"a\"", 1),
        ("path \"a\" { capabilities = \"read\" }", 1),
        ("path \"a\" { capabilities = [read] }", 1),
        ("\n\npath \"a\" { capabilities = [\"read\"]", 3),
        ("path \"a", 1),
        ("/* x", 1),
        ("{}", 1),
    ];
    for (text, line) in rows {
        assert!(matches!(Policy::read(text), Err(Error::Policy { line: at, .. }) if at == line), "{text:?}");
    }
    let named = Policy::read("name = \"x\"\n").unwrap();
    assert!(named.says_more() && named.paths().next().is_none());
}

#[test]
fn layout_does_not_matter_and_what_says_more_is_told() {
    let one =
        Policy::read("# ours\npath \"a/*\" { capabilities=[\"list\",\"read\",] } // end\n/* b */").unwrap();
    let mut same = Policy::default();
    for capability in ["read", "list"] {
        same.grant("a/*", capability);
    }
    assert_eq!(one, same);
    assert_eq!(Policy::read(&same.to_hcl()).unwrap(), same);
    for more in
        ["path \"a\" { policy = \"read\" }", "path \"a\" { capabilities = [\"read\"] max_ttl = \"1h\" }"]
    {
        assert!(Policy::read(more).unwrap().says_more(), "{more}");
    }
    let old = Policy::read("path \"/a/*\" { policy = \"read\" }").unwrap();
    assert!(old.covers("a/x", "read") && old.covers("a/x", "list") && !old.covers("a/x", "update"));
    let other =
        Policy::read("path \"a/*\" { capabilities = [\"read\"] }\npath \"b\" { capabilities = [\"read\"] }")
            .unwrap();
    assert_eq!(one.differing(&other).into_iter().collect::<Vec<_>>(), ["a/*", "b"]);
    assert_eq!(one.capabilities("a/x").into_iter().collect::<Vec<_>>(), ["list", "read"]);
}
