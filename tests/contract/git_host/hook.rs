//! Webhooks, and what is delivered to them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sealstrap::remote::Cause;
use sealstrap::sandbox::server::{Handler, Ledger, Remote, Reply, Request, serve};

use super::{RECEIVER, Side, Signed, Statement, new_key, plain, sentences, wish};

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "A hook is made, changed, pinged, and deleted twice without complaint" => a_hook,
        "A second hook for the same address and event is a conflict" => a_duplicate_hook [Sandbox: "Gitea takes it"],
        "A second hook for the same address and event is taken" => a_second_hook [Rig: "GitHub refuses it"],
        "A hook that is not there cannot be changed or pinged" => no_hook,
        "A changed hook signs with the new secret" => a_new_secret [Sandbox: "Gitea's API cannot change it"],
        "A changed hook signs with the secret that it was made with" => the_old_secret [Rig: "GitHub changes it"],
        "A delivery is signed by HMAC-SHA-256 of its body" => a_signed_delivery,
        "Keys and hooks of all pages are seen" => all_pages,
    ]
}

async fn a_hook(side: Arc<Side>) {
    let host = side.host().await;
    let made = host.create_webhook(wish(RECEIVER, "push", "one")).await.unwrap();
    assert_eq!((made.content_type.as_str(), made.active, made.verifies_tls), ("json", true, true));
    assert_eq!((made.url.as_str(), made.events), (RECEIVER, vec!["push".to_owned()]));
    let changed = host.update_webhook(made.id, wish(RECEIVER, "release", "one")).await.unwrap();
    assert_eq!((changed.id, changed.events), (made.id, vec!["release".to_owned()]));
    let moved = host.update_webhook(made.id, wish("http://127.0.0.1:1/hook/2", "push", "one")).await.unwrap();
    assert_eq!(moved.url, "http://127.0.0.1:1/hook/2");
    host.ping_webhook(made.id).await.unwrap();
    host.delete_webhook(made.id).await.unwrap();
    host.delete_webhook(made.id).await.unwrap();
    assert!(host.webhooks().await.unwrap().is_empty());
}

async fn a_duplicate_hook(side: Arc<Side>) {
    let host = side.host().await;
    host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap();
    let error = host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Conflict(_)), "{error:?}");
    side.clear().await;
}

async fn a_second_hook(side: Arc<Side>) {
    let host = side.host().await;
    host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap();
    host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap();
    assert_eq!(host.webhooks().await.unwrap().len(), 2);
    side.clear().await;
}

async fn no_hook(side: Arc<Side>) {
    let host = side.host().await;
    let error = host.update_webhook(4_000_000, wish(RECEIVER, "push", "s")).await.unwrap_err();
    assert!(matches!(error.cause, Cause::NotFound(_)), "{error:?}");
    let error = host.ping_webhook(4_000_000).await.unwrap_err();
    assert!(matches!(error.cause, Cause::NotFound(_)), "{error:?}");
}

/// Changes a hook's secret, has it deliver, and tells which of the two secrets it signed with.
async fn signs_with(side: &Side) -> &'static str {
    let host = side.host().await;
    let receiver = receiver(Arc::clone(&side.delivered)).await;
    let made = host.create_webhook(wish(&receiver, "push", "old")).await.unwrap();
    host.update_webhook(made.id, wish(&receiver, "push", "new")).await.unwrap();
    side.delivered.lock().unwrap().clear();
    host.ping_webhook(made.id).await.unwrap();
    let signed = loop {
        if let Some(signed) = side.delivered.lock().unwrap().pop() {
            break signed;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    host.delete_webhook(made.id).await.unwrap();
    let fits = |secret: &&str| signed.signature == format!("sha256={}", plain(secret).mark(&signed.body));
    ["old", "new"].into_iter().find(fits).unwrap_or("neither")
}

/// The address of a server that keeps what is delivered to it.
async fn receiver(delivered: Arc<Mutex<Vec<Signed>>>) -> String {
    let handler: Handler = Arc::new(move |request: Request| {
        let header = request.headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
        let signature = header.unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        delivered.lock().unwrap().push(Signed { signature, body });
        Box::pin(async { Reply::empty(200) })
    });
    let address = serve(Remote::GitHost, Arc::new(Ledger::default()), handler).await.unwrap();
    format!("http://{address}/hook/signed")
}

async fn a_new_secret(side: Arc<Side>) {
    assert_eq!(signs_with(&side).await, "new");
}

async fn the_old_secret(side: Arc<Side>) {
    assert_eq!(signs_with(&side).await, "old");
}

async fn a_signed_delivery(side: Arc<Side>) {
    assert_ne!(signs_with(&side).await, "neither");
}

async fn all_pages(side: Arc<Side>) {
    const MANY: usize = 120;
    let host = side.host().await;
    let (mut keys, mut hooks) = (Vec::new(), Vec::new());
    for number in 0..MANY {
        keys.push(host.create_deploy_key(&format!("key {number}"), &new_key(), true).await.unwrap().id);
        let url = format!("http://127.0.0.1:1/hook/{number}");
        hooks.push(host.create_webhook(wish(&url, "push", "s")).await.unwrap().id);
    }
    let found: Vec<u64> = host.deploy_keys().await.unwrap().iter().map(|key| key.id).collect();
    assert_eq!(found, keys);
    let found: Vec<u64> = host.webhooks().await.unwrap().iter().map(|hook| hook.id).collect();
    assert_eq!(found, hooks);
    side.clear().await;
}
