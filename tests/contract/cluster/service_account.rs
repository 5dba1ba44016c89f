//! Tokens of service accounts, and what those may do.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealstrap::remote::Cause;
use sealstrap::remote::cluster::Right;
use serde_json::{Value, json};

use super::{JSON, Side, Statement, sentences};

const ACCOUNTS: &str = "/api/v1/namespaces/default/serviceaccounts";

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "A token of a service account is for the audiences that were asked for, or for the API server" => for_audiences,
        "There is no token of a service account that does not exist" => of_nobody,
    ]
}

async fn for_audiences(side: Arc<Side>) {
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "tokens"}});
    side.make("POST", ACCOUNTS, JSON, &account).await;
    for (audiences, wanted) in
        [(vec!["vault".to_owned()], json!(["vault"])), (vec![], json!(["https://kubernetes.default.svc"]))]
    {
        let token = side.admin.account_token("default", "tokens", &audiences).await.unwrap();
        let text = token.expose_text().unwrap();
        let claims = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(
            (&claims["aud"], &claims["sub"]),
            (&wanted, &json!("system:serviceaccount:default:tokens"))
        );
    }
    let right = Right {
        verb: "create".into(),
        group: "authorization.k8s.io".into(),
        resource: "selfsubjectaccessreviews".into(),
        namespace: None,
    };
    assert!(side.admin.account_may("default", "tokens", &right).await.unwrap());
}

async fn of_nobody(side: Arc<Side>) {
    let error = side.admin.account_token("default", "nobody", &[]).await.unwrap_err();
    assert!(matches!(error.cause, Cause::NotFound(_)), "{error:?}");
    side.note_error(&error);
    let wish = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let told = side.ask("POST", &format!("{ACCOUNTS}/nobody/token"), JSON, &wish).await;
    assert_eq!((told.status, &told.body["reason"]), (404, &json!("NotFound")));
}
