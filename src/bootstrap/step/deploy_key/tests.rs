//! The deploy key steps against the sandbox's Vault and Git host.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::bootstrap::key_pair::KeyPair;
use crate::bootstrap::step::Step;
use crate::bootstrap::{Error, Look, World};
use crate::plain::Plain;
use crate::report::{Change, Events, Verb};
use crate::sandbox::git_host::GitHost;
use crate::sandbox::server::{Fault, Harm, Ledger, Remote, serve};
use crate::sandbox::vault::{ROOT_TOKEN, Vault};
use crate::settings::Settings;

struct Scene {
    vault: Arc<Vault>,
    git_host: Arc<GitHost>,
    ledger: Arc<Ledger>,
    world: World,
    folder: tempfile::TempDir,
}

async fn scene(git: Value) -> Scene {
    drop(rustls::crypto::ring::default_provider().install_default());
    let vault = Arc::new(Vault::new());
    let git_host = Arc::new(GitHost::new(Plain::from("t0ken".to_owned()), "ops/gitops"));
    let ledger = Arc::new(Ledger::default());
    let at_vault = serve(Remote::Vault, Arc::clone(&ledger), Arc::clone(&vault).handler()).await.unwrap();
    let at_git = serve(Remote::GitHost, Arc::clone(&ledger), Arc::clone(&git_host).handler()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("git-login"), "t0ken").unwrap();
    std::fs::write(folder.path().join("vault-login"), ROOT_TOKEN).unwrap();
    let mut settings = json!({
        "cluster": {"name": "home"},
        "git": {"api": format!("http://{at_git}"), "repository": "ops/gitops", "ssh": "github.com",
                "login": {"token": {"file": "git-login"}}},
        "vault": {"address": format!("http://{at_vault}"), "login": {"token": {"file": "vault-login"}}},
    });
    for (key, value) in git.as_object().unwrap() {
        settings["git"][key] = value.clone();
    }
    let mut settings: Settings = serde_json::from_value(settings).unwrap();
    settings.root = folder.path().to_owned();
    let world = World::new(Arc::new(settings), Events::silent());
    Scene { vault, git_host, ledger, world, folder }
}

fn step(kind: &str, more: &Value) -> Step {
    let mut fields = json!({"keep": {"vault": "k8s/github-deploy"}});
    for (key, value) in more.as_object().unwrap() {
        fields[key] = value.clone();
    }
    serde_json::from_value(json!({kind: fields})).unwrap()
}

fn keep() -> Step {
    step("deployKey", &json!({"knownHosts": true}))
}

impl Scene {
    fn kept(&self) -> BTreeMap<String, String> {
        self.vault.kv("secret", "k8s/github-deploy").unwrap_or_default()
    }

    fn set(&self, values: &Value) {
        self.vault.set_kv("secret", "k8s/github-deploy", values);
    }

    async fn difference(&self, step: &Step) -> Change {
        let Look::Differs(mut changes) = step.look(&self.world).await.unwrap() else { panic!("it holds") };
        changes.remove(0)
    }

    /// Makes it so, and finds that a second run has nothing to write.
    async fn converge(&self, step: &Step) {
        step.change(&self.world).await.unwrap();
        assert_eq!(step.look(&self.world).await.unwrap(), Look::Holds);
        self.ledger.clear();
        step.change(&self.world).await.unwrap();
        assert!(self.ledger.writes().is_empty(), "{:?}", self.ledger.writes());
    }

    async fn refusal(&self, step: &Step) -> String {
        let error = step.look(&self.world).await.unwrap_err();
        assert!(matches!(error, Error::Unfit { .. }), "{error:?}");
        format!("{error}: {} ({})", error.reason().unwrap(), error.hint().unwrap_or_default())
    }
}

#[tokio::test]
async fn a_whole_key_pair_is_kept_with_the_hosts_keys() {
    let scene = scene(json!({})).await;
    let change = scene.difference(&keep()).await;
    assert_eq!((change.verb, change.object.as_str()), (Verb::Create, "Vault `secret/k8s/github-deploy`"));
    scene.converge(&keep()).await;
    let kept = scene.kept();
    let pair = KeyPair::parse(&Plain::from(kept["identity"].clone())).unwrap();
    assert!(kept["identity"].ends_with("-----\n"));
    assert!(kept["identity.pub"].ends_with(" sealstrap home"));
    assert!(KeyPair::same_public(&kept["identity.pub"], &pair.public_line()));
    let hosts: Vec<&str> = kept["known_hosts"].lines().collect();
    assert!(hosts.len() == 2 && hosts[0].starts_with("github.com ecdsa-sha2-nistp256 "), "{hosts:?}");
}

#[tokio::test]
async fn a_key_of_yours_is_kept_and_completed_beside_what_is_not_ours() {
    let scene = scene(json!({})).await;
    let own = scene_key();
    scene.set(&json!({"identity": own.trim_end(), "note": "mine", "identity.pub": "ssh-ed25519 AAAA other"}));
    let change = scene.difference(&keep()).await;
    assert_eq!((change.verb, change.details.len()), (Verb::Update, 2), "{change:?}");
    scene.converge(&keep()).await;
    let kept = scene.kept();
    assert_eq!((kept["identity"].as_str(), kept["note"].as_str()), (own.trim_end(), "mine"));
}

#[expect(clippy::disallowed_methods, reason = "a test looks at the text of a key that it made itself")]
fn scene_key() -> String {
    let algorithm = crate::settings::KeyAlgorithm::EcdsaP256;
    let pair = KeyPair::generate(algorithm, "mine", &mut rand_core::OsRng).unwrap();
    pair.private().expose_text().unwrap().to_string()
}

#[tokio::test]
async fn a_private_key_that_cannot_be_used_is_never_overwritten() {
    let scene = scene(json!({})).await;
    scene.set(&json!({"identity": "canary"}));
    let said = scene.refusal(&keep()).await;
    assert!(
        said.contains("`identity` in Vault `secret/k8s/github-deploy`: it is not a private key"),
        "{said}"
    );
    assert!(said.contains("delete it so that a new one is made") && !said.contains("canary"), "{said}");
    assert!(keep().change(&scene.world).await.is_err());
    assert_eq!(scene.kept()["identity"], "canary");
}

#[tokio::test]
async fn an_empty_or_deleted_key_is_made_anew() {
    let scene = scene(json!({})).await;
    scene.set(&json!({"identity": "", "note": "mine"}));
    scene.converge(&keep()).await;
    assert_eq!(scene.kept()["note"], "mine");
    scene.vault.delete_kv("secret", "k8s/github-deploy");
    assert_eq!(scene.difference(&keep()).await.verb, Verb::Create);
    scene.converge(&keep()).await;
}

#[tokio::test]
async fn changed_host_keys_are_seen_and_foreign_lines_stay() {
    let scene = scene(json!({})).await;
    scene.converge(&keep()).await;
    let mut kept = scene.kept();
    let first = kept["known_hosts"].lines().next().unwrap().to_owned();
    kept.insert("known_hosts".into(), format!("{first}\nexample.com ssh-rsa AAAA\n"));
    scene.set(&json!(kept));
    let change = scene.difference(&keep()).await;
    assert_eq!(change.details, ["known_hosts: the Git host has other keys"]);
    scene.converge(&keep()).await;
    assert_eq!(scene.kept()["known_hosts"].lines().count(), 3);
    assert_eq!(scene.kept()["identity"], kept["identity"]);
}

#[tokio::test]
async fn the_settings_file_of_host_keys_comes_first() {
    let scene = scene(json!({"ssh": "git.example.com:2222", "knownHosts": "hosts"})).await;
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    std::fs::write(scene.folder.path().join("hosts"), format!("git.example.com {key}\n")).unwrap();
    assert!(scene.refusal(&keep()).await.contains("no line in it is about `[git.example.com]:2222`"));
    let line = format!("[git.example.com]:2222 {key}\n");
    std::fs::write(scene.folder.path().join("hosts"), &line).unwrap();
    scene.converge(&keep()).await;
    assert_eq!(scene.kept()["known_hosts"], line);
}

#[tokio::test]
async fn nothing_is_scanned_where_nobody_vouches_but_a_pin_of_yours_holds() {
    let scene = scene(json!({"ssh": "git.example.com"})).await;
    let silent = || {
        let (path, body) = ("/meta".to_owned(), Harm::Answer(200, json!({})));
        scene.ledger.harm(Fault { remote: Remote::GitHost, method: None, path, times: 1, harm: body });
    };
    silent();
    let said = scene.refusal(&keep()).await;
    assert!(said.contains("merely scanned") && said.contains("git.knownHosts"), "{said}");
    scene.set(&json!({"identity": scene_key(), "known_hosts": "git.example.com ssh-ed25519 AAAA\n"}));
    silent();
    let change = scene.difference(&keep()).await;
    assert_eq!(change.details, ["identity.pub: is not the public half of identity"]);
}

#[tokio::test]
async fn the_private_half_is_stored_before_the_public_half_is_registered() {
    let scene = scene(json!({})).await;
    let register = step("gitDeployKey", &json!({"title": "sealstrap home"}));
    let Look::Awaits { input, .. } = register.look(&scene.world).await.unwrap() else {
        panic!("there is nothing to register yet")
    };
    assert_eq!(input, "`identity` in Vault `secret/k8s/github-deploy`");
    assert!(matches!(register.change(&scene.world).await, Err(Error::InputMissing { .. })));
    scene.converge(&keep()).await;
    scene.converge(&register).await;
    let [key] = &scene.git_host.deploy_keys()[..] else { panic!("one key") };
    assert!(KeyPair::same_public(&key.key, &scene.kept()["identity.pub"]));
}

#[tokio::test]
async fn rights_are_named_before_anything_is_done() {
    let scene = scene(json!({})).await;
    let needs = keep().needs(&scene.world);
    assert!(needs.git_host);
    assert_eq!(needs.vault.values().next().unwrap().len(), 3);
    let needs = step("gitDeployKey", &json!({"title": "t"})).needs(&scene.world);
    assert!(needs.git_host);
    assert_eq!(needs.vault.values().next().unwrap().iter().copied().collect::<Vec<_>>(), ["read"]);
    assert!(scene.ledger.asked().is_empty());
}
