//! Auth methods: mounted, configured, and logins that are refused.

use std::sync::Arc;

use sealstrap::remote::Cause;
use sealstrap::remote::vault::Login;
use serde_json::{Value, json};

use super::{Side, Statement, plain, refused, sentences};

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "An auth method is mounted once, and listed with its type" => mounting,
        "Kubernetes auth: configuration comes back, without the reviewer's token" => kubernetes_config,
        "Kubernetes auth: a role comes back with what was written, and needs its bounds" => kubernetes_role,
        "Kubernetes auth: logins with an unknown role, a wrong token or at no mount are refused" => kubernetes_login,
        "AppRole: the right pair opens, a wrong one does not" => approle,
    ]
}

async fn mounting(side: Arc<Side>) {
    let admin = side.admin().await;
    assert_eq!(admin.auth_method("home").await.unwrap(), None);
    admin.enable_auth("home", "kubernetes").await.unwrap();
    assert_eq!(admin.auth_method("home").await.unwrap().as_deref(), Some("kubernetes"));
    let error = admin.enable_auth("home", "kubernetes").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Invalid(_)), "{error:?}");
    side.note_error(&error);
    assert_eq!(side.ask("POST", "sys/auth/home", &json!({"type": "kubernetes"})).await.status, 400);
    assert_eq!(side.ask("POST", "sys/auth/other", &json!({"type": "seal"})).await.status, 400);
    let told = side.quietly(Some(&side.root), "GET", "sys/auth", &Value::Null).await;
    let kinds = |body: &Value| body["home/"]["type"] == "kubernetes" && body["token/"]["type"] == "token";
    assert!(kinds(&told.body["data"]) && kinds(&told.body), "{}", told.body);
}

async fn kubernetes_config(side: Arc<Side>) {
    let admin = side.admin().await;
    assert_eq!(admin.read_raw("auth/home/config").await.unwrap(), None);
    side.read("auth/home/config").await;
    let pem = rcgen::generate_simple_self_signed(["k".to_owned()]).unwrap().cert.pem();
    let config = json!({
        "kubernetes_host": "https://127.0.0.1:1", "kubernetes_ca_cert": pem, "disable_local_ca_jwt": true,
    });
    admin.write_raw("auth/home/config", &config).await.unwrap();
    let mut found = admin.read_raw("auth/home/config").await.unwrap().unwrap();
    assert_eq!(found["kubernetes_ca_cert"].as_str().map(str::trim), Some(pem.trim()));
    assert_eq!(
        (&found["disable_local_ca_jwt"], &found["token_reviewer_jwt_set"]),
        (&json!(true), &json!(false))
    );
    found["kubernetes_ca_cert"] = "…".into();
    side.seen.note(json!({"asked": "auth/home/config", "body": found}));
    assert_eq!(side.ask("POST", "auth/home/config", &json!({})).await.status, 400);
}

async fn kubernetes_role(side: Arc<Side>) {
    let admin = side.admin().await;
    assert_eq!(admin.read_raw("auth/home/role/eso").await.unwrap(), None);
    let role = json!({
        "bound_service_account_names": ["eso"], "bound_service_account_namespaces": ["eso"],
        "token_policies": ["contract"], "token_ttl": 600,
    });
    admin.write_raw("auth/home/role/eso", &role).await.unwrap();
    let found = admin.read_raw("auth/home/role/eso").await.unwrap().unwrap();
    for (field, value) in role.as_object().unwrap() {
        assert_eq!(found[field], *value, "{field}");
    }
    side.read("auth/home/role/eso").await;
    side.make("POST", "auth/home/role/texts", &json!({
        "bound_service_account_names": "a,b", "bound_service_account_namespaces": "*", "policies": "x", "token_ttl": "10m"})).await;
    side.read("auth/home/role/texts").await;
    for body in [json!({}), json!({"bound_service_account_names": "a"})] {
        let told = side.ask("POST", "auth/home/role/bare", &body).await;
        assert_eq!(told.status, 400);
    }
    assert_eq!(side.ask("DELETE", "auth/home/role/texts", &Value::Null).await.status, 204);
    assert_eq!(side.read("auth/home/role/texts").await.status, 404);
}

async fn kubernetes_login(side: Arc<Side>) {
    for (mount, role) in [("home", "unknown"), ("home", "eso"), ("nowhere", "eso")] {
        let login = Login::Kubernetes { mount: mount.into(), role: role.into(), token: plain("no.jwt.here") };
        let error = refused(side.try_open(login).await);
        let hinted = matches!(error.cause, Cause::Unauthenticated(_) | Cause::Unavailable(_));
        assert!(hinted, "{mount} {role}: {error:?}");
    }
    for body in [
        json!({"role": "unknown", "jwt": "no.jwt.here"}),
        json!({"role": "eso"}),
        json!({"jwt": "no.jwt.here"}),
    ] {
        side.ask_as(None, "POST", "auth/home/login", &body).await;
    }
    side.ask_as(None, "POST", "auth/nowhere/login", &json!({"role": "eso", "jwt": "x"})).await;
}

async fn approle(side: Arc<Side>) {
    if let Some(sandbox) = &side.sandbox {
        sandbox.add_approle("approle", "ci", "right", &["contract"]);
    } else {
        side.make("POST", "sys/auth/approle", &json!({"type": "approle"})).await;
        side.make("POST", "auth/approle/role/ci", &json!({"token_policies": ["contract"]})).await;
        side.make("POST", "auth/approle/role/ci/role-id", &json!({"role_id": "ci"})).await;
        side.make("POST", "auth/approle/role/ci/custom-secret-id", &json!({"secret_id": "right"})).await;
    }
    let login = |role: &str, secret: &str| Login::AppRole {
        mount: "approle".into(),
        role_id: plain(role),
        secret_id: plain(secret),
    };
    let vault = side.try_open(login("ci", "right")).await.unwrap();
    assert!(vault.whoami().await.unwrap().policies.contains("contract"));
    for (role, secret) in [("ci", "wrong"), ("other", "right")] {
        let error = refused(side.try_open(login(role, secret)).await);
        assert!(matches!(error.cause, Cause::Unauthenticated(_)), "{error:?}");
        side.note_error(&error);
    }
    for body in [
        json!({"role_id": "ci", "secret_id": "wrong"}),
        json!({"role_id": "other", "secret_id": "right"}),
        json!({"role_id": "ci"}),
        json!({"secret_id": "right"}),
    ] {
        assert!(side.ask_as(None, "POST", "auth/approle/login", &body).await.status >= 400, "{body}");
    }
}
