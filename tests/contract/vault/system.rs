//! Health, mounts and sealing.

use std::sync::Arc;

use sealstrap::remote::Cause;
use sealstrap::remote::vault::{KvVersion, Login};
use serde_json::{Value, json};

use super::{Side, Statement, plain, refused, sentences};
use crate::rig::Process;
use crate::rig::port::free_port;

pub(super) fn open() -> Vec<Statement<Side>> {
    sentences![
        "Health in service is a 200, asked without token" => health,
        "Health before initialisation is a 501" => uninitialised,
        "The mount of a path is told to whoever may see into it, with type and version" => mounts,
        "A mount that is not there is a 403, even to root" => no_mount,
        "Mounting where something is mounted is a 400" => mounting_twice,
        "What no engine answers is a 404, and a verb that an endpoint lacks a 405" => unknown,
        "A token that nobody knows is a 403 that says so, and no token a 403 that does not" => unknown_token,
    ]
}

pub(super) fn last() -> Vec<Statement<Side>> {
    sentences![
        "Sealing takes sudo" => sealing_takes_sudo,
        "A sealed Vault is a 503 everywhere, health included, and our client says so" => sealed,
    ]
}

async fn health(side: Arc<Side>) {
    let told = side.quietly(None, "GET", "sys/health", &Value::Null).await;
    assert_eq!(
        (told.status, &told.body["sealed"], &told.body["initialized"]),
        (200, &json!(false), &json!(true))
    );
    note_health(&side, told.status, told.body);
}

/// Versions and times differ; the names are compared, and the rest.
fn note_health(side: &Side, status: u16, mut body: Value) {
    for own in ["version", "build_date", "server_time_utc", "cluster_name", "cluster_id", "clock_skew_ms"] {
        if body.get(own).is_some() {
            body[own] = "…".into();
        }
    }
    side.seen.note(json!({"asked": "GET sys/health", "status": status, "body": body}));
}

async fn uninitialised(side: Arc<Side>) {
    let Some(sandbox) = &side.sandbox else {
        let told = fresh_vault().await;
        return note_health(&side, told.0, told.1);
    };
    sandbox.initialize(false);
    let told = side.quietly(None, "GET", "sys/health", &Value::Null).await;
    assert_eq!(told.status, 501);
    note_health(&side, told.status, told.body);
    sandbox.initialize(true);
}

/// What the health of a Vault is that nobody has initialised.
async fn fresh_vault() -> (u16, Value) {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let config = format!(
        "storage \"inmem\" {{}}\ndisable_mlock = true\n\
         listener \"tcp\" {{ address = \"127.0.0.1:{port}\"\n tls_disable = true }}\n"
    );
    let file = folder.path().join("vault.hcl");
    std::fs::write(&file, config).unwrap();
    let mut command = Process::command("vault");
    command.arg("server").arg(format!("-config={}", file.display()));
    let _process = Process::start("vault", command, folder.path());
    let address = format!("http://127.0.0.1:{port}/v1/sys/health");
    let answer = loop {
        match reqwest::get(&address).await {
            Ok(answer) => break answer,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    };
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

async fn mounts(side: Arc<Side>) {
    let admin = side.admin().await;
    assert_eq!(admin.kv_version("secret").await.unwrap(), KvVersion::V2);
    for version in ["1", "2"] {
        let mount = format!("kv{version}");
        let body = json!({"type": "kv", "options": {"version": version}});
        side.make("POST", &format!("sys/mounts/{mount}"), &body).await;
        // Right after it was mounted: a real v2 engine may still be preparing itself.
        let read = admin.read(&mount, "a/b").await.unwrap();
        assert_eq!((read.version, read.data.len()), (0, 0));
        admin.write(&mount, "a/b", super::set("x", "1"), &read).await.unwrap();
        let read = admin.read(&mount, "a/b").await.unwrap();
        assert!(read.data["x"].same_as(&plain("1")));
        assert_eq!(read.version, u64::from(version == "2"));
        for path in [mount.clone(), format!("{mount}/a"), format!("{mount}/data/a")] {
            let told = side
                .quietly(Some(&side.root), "GET", &format!("sys/internal/ui/mounts/{path}"), &Value::Null)
                .await;
            let data = &told.body["data"];
            side.seen.note(json!({
                "asked": path, "status": told.status, "path": data["path"], "type": data["type"], "options": data["options"]}));
        }
    }
    let narrow = side.narrow("path \"kv2/data/x\" { capabilities = [\"read\"] }").await;
    let narrow = side.open(&narrow).await;
    assert_eq!(narrow.kv_version("kv2").await.unwrap(), KvVersion::V2);
    assert!(matches!(narrow.kv_version("kv1").await.unwrap_err().cause, Cause::Forbidden(_)));
}

async fn no_mount(side: Arc<Side>) {
    let error = side.admin().await.kv_version("nowhere").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Forbidden(_)), "{error:?}");
    side.note_error(&error);
    assert_eq!(side.read("sys/internal/ui/mounts/nowhere").await.status, 403);
    let reached = side.quietly(Some(&side.root), "GET", "sys/internal/ui/mounts", &Value::Null).await;
    let mount = &reached.body["data"]["secret"]["secret/"];
    side.seen.note(json!({"status": reached.status, "type": mount["type"], "options": mount["options"]}));
}

async fn mounting_twice(side: Arc<Side>) {
    let body = json!({"type": "kv", "options": {"version": "2"}});
    assert_eq!(side.ask("POST", "sys/mounts/twice", &body).await.status, 204);
    assert_eq!(side.ask("POST", "sys/mounts/twice", &body).await.status, 400);
    assert_eq!(side.ask("DELETE", "sys/mounts/twice", &Value::Null).await.status, 204);
}

async fn unknown(side: Arc<Side>) {
    assert_eq!(side.read("nowhere/at/all").await.status, 404);
    assert_eq!(side.read("auth/nowhere/role/x").await.status, 404);
    assert_eq!(side.ask("DELETE", "auth/token/lookup-self", &Value::Null).await.status, 405);
    assert_eq!(side.read("secret/x").await.status, 404);
    for method in ["GET", "LIST", "DELETE"] {
        assert_eq!(side.ask(method, "secret/nothing/x", &Value::Null).await.status, 404, "{method}");
    }
    assert_eq!(side.ask("POST", "secret/nothing/x", &json!({"s": "1"})).await.status, 404);
}

async fn unknown_token(side: Arc<Side>) {
    assert_eq!(
        side.ask_as(Some("hvs.unknown"), "GET", "auth/token/lookup-self", &Value::Null).await.status,
        403
    );
    assert_eq!(side.ask_as(None, "GET", "auth/token/lookup-self", &Value::Null).await.status, 403);
    let error = refused(side.try_open(Login::Token(plain("hvs.unknown"))).await);
    assert!(matches!(error.cause, Cause::Unauthenticated(_)), "{error:?}");
    side.note_error(&error);
}

async fn sealing_takes_sudo(side: Arc<Side>) {
    let narrow = side.narrow("path \"sys/seal\" { capabilities = [\"update\"] }").await;
    assert_eq!(side.ask_as(Some(&narrow), "PUT", "sys/seal", &json!({})).await.status, 403);
}

async fn sealed(side: Arc<Side>) {
    let admin = side.admin().await;
    admin.kv_version("secret").await.unwrap();
    side.make("PUT", "sys/seal", &json!({})).await;
    let sealed = Cause::Unavailable("Vault is sealed".into());
    assert_eq!(admin.read("secret", "c/x").await.unwrap_err().cause, sealed);
    assert_eq!(refused(side.try_open(Login::Token(plain(&side.root))).await).cause, sealed);
    assert_eq!(side.read("secret/data/c/x").await.status, 503);
    assert_eq!(
        side.ask("PUT", "auth/approle/login", &json!({"role_id": "x", "secret_id": "y"})).await.status,
        503
    );
    let told = side.quietly(None, "GET", "sys/health", &Value::Null).await;
    assert_eq!(told.status, 503);
    note_health(&side, told.status, told.body);
}
