//! The deploy key step against the sandbox's Git host.

use std::sync::Arc;
use std::time::Duration;

use rand_core::OsRng;
use serde_json::json;

use super::GitDeployKey;
use crate::bootstrap::key_pair::KeyPair;
use crate::bootstrap::{Error, Look};
use crate::plain::Plain;
use crate::remote::git_host::{Access, GitHost, Kind, Login};
use crate::report::Verb;
use crate::sandbox::git_host::GitHost as Sandbox;
use crate::sandbox::server::{Ledger, Remote, serve};
use crate::settings::KeyAlgorithm;

struct Scene {
    sandbox: Arc<Sandbox>,
    ledger: Arc<Ledger>,
    host: GitHost,
}

async fn scene() -> Scene {
    let sandbox = Arc::new(Sandbox::new(Plain::from("t0ken".to_owned()), "ops/gitops"));
    let ledger = Arc::new(Ledger::default());
    let handler = Arc::clone(&sandbox).handler();
    let address = serve(Remote::GitHost, Arc::clone(&ledger), handler).await.unwrap();
    let access = Access {
        api: Some(format!("http://{address}")),
        kind: Kind::GitHub,
        ca: None,
        repository: "ops/gitops".into(),
        login: Login::Token(Plain::from("t0ken".to_owned())),
        timeout: Duration::from_secs(10),
    };
    Scene { sandbox, ledger, host: GitHost::connect(access).await.unwrap() }
}

fn step() -> GitDeployKey {
    serde_json::from_value(json!({"title": "sealstrap home", "keep": {"vault": "k8s/github-deploy"}}))
        .unwrap()
}

fn pair() -> KeyPair {
    KeyPair::generate(KeyAlgorithm::Ed25519, "sealstrap home", &mut OsRng).unwrap()
}

impl Scene {
    async fn verb(&self, pair: &KeyPair) -> Option<Verb> {
        let listed = step().sort(self.host.deploy_keys().await.unwrap(), pair);
        match step().differences(&self.host, &listed) {
            Look::Differs(changes) => Some(changes[0].verb),
            _ => None,
        }
    }

    async fn register(&self, pair: &KeyPair) -> Result<Vec<String>, Error> {
        self.ledger.clear();
        step().register(&self.host, pair, "Vault `secret/k8s/github-deploy`").await?;
        Ok(self.ledger.writes().into_iter().map(|asked| asked.method).collect())
    }

    fn titles(&self) -> Vec<String> {
        self.sandbox.deploy_keys().into_iter().map(|key| key.title).collect()
    }
}

#[tokio::test]
async fn a_key_is_registered_once() {
    let (scene, pair, foreign) = (scene().await, pair(), pair());
    scene.sandbox.add_key("somebody's", &foreign.public_key(), true);
    assert_eq!(scene.verb(&pair).await, Some(Verb::Create));
    assert_eq!(scene.register(&pair).await.unwrap(), ["POST"]);
    assert_eq!(scene.verb(&pair).await, None);
    assert!(scene.register(&pair).await.unwrap().is_empty());
    assert_eq!(scene.titles(), ["somebody's", "sealstrap home"]);
    assert!(scene.sandbox.deploy_keys()[1].read_only);
}

#[tokio::test]
async fn our_key_under_another_title_is_adopted() {
    let (scene, pair) = (scene().await, pair());
    scene.sandbox.add_key("flux-system-main-flux-system-./clusters/prod", &pair.public_key(), true);
    assert_eq!(scene.verb(&pair).await, None);
    assert!(scene.register(&pair).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_earlier_key_of_ours_goes_after_the_new_one_came() {
    let (scene, old, new, next) = (scene().await, pair(), pair(), pair());
    scene.register(&old).await.unwrap();
    scene.sandbox.add_key("sealstrap homestead", &pair().public_key(), true);
    assert_eq!(scene.verb(&new).await, Some(Verb::Replace));
    assert_eq!(scene.register(&new).await.unwrap(), ["POST", "DELETE"]);
    let marked = format!("sealstrap home ({})", new.short_fingerprint());
    assert_eq!(scene.titles(), ["sealstrap homestead", &marked]);
    assert_eq!(scene.verb(&new).await, None);
    assert_eq!(scene.register(&next).await.unwrap(), ["POST", "DELETE"]);
    assert_eq!(scene.titles(), ["sealstrap homestead", "sealstrap home"]);
}

#[tokio::test]
async fn a_rotation_that_died_half_way_ends_with_the_deletion() {
    let (scene, old, new) = (scene().await, pair(), pair());
    scene.register(&old).await.unwrap();
    scene.sandbox.add_key("sealstrap home", &new.public_key(), true);
    assert_eq!(scene.verb(&new).await, Some(Verb::Delete));
    assert_eq!(scene.register(&new).await.unwrap(), ["DELETE"]);
    assert_eq!(scene.verb(&new).await, None);
}

#[tokio::test]
async fn a_key_with_the_wrong_rights_is_made_again() {
    let (scene, pair) = (scene().await, pair());
    scene.sandbox.add_key("sealstrap home", &pair.public_key(), false);
    assert_eq!(scene.verb(&pair).await, Some(Verb::Replace));
    assert_eq!(scene.register(&pair).await.unwrap(), ["DELETE", "POST"]);
    assert_eq!((scene.verb(&pair).await, scene.sandbox.deploy_keys().len()), (None, 1));
}

#[tokio::test]
async fn a_key_that_is_in_use_elsewhere_is_not_ours_to_take() {
    let (scene, pair) = (scene().await, pair());
    scene.sandbox.use_key_elsewhere(&pair.public_key());
    let error = scene.register(&pair).await.unwrap_err();
    let Error::Foreign { object, owner, hint } = error else { panic!("{error:?}") };
    assert!(object.contains("`identity` in Vault `secret/k8s/github-deploy`"));
    assert!(owner.contains("another repository or account") && hint.contains("delete it there"));
}

#[tokio::test]
async fn a_policy_against_deploy_keys_is_named() {
    let (scene, pair) = (scene().await, pair());
    scene.register(&pair).await.unwrap();
    scene.sandbox.switch_deploy_keys(false);
    let error = scene.register(&pair).await.unwrap_err();
    assert!(error.reason().unwrap().contains("policy"));
    scene.sandbox.remove_key(scene.sandbox.deploy_keys()[0].id);
    let Error::Remote(error) = scene.register(&pair).await.unwrap_err() else { panic!("the host refuses") };
    assert!(error.cause.to_string().contains("policy"));
}
