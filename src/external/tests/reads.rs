//! What is asked of Vault is told entry by entry, and how a value is meant.

use super::*;

const TEXT: &str = "\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: a, namespace: b}
spec:
  secretStoreRef: {name: here}
  data:
  - {secretKey: x, remoteRef: {key: k8s/a, property: p, version: \"3\", decodingStrategy: Auto}}
  - secretKey: z
    remoteRef:
      key: k8s/b
    sourceRef: {storeRef: {kind: ClusterSecretStore, name: there}}
  - {secretKey: m, remoteRef: {key: k8s/a, metadataPolicy: Fetch}}
  - {secretKey: n, remoteRef: {}}
  dataFrom:
  - extract: {key: k8s/c}
  - find: {path: k8s}
  - sourceRef: {generatorRef: {kind: Password, name: p}}
";

#[test]
fn each_entry_is_told_with_its_line_and_store() {
    let Reads { all, unknown } = reads(&document(TEXT));
    let told: Vec<_> = all
        .iter()
        .map(|read| (read.line, read.store.name.as_str(), read.item.path.as_str(), read.key.as_deref()))
        .collect();
    let wanted =
        [(7, "here", "k8s/a", Some("x")), (10, "there", "k8s/b", Some("z")), (15, "here", "k8s/c", None)];
    assert_eq!(told, wanted);
    assert_eq!(all[0].item.version.as_deref(), Some("3"));
    assert_eq!(all[0].item.decoding, Decoding::Auto);
    let lines: Vec<_> = unknown.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [12, 16]);
    assert!(certain(&document(TEXT)).is_err());
}

#[test]
fn a_value_is_meant_as_its_strategy_says() {
    for (strategy, lying, meant) in [
        (Decoding::None, "1234", Some("1234")),
        (Decoding::Base64, "YT9i", Some("a?b")),
        (Decoding::Base64, "YT9\ni", Some("a?b")),
        (Decoding::Base64, "-_", None),
        (Decoding::Base64Url, "Pz8_", Some("???")),
        (Decoding::Auto, "YT9i", Some("a?b")),
        (Decoding::Auto, "not base64", Some("not base64")),
    ] {
        let gives = |value: &str| strategy.gives(&plain(lying), &plain(value));
        assert_eq!(gives(meant.unwrap_or("x")), meant.map(|_| true), "{strategy:?} {lying}");
        assert_ne!(gives("other"), Some(true), "{strategy:?} {lying}");
        let decoded = strategy.decode(plain(lying));
        assert_eq!(decoded.is_some(), meant.is_some());
        assert!(decoded.is_none_or(|decoded| decoded.same_as(&plain(meant.unwrap()))));
    }
}
