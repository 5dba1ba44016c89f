//! Logins, the tokens that they give, and what those may do.

use super::*;

#[tokio::test]
async fn a_token_that_is_unknown_empty_or_ends_in_a_line_feed_is_refused_at_the_door() {
    let stage = Stage::new().await;
    let error = refused(stage.open(token("unknown")).await);
    assert!(matches!(error.cause, Cause::Unauthenticated(_)), "{}", said(&error));
    for text in ["", "a\n", "a\u{7f}b"] {
        let error = refused(stage.open(token(text)).await);
        assert!(matches!(error.cause, Cause::Local(_)), "{}", said(&error));
    }
}

#[tokio::test]
async fn approle_and_kubernetes_log_in_and_wrong_credentials_do_not() {
    let stage = Stage::new().await;
    let admin = stage.admin().await;
    stage.sandbox.add_approle("approle", "role", "secret", &["narrow"]);
    let approle = |secret: &str| Login::AppRole {
        mount: "approle".into(),
        role_id: plain("role"),
        secret_id: plain(secret),
    };
    let vault = stage.open(approle("secret")).await.unwrap();
    assert!(vault.whoami().await.unwrap().policies.contains("narrow"));
    let error = refused(stage.open(approle(CANARY)).await);
    assert!(matches!(error.cause, Cause::Unauthenticated(_)) && !said(&error).contains(CANARY));

    admin.enable_auth("home", "kubernetes").await.unwrap();
    assert_eq!(admin.auth_method("home").await.unwrap().as_deref(), Some("kubernetes"));
    assert_eq!(admin.read_raw("auth/home/config").await.unwrap(), None);
    let config = json!({"kubernetes_host": "https://k:6443", "disable_local_ca_jwt": true});
    admin.write_raw("auth/home/config", &config).await.unwrap();
    let role = json!({
        "bound_service_account_names": ["eso"], "bound_service_account_namespaces": ["eso"],
        "token_policies": ["narrow"], "token_ttl": 600,
    });
    admin.write_raw("auth/home/role/eso", &role).await.unwrap();
    stage.sandbox.trust_jwt("home", "jwt", "eso", "eso");
    let login = |jwt: &str| Login::Kubernetes { mount: "home".into(), role: "eso".into(), token: plain(jwt) };
    let vault = stage.open(login("jwt")).await.unwrap();
    assert!(vault.whoami().await.unwrap().ttl.unwrap() <= Duration::from_secs(600));
    let error = refused(stage.open(login(CANARY)).await);
    assert!(matches!(error.cause, Cause::Unauthenticated(_)) && !said(&error).contains(CANARY));
}

#[tokio::test]
async fn a_token_of_ours_is_made_looked_up_renewed_and_its_strays_revoked() {
    let stage = Stage::new().await;
    stage.sandbox.set_policy("external-secrets", r#"path "secret/data/*" { capabilities = ["read"] }"#);
    let vault = stage.admin().await;
    let marks = BTreeMap::from([("managed-by".to_owned(), "sealstrap".to_owned())]);
    let wish = TokenWish {
        display_name: "sealstrap".into(),
        policies: vec!["external-secrets".into()],
        period: Duration::from_secs(3600),
        meta: marks.clone(),
    };
    let made = vault.create_token(&wish).await.unwrap();
    let text = super::super::token::text(&made).unwrap();
    let info = vault.look_up(plain(&text)).await.unwrap().unwrap();
    assert!(info.orphan && info.renewable && info.policies.contains("external-secrets"));
    assert_eq!(info.period, Some(Duration::from_secs(3600)));
    stage.sandbox.advance(Duration::from_secs(3000));
    assert!(vault.look_up(plain(&text)).await.unwrap().unwrap().ttl.unwrap() <= Duration::from_secs(600));
    vault.renew(plain(&text)).await.unwrap();
    assert!(vault.look_up(plain(&text)).await.unwrap().unwrap().ttl.unwrap() > Duration::from_secs(3500));
    vault.create_token(&wish).await.unwrap();
    let keep = BTreeSet::from([info.accessor.clone()]);
    assert_eq!(vault.revoke_marked(&marks, &keep).await.unwrap(), 1);
    assert_eq!(stage.sandbox.tokens_with_meta("managed-by", "sealstrap"), 1);
    stage.sandbox.advance(Duration::from_secs(3601));
    assert_eq!(vault.look_up(plain(&text)).await.unwrap(), None);
    assert_eq!(vault.look_up(plain("a\nb")).await.unwrap(), None);
}

#[tokio::test]
async fn rights_on_tokens_are_asked_for_by_name() {
    let stage = Stage::new().await;
    let vault = stage.with_policy(r#"path "auth/token/create-orphan" { capabilities = ["update"] }"#).await;
    let wish = TokenWish {
        display_name: "x".into(),
        policies: vec!["narrow".into()],
        period: Duration::from_secs(60),
        meta: BTreeMap::new(),
    };
    let error = vault.create_token(&wish).await.unwrap_err();
    assert!(error.hint.unwrap().contains("`sudo` on `auth/token/create-orphan`"));
    let error = vault.revoke_marked(&BTreeMap::new(), &BTreeSet::new()).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Forbidden(_)));
    let wanted = |one: &str| BTreeSet::from([one.to_owned()]);
    let asked = BTreeMap::from([
        ("auth/token/create-orphan".to_owned(), BTreeSet::from(["update".to_owned(), "sudo".to_owned()])),
        ("auth/token/lookup-self".to_owned(), wanted("read")),
    ]);
    let missing = vault.missing_capabilities(&asked).await.unwrap();
    assert_eq!(missing, BTreeMap::from([("auth/token/create-orphan".to_owned(), wanted("sudo"))]));
    assert!(stage.admin().await.missing_capabilities(&asked).await.unwrap().is_empty());
}

#[tokio::test]
async fn logging_out_revokes_what_logging_in_made_and_nothing_else() {
    let stage = Stage::new().await;
    stage.sandbox.add_approle("approle", "role", "secret", &[]);
    let before = stage.sandbox.tokens();
    let login =
        Login::AppRole { mount: "approle".into(), role_id: plain("role"), secret_id: plain("secret") };
    let vault = stage.open(login).await.unwrap();
    assert_eq!(stage.sandbox.tokens(), before + 1);
    vault.log_out().await.unwrap();
    assert_eq!(stage.sandbox.tokens(), before);
    stage.admin().await.log_out().await.unwrap();
    assert_eq!(stage.sandbox.tokens(), before);
}
