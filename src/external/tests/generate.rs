//! What files become, and what is refused.

use serde_json::{Value, json};

use super::*;
use crate::seal::Secret;

#[test]
fn a_secret_becomes_what_the_operator_makes_it_of() {
    let made =
        generated(&format!("{SECRET}stringData: {{password: s3cret}}\ndata: {{key: AP8=}}\n"), &layout());
    let wanted = "\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: db
  namespace: shop
spec:
  refreshInterval: 1h0m0s
  secretStoreRef:
    kind: ClusterSecretStore
    name: vault
  target:
    name: db
    creationPolicy: Owner
    deletionPolicy: Retain
    template:
      engineVersion: v2
      mergePolicy: Replace
  data:
  - secretKey: key
    remoteRef:
      key: k8s/shop/db
      property: key
      decodingStrategy: Base64
  - secretKey: password
    remoteRef:
      key: k8s/shop/db
      property: password
";
    assert_eq!(document(&made.text).value, document(wanted).value);
    assert_eq!(made.text.lines().collect::<Vec<_>>(), wanted.lines().collect::<Vec<_>>(), "{}", made.text);
    let push = &made.pushes[0];
    assert_eq!(
        (push.path.as_str(), push.object.as_str(), push.place.as_str()),
        ("k8s/shop/db", "shop/db", "a.yaml:2")
    );
    assert!(push.values["password"].same_as(&plain("s3cret")) && push.values["key"].same_as(&plain("AP8=")));
    assert_eq!(push.encoded.iter().collect::<Vec<_>>(), ["key"]);
}

#[test]
fn neighbours_comments_and_marks_stay() {
    let text = format!(
        "# top\nkind: Namespace\napiVersion: v1\nmetadata: {{name: shop}} # ours\n--- # db\n{SECRET}stringData: {{a: b}}\n---\n# last\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: x}}\n"
    );
    let made = generated(&text, &layout());
    assert!(made.text.starts_with("# top\nkind: Namespace\napiVersion: v1\nmetadata: {name: shop} # ours\n--- # db\napiVersion: external-secrets.io/v1\n"), "{}", made.text);
    assert!(
        made.text.ends_with("---\n# last\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\n"),
        "{}",
        made.text
    );
    let windows = generated(&text.replace('\n', "\r\n"), &layout()).text;
    assert_eq!(windows, made.text.replace('\n', "\r\n"));
    let list = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a, namespace: b}, stringData: {c: d}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: e}}\n";
    let made = generated(list, &layout());
    assert_eq!(document(&made.text).value["items"][0]["kind"], "ExternalSecret");
    assert_eq!(document(&made.text).value["items"][1]["kind"], "ConfigMap");
    let json = generated(
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"b"},"data":{"c":"ZA=="}}"#,
        &layout(),
    );
    let read: Value = serde_json::from_str(&json.text).unwrap();
    assert_eq!(read["spec"]["data"][0]["secretKey"], "c");
}

#[test]
fn type_labels_and_annotations_go_into_the_template_and_no_braces_are_evaluated() {
    let text = "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nimmutable: true\nmetadata:\n  name: tls\n  namespace: web\n  labels: {app: shop, reconcile.external-secrets.io/managed: 'true'}\n  annotations:\n    note: 'of {{ .Values.x }}'\n    objectset.rio.cattle.io/applied: canary\n    kubectl.kubernetes.io/last-applied-configuration: canary\n    reconcile.external-secrets.io/data-hash: abc\n  finalizers: [example.com/keep]\nstringData: {tls.crt: a, tls.key: b}\n";
    let made = generated(text, &layout());
    let target = &made.objects[0]["spec"]["target"];
    assert_eq!(target["immutable"], true);
    assert_eq!(
        target["template"],
        json!({"type": "kubernetes.io/tls", "engineVersion": "v2", "mergePolicy": "Replace", "metadata": {
            "labels": {"app": "shop"},
            "annotations": {"note": "of {{ \"{{\" }} .Values.x }}"},
            "finalizers": ["example.com/keep"]}})
    );
    assert!(!made.text.contains("canary"));
}

#[test]
fn what_is_spelled_out_depends_on_the_operator() {
    let text = format!("{SECRET}stringData: {{a: b}}\ndata: {{c: AA==}}\n");
    let reference = |version: &str, index: usize| {
        let layout = Layout { operator: version.parse().unwrap(), ..layout() };
        let object = &generated(&text, &layout).objects[0];
        let map = object["spec"]["data"][index]["remoteRef"].as_object().unwrap().clone();
        map.into_iter()
            .skip(2)
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let all = ["conversionStrategy=Default", "decodingStrategy=None", "metadataPolicy=None"];
    assert_eq!(reference("2.2", 0), all);
    assert_eq!(reference("2.8", 0), all);
    assert_eq!(reference("2.4", 0), [&all[..], &["nullBytePolicy=Ignore"]].concat());
    assert_eq!(reference("2.2", 1)[1], "decodingStrategy=Base64");
    assert_eq!(reference("2.9", 0), [""; 0]);
    assert_eq!(reference("2.9", 1), ["decodingStrategy=Base64"]);
}

#[test]
fn a_whole_path_is_extracted_only_where_that_is_the_same() {
    let layout = Layout { extract: true, ..layout() };
    let texts = generated(&format!("{SECRET}stringData: {{a: b, c.d: ''}}\n"), &layout);
    assert_eq!(texts.objects[0]["spec"]["dataFrom"], json!([{"extract": {"key": "k8s/shop/db"}}]));
    assert!(texts.objects[0]["spec"].get("data").is_none());
    let bytes = generated(&format!("{SECRET}stringData: {{a: b}}\ndata: {{c: AA==}}\n"), &layout);
    assert!(bytes.objects[0]["spec"].get("dataFrom").is_none());
    assert_eq!(bytes.objects[0]["spec"]["data"].as_array().unwrap().len(), 2);
}

#[test]
fn what_cannot_be_one_is_refused_with_its_place_and_no_value() {
    let head = "apiVersion: v1\nkind: Secret\n";
    let rows = [
        (format!("{head}metadata: {{namespace: b}}\nstringData: {{a: canary}}\n"), "has no name"),
        (format!("{head}metadata: {{name: A, namespace: b}}\nstringData: {{a: canary}}\n"), "the name `A`"),
        (
            format!("{head}metadata: {{name: a, namespace: b.c}}\nstringData: {{a: canary}}\n"),
            "the namespace `b.c`",
        ),
        (format!("{head}metadata: {{name: a}}\nstringData: {{a: canary}}\n"), "has a part that is empty"),
        (format!("{SECRET}stringData: {{a/b: canary}}\n"), "the key `a/b`"),
        (format!("{SECRET}stringData: {{{}: canary}}\n", "a".repeat(254)), "longer than 253"),
        (
            format!("{SECRET}type: kubernetes.io/service-account-token\nstringData: {{a: canary}}\n"),
            "made by the cluster",
        ),
        (
            format!("{SECRET}type: bootstrap.kubernetes.io/token\nstringData: {{a: canary}}\n"),
            "the operator makes none",
        ),
    ];
    for (text, said) in rows {
        let error = refused(&text, &layout());
        assert!(
            error.starts_with("a.yaml:2: ") && error.contains(said) && !error.contains("canary"),
            "{error}"
        );
    }
    let empty = of_secret(Secret::default(), "here", &layout()).unwrap_err();
    assert!(
        empty.to_string().contains("has no values") && empty.to_string().contains("has no name"),
        "{empty}"
    );
}

#[test]
fn finalizers_are_refused_where_the_operator_has_none() {
    let text =
        format!("{}stringData: {{a: b}}\n", SECRET.replace("shop}", "shop, finalizers: [example.com/keep]}"));
    let layout = |version: &str| Layout { operator: version.parse().unwrap(), ..layout() };
    let error = refused(&text, &layout("0.19"));
    assert!(
        error.contains("`shop/db` has finalizers, which came with 0.20; the operator is 0.19"),
        "{error}"
    );
    assert_eq!(generated(&text, &layout("0.20")).objects.len(), 1);
}

#[test]
fn paths_that_mean_something_else_are_refused() {
    let paths: [(&PathOf, &str); 4] = [
        (&|_, _| Ok("/a".into()), "begins with a slash"),
        (&|_, _| Ok("secret/a".into()), "begins with the mount"),
        (&|_, _| Ok("a b".into()), "means something else"),
        (&|_, _| Err("it is not said".into()), "no path for `shop/db`: it is not said"),
    ];
    for (path, said) in paths {
        let error = refused(&format!("{SECRET}stringData: {{a: canary}}\n"), &Layout { path, ..layout() });
        assert!(error.contains(said) && !error.contains("canary"), "{error}");
    }
}

#[test]
fn more_than_a_path_holds_is_refused_with_both_sizes() {
    let text =
        format!("{SECRET}stringData: {{a: {}, b: {}}}\n", "x".repeat(LIMIT / 2), "y".repeat(LIMIT / 2));
    let error = refused(&text, &layout());
    assert!(error.contains("are 524304 bytes as JSON; one path holds 524288"), "{error}");
    assert_eq!(generated(&text, &Layout { limit: 1 << 20, ..layout() }).pushes.len(), 1);
}

#[test]
fn two_secrets_at_one_path_are_refused_within_a_file_and_across_files() {
    let one = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: shop}}\nstringData: {{a: b}}\n"
        )
    };
    let path: &PathOf = &|namespace, _| Ok(namespace.to_owned());
    let error = refused(&format!("{}---\n{}", one("x"), one("z")), &Layout { path, ..layout() });
    assert_eq!(
        error,
        "a.yaml:7 (document 2): the Secret `shop/z` would be kept at `shop`, where `shop/x` of a.yaml:2 is kept"
    );
    let first = generated(&one("x"), &layout());
    let again = generated(&one("x"), &layout());
    assert!(one_path_each(first.pushes.iter().chain(&again.pushes)).is_err());
    let other = generated(&one("z"), &layout());
    assert!(one_path_each(first.pushes.iter().chain(&other.pushes)).is_ok());
}

#[test]
fn a_live_secret_is_read_without_what_the_server_adds() {
    let object = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"a": "AP8="},
        "metadata": {"name": "x", "namespace": "y", "uid": "1", "resourceVersion": "2", "managedFields": [{}],
            "creationTimestamp": "2026-01-01T00:00:00Z", "ownerReferences": [{}]}});
    let secret = from_live(object, "the cluster").unwrap();
    let (object, push) = of_secret(secret, "the cluster", &layout()).unwrap();
    assert_eq!(object["metadata"], json!({"name": "x", "namespace": "y"}));
    assert!(push.values["a"].same_as(&plain("AP8=")));
    let error = from_live(json!({"kind": "Pod", "apiVersion": "v1"}), "the cluster").unwrap_err();
    assert!(error.to_string().starts_with("the cluster:"), "{error}");
}
