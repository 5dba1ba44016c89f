//! The reactors, waited for by the changes that they make.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::status::{is_ready, named, secret_key};
use super::{CRDS, Reactors};
use crate::remote::cluster::ObjectRef;
use crate::sandbox::kubernetes::Kubernetes;
use crate::seal;

type Kv = Arc<Mutex<BTreeMap<String, BTreeMap<String, String>>>>;

struct Stage {
    cluster: Arc<Kubernetes>,
    kv: Kv,
}

fn stage() -> Stage {
    let cluster = Arc::new(Kubernetes::new("t"));
    for definition in crate::yaml::manifests("crds.yaml".as_ref(), CRDS).unwrap() {
        assert!(cluster.upsert(definition));
    }
    let kv = Kv::default();
    let reader = Arc::clone(&kv);
    let read = Arc::new(move |mount: &str, path: &str| {
        reader.lock().unwrap().get(&format!("{mount}/{path}")).cloned()
    });
    let reactors =
        Reactors::new(Arc::clone(&cluster), read).with_token_check(Arc::new(|token| token == "good"));
    drop(reactors.start());
    Stage { cluster, kv }
}

impl Stage {
    fn put(&self, object: Value) -> ObjectRef {
        let name = super::status::reference(&object);
        assert!(self.cluster.upsert(object));
        name
    }

    fn keep(&self, path: &str, values: &[(&str, &str)]) {
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.kv.lock().unwrap().insert(path.to_owned(), values);
    }

    /// The object, once it is as wished.
    async fn once(&self, object: &ObjectRef, wish: impl Fn(&Value) -> bool) -> Value {
        let mut changes = self.cluster.changes();
        loop {
            if let Some(found) = self.cluster.object(object).filter(&wish) {
                return found;
            }
            drop(changes.recv().await);
        }
    }

    fn store(&self, token: &str) -> ObjectRef {
        self.put(json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "vault-token", "namespace": "kube-system"},
            "stringData": {"token": token},
        }));
        self.put(json!({
            "apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore", "metadata": {"name": "vault"},
            "spec": {"provider": {"vault": {"server": "http://x", "path": "secret", "version": "v2", "auth": {
                "tokenSecretRef": {"name": "vault-token", "namespace": "kube-system", "key": "token"}}}}},
        }))
    }

    fn deploy_key(&self) -> ObjectRef {
        self.put(json!({
            "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
            "metadata": {"name": "deploy-key", "namespace": "default"},
            "spec": {
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
                "data": [
                    {"secretKey": "identity", "remoteRef": {"key": "secret/data/k8s/key", "property": "identity"}},
                    {"secretKey": "known_hosts", "remoteRef": {"key": "k8s/key", "property": "known_hosts"}},
                ],
            },
        }))
    }
}

fn reason(object: &Value) -> &Value {
    &object["status"]["conditions"][0]["reason"]
}

#[tokio::test]
async fn a_store_is_valid_once_its_token_is_taken() {
    let stage = stage();
    let store = stage.store("bad");
    let refused = stage.once(&store, |store| !store["status"].is_null()).await;
    assert_eq!(reason(&refused), "ValidationFailed");
    stage.store("good");
    let taken = stage.once(&store, is_ready).await;
    assert_eq!(reason(&taken), "Valid");
}

#[tokio::test]
async fn an_external_secret_becomes_a_secret_that_it_owns() {
    let stage = stage();
    stage.store("good");
    let wish = stage.deploy_key();
    let waiting = stage.once(&wish, |wish| !wish["status"].is_null()).await;
    assert_eq!(reason(&waiting), "SecretSyncedError");
    stage.keep("secret/k8s/key", &[("identity", "private"), ("known_hosts", "hosts"), ("more", "x")]);
    let synced = stage.once(&wish, is_ready).await;
    assert_eq!(reason(&synced), "SecretSynced");
    let secret = stage.cluster.object(&named("v1", "Secret", "default", "deploy-key")).unwrap();
    assert_eq!(secret["metadata"]["ownerReferences"][0]["name"], "deploy-key");
    assert_eq!(secret["data"].as_object().unwrap().len(), 2);
    assert_eq!(secret_key(&stage.cluster, "default", "deploy-key", "identity").unwrap(), "private");
}

#[tokio::test]
async fn an_edited_secret_is_put_right_and_an_annotation_asks_for_new_values() {
    let stage = stage();
    stage.store("good");
    stage.keep("secret/k8s/key", &[("identity", "one"), ("known_hosts", "hosts")]);
    let wish = stage.deploy_key();
    stage.once(&wish, is_ready).await;
    let name = named("v1", "Secret", "default", "deploy-key");
    let mut edited = stage.cluster.object(&name).unwrap();
    edited["data"]["identity"] = "ZWRpdGVk".into();
    stage.cluster.upsert(edited);
    stage.once(&name, |secret| secret["data"]["identity"] == "b25l").await;
    stage.keep("secret/k8s/key", &[("identity", "two"), ("known_hosts", "hosts")]);
    let mut asked = stage.cluster.object(&wish).unwrap();
    asked["metadata"]["annotations"]["force-sync"] = "1".into();
    stage.cluster.upsert(asked);
    stage.once(&name, |secret| secret["data"]["identity"] == "dHdv").await;
}

#[tokio::test]
async fn a_template_shapes_the_secret() {
    let stage = stage();
    stage.store("good");
    stage.keep("secret/k8s/cf", &[("token", "value")]);
    let wish = stage.put(json!({
        "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": {"name": "cf", "namespace": "default"},
        "spec": {
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
            "target": {"name": "issuer", "template": {"data": {"TOKEN": "Bearer {{ .token }}!"}}},
            "dataFrom": [{"extract": {"key": "k8s/cf"}}],
        },
    }));
    stage.once(&wish, is_ready).await;
    assert_eq!(secret_key(&stage.cluster, "default", "issuer", "TOKEN").unwrap(), "Bearer value!");
}

#[tokio::test]
async fn flux_syncs_once_its_pull_secret_is_whole() {
    let stage = stage();
    let instance = stage.put(json!({
        "apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance", "metadata": {"name": "flux", "namespace": "default"},
        "spec": {"sync": {
            "kind": "GitRepository", "url": "ssh://git@github.com/o/r.git", "ref": "refs/heads/main", "path": "k8s",
            "name": "flux-system", "pullSecret": "key",
        }},
    }));
    let waiting = stage.once(&instance, |instance| !instance["status"].is_null()).await;
    assert_eq!(reason(&waiting), "Progressing");
    stage.put(json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key", "namespace": "default"},
        "stringData": {"identity": "private", "known_hosts": "hosts"},
    }));
    let ready = stage.once(&instance, is_ready).await;
    assert_eq!(ready["status"]["observedGeneration"], ready["metadata"]["generation"]);
    for (version, kind) in [
        ("source.toolkit.fluxcd.io/v1", "GitRepository"),
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
    ] {
        let part = stage.cluster.object(&named(version, kind, "default", "flux-system")).unwrap();
        assert!(is_ready(&part) && part["status"]["observedGeneration"] == part["metadata"]["generation"]);
    }
}

#[tokio::test]
async fn a_receiver_gets_the_path_that_can_be_computed() {
    let stage = stage();
    let receiver = stage.put(json!({
        "apiVersion": "notification.toolkit.fluxcd.io/v1", "kind": "Receiver",
        "metadata": {"name": "hook", "namespace": "default"}, "spec": {"secretRef": {"name": "hook-token"}},
    }));
    let waiting = stage.once(&receiver, |receiver| !receiver["status"].is_null()).await;
    assert_eq!(reason(&waiting), "TokenNotFound");
    stage.put(json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hook-token", "namespace": "default"},
        "stringData": {"token": "test-token"},
    }));
    let ready = stage.once(&receiver, is_ready).await;
    let path = crate::plain::Plain::from("test-token".to_owned()).sha256_with(&["hook", "default"]);
    assert_eq!(ready["status"]["webhookPath"], format!("/hook/{path}"));
}

#[tokio::test]
async fn a_deployment_is_available_as_kstatus_wants_it() {
    let stage = stage();
    let deployment = stage.put(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "flux-operator", "namespace": "default"},
        "spec": {
            "replicas": 2, "selector": {"matchLabels": {"app": "x"}},
            "template": {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "x", "image": "x"}]}},
        },
    }));
    let found = stage.once(&deployment, |object| !object["status"].is_null()).await;
    let status = &found["status"];
    assert_eq!((&status["observedGeneration"], &status["availableReplicas"]), (&json!(1), &json!(2)));
    assert_eq!(status["conditions"][1]["reason"], "NewReplicaSetAvailable");
}

#[tokio::test]
async fn reactors_come_to_rest() {
    let stage = stage();
    stage.store("good");
    stage.keep("secret/k8s/key", &[("identity", "one"), ("known_hosts", "hosts")]);
    let wish = stage.deploy_key();
    stage.once(&wish, is_ready).await;
    let reactors = Reactors::new(Arc::clone(&stage.cluster), Arc::new(|_, _| None))
        .with_token_check(Arc::new(|token| token == "good"));
    reactors.pass();
    let mut changes = stage.cluster.changes();
    reactors.pass();
    assert!(changes.try_recv().is_err());
}

/// Puts the controller of sealed-secrets into the cluster, and seals for it once it has a key.
async fn sealed(stage: &Stage, name: &str, value: &str) -> Value {
    let text = include_str!("../crds/sealed-secrets.yaml");
    for object in crate::yaml::manifests("sealed-secrets.yaml".as_ref(), text).unwrap() {
        stage.put(object);
    }
    let key = named("v1", "Secret", "kube-system", "sealed-secrets-keysandbox");
    stage.once(&key, |_| true).await;
    let pem = secret_key(&stage.cluster, "kube-system", &key.name, "tls.crt").unwrap();
    let recipient = seal::Certificate::from_pem(pem.as_bytes()).unwrap().recipient;
    let mut secret = seal::Secret::default();
    (secret.namespace, secret.name) = ("default".into(), name.to_owned());
    secret.items.insert("token".into(), crate::plain::Plain::from(value.to_owned()));
    let made =
        seal::SealedSecret::seal(&secret, seal::Scope::Strict, &recipient, &mut rand_core::OsRng).unwrap();
    serde_json::from_str(&made.to_json()).unwrap()
}

/// The message of the condition `Synced`, where the newest spec was seen.
fn said(object: &Value) -> Option<&str> {
    let seen = object["status"]["observedGeneration"] == object["metadata"]["generation"];
    object["status"]["conditions"][0]["message"].as_str().filter(|_| seen)
}

#[tokio::test]
async fn a_sealed_secret_becomes_a_secret_and_takes_over_only_one_that_says_so() {
    let stage = stage();
    let theirs = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "default"},
        "stringData": {"token": "theirs"},
    });
    let secret = stage.put(theirs);
    let object = stage.put(sealed(&stage, "a", "sealed").await);
    let refused = stage.once(&object, |object| said(object).is_some_and(|words| !words.is_empty())).await;
    assert!(said(&refused).unwrap().contains("already exists and is not managed by SealedSecret"));
    let mut marked = stage.cluster.object(&secret).unwrap();
    marked["metadata"]["annotations"]["sealedsecrets.bitnami.com/managed"] = "true".into();
    stage.put(marked);
    let taken = stage.once(&secret, |secret| secret["metadata"]["ownerReferences"].is_array()).await;
    assert_eq!(secret_key(&stage.cluster, "default", "a", "token").as_deref(), Some("sealed"));
    assert!(taken["metadata"]["annotations"].is_null(), "its annotations are those of the template");
}

#[tokio::test]
async fn what_was_sealed_under_another_name_is_told_and_not_unsealed() {
    let stage = stage();
    let mut other = sealed(&stage, "a", "sealed").await;
    other["metadata"]["name"] = "b".into();
    let object = stage.put(other);
    let failed = stage.once(&object, |object| said(object).is_some()).await;
    assert_eq!(said(&failed), Some("no key could decrypt secret (token)"));
    assert!(stage.cluster.object(&named("v1", "Secret", "default", "b")).is_none());
}
