//! The webhook step against the sandbox's Git host.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::GitWebhook;
use crate::bootstrap::{Error, Look, World};
use crate::plain::Plain;
use crate::report::{Event, Events, Verb};
use crate::sandbox::git_host::{GitHost, Standing};
use crate::sandbox::server::{Ledger, Remote, serve};
use crate::settings::Settings;

/// SHA-256 of `test-token`, `receiver-secret` and `my-namespace`: flux2's golden vector.
const URL: &str =
    "https://flux.example.com/hook/106120121d366c2f67e93200f6c1dbe938235eb588daa5e8c0516d3a77ac1dee";

fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

struct Scene {
    host: Arc<GitHost>,
    ledger: Arc<Ledger>,
    world: World,
    events: Arc<Mutex<Vec<Event>>>,
    folder: tempfile::TempDir,
}

async fn scene() -> Scene {
    scene_answering(GitHost::new(plain("t0ken"), "ops/gitops")).await
}

async fn scene_answering(host: GitHost) -> Scene {
    let (host, ledger) = (Arc::new(host), Arc::new(Ledger::default()));
    let address = serve(Remote::GitHost, Arc::clone(&ledger), Arc::clone(&host).handler()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("login"), "t0ken").unwrap();
    let mut settings: Settings = serde_json::from_value(json!({
        "cluster": {"name": "home"},
        "git": {"api": format!("http://{address}"), "repository": "ops/gitops", "login": {"token": {"file": "login"}}},
        "vault": {},
        "timeouts": {"wait": "1s"},
    }))
    .unwrap();
    settings.root = folder.path().to_owned();
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let world = World::new(Arc::new(settings), Events::new(move |event| heard.lock().unwrap().push(event)));
    let scene = Scene { host, ledger, world, events, folder };
    scene.set_token("test-token");
    scene
}

impl Scene {
    fn set_token(&self, token: &str) {
        std::fs::write(self.folder.path().join("token"), token).unwrap();
    }
}

fn step() -> GitWebhook {
    serde_json::from_value(json!({
        "url": "https://flux.example.com/", "receiver": "receiver-secret", "namespace": "my-namespace",
        "token": {"file": "token"}, "events": ["push"],
    }))
    .unwrap()
}

async fn verb(step: &GitWebhook, scene: &Scene) -> Option<Verb> {
    match step.look(&scene.world).await.unwrap() {
        Look::Holds => None,
        Look::Differs(changes) => Some(changes[0].verb),
        Look::Awaits { .. } => panic!("the token is there"),
    }
}

async fn converge(step: &GitWebhook, scene: &Scene) {
    step.change(&scene.world).await.unwrap();
    assert_eq!(step.look(&scene.world).await.unwrap(), Look::Holds);
    scene.ledger.clear();
    step.change(&scene.world).await.unwrap();
    assert!(scene.ledger.writes().is_empty(), "{:?}", scene.ledger.writes());
}

#[tokio::test]
async fn a_hook_goes_to_the_receivers_path_signed_with_its_token() {
    let scene = scene().await;
    assert_eq!(verb(&step(), &scene).await, Some(Verb::Create));
    assert!(scene.ledger.writes().is_empty());
    converge(&step(), &scene).await;
    let [hook] = &scene.host.hooks()[..] else { panic!("one hook") };
    assert_eq!((hook.url.as_str(), hook.content_type.as_str(), hook.insecure), (URL, "json", false));
    assert!(scene.host.hook_signs_with(hook.id, &plain("test-token")));
}

#[tokio::test]
async fn what_somebody_edited_is_put_right_in_place() {
    let scene = scene().await;
    converge(&step(), &scene).await;
    let id = scene.host.hooks()[0].id;
    scene.host.edit_hook(id, |hook| {
        hook.events = vec!["release".into()];
        hook.content_type = "form".into();
        hook.active = false;
        hook.insecure = true;
    });
    let Look::Differs(changes) = step().look(&scene.world).await.unwrap() else { panic!("it differs") };
    assert_eq!((changes[0].verb, changes[0].details.len()), (Verb::Update, 4), "{changes:?}");
    converge(&step(), &scene).await;
    assert_eq!((scene.host.hooks().len(), scene.host.hooks()[0].id), (1, id));
}

#[tokio::test]
async fn a_new_token_replaces_our_hook_and_touches_no_other() {
    let scene = scene().await;
    for foreign in [
        "https://flux.example.com/other",
        "https://flux.example.com/hook/short",
        "https://ci.example.com/hook/1",
    ] {
        scene.host.add_hook(foreign, &["push"]);
    }
    converge(&step(), &scene).await;
    let old = scene.host.hooks().last().unwrap().id;
    scene.set_token("another-token");
    assert_eq!(verb(&step(), &scene).await, Some(Verb::Replace));
    scene.ledger.clear();
    step().change(&scene.world).await.unwrap();
    let methods: Vec<String> = scene.ledger.writes().into_iter().map(|asked| asked.method).collect();
    assert_eq!(methods, ["POST", "DELETE"], "the old hook dies only after the new one is there");
    assert_eq!(scene.host.hooks().len(), 4);
    assert!(scene.host.hooks().iter().all(|hook| hook.id != old));
    assert_eq!(verb(&step(), &scene).await, None);
}

#[tokio::test]
async fn a_hook_whose_address_was_edited_is_made_again() {
    let scene = scene().await;
    converge(&step(), &scene).await;
    scene.host.edit_hook_url(scene.host.hooks()[0].id, "https://elsewhere.example.com/");
    assert_eq!(verb(&step(), &scene).await, Some(Verb::Create));
    converge(&step(), &scene).await;
    assert_eq!(scene.host.hooks().len(), 2, "the edited one may be somebody's");
}

#[tokio::test]
async fn a_ping_must_be_answered_with_200() {
    let status = Arc::new(Mutex::new(404));
    let answer = Arc::clone(&status);
    let host = GitHost::new(plain("t0ken"), "ops/gitops").delivering(Arc::new(move |_| {
        let status = *answer.lock().unwrap();
        Box::pin(async move { status })
    }));
    let scene = scene_answering(host).await;
    let step = GitWebhook { ping: true, ..step() };
    let error = step.change(&scene.world).await.unwrap_err();
    let Error::WaitedTooLong { reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains("404: there is no Receiver"), "{reason}");
    assert!(
        matches!(&scene.events.lock().unwrap()[..], [Event::Waiting { reason, .. }] if reason.contains("404"))
    );
    assert_eq!(verb(&step, &scene).await, Some(Verb::Wait));
    *status.lock().unwrap() = 200;
    step.change(&scene.world).await.unwrap();
    converge(&step, &scene).await;
    assert_eq!(scene.host.hooks().len(), 1);
}

#[tokio::test]
async fn a_token_or_an_address_that_would_not_work_is_refused() {
    let scene = scene().await;
    for url in ["http://flux.example.com", "flux.example.com", "https://a:b@c", "https://c?x=1"] {
        let error = GitWebhook { url: url.into(), ..step() }.look(&scene.world).await.unwrap_err();
        assert!(matches!(error, Error::Unfit { .. }), "{url}: {error:?}");
    }
    scene.set_token("");
    assert!(step().look(&scene.world).await.is_err());
    let local = GitWebhook { url: "http://127.0.0.1:9292".into(), ..step() };
    scene.set_token("t");
    assert_eq!(verb(&local, &scene).await, Some(Verb::Create));
}

#[tokio::test]
async fn a_missing_permission_shows_when_looking() {
    let scene = scene().await;
    scene.host.stand(Standing::TokenLacks);
    let error = step().look(&scene.world).await.unwrap_err();
    let Error::Remote(error) = error else { panic!("{error:?}") };
    assert!(error.cause.to_string().contains("repository_hooks=write"));
}
