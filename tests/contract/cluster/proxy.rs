//! Services behind the proxy of the API server.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{JSON, Side, Statement, sentences};

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "A service that is not there and one with nobody behind it are told apart through the proxy"
            => told_apart,
        "Our client names what it asks through the proxy, and takes a refusal as an answer" => through_our_client,
    ]
}

const CORE: &str = "/api/v1/namespaces/default";

/// A service that selects nothing, with Endpoints that are empty.
async fn nobody(side: &Side, name: &str) {
    let meta = json!({"name": name, "namespace": "default"});
    let ports = json!([{"name": "http", "port": 8080}]);
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": ports}});
    side.make("POST", &format!("{CORE}/services"), JSON, &service).await;
    let endpoints = json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": meta});
    side.make("POST", &format!("{CORE}/endpoints"), JSON, &endpoints).await;
}

async fn gone(side: &Side, name: &str) {
    side.make("DELETE", &format!("{CORE}/services/{name}"), JSON, &Value::Null).await;
    // The server may have deleted them with their service.
    side.quietly("admintoken", "DELETE", &format!("{CORE}/endpoints/{name}"), JSON, &Value::Null).await;
}

async fn told_apart(side: Arc<Side>) {
    nobody(&side, "seal-nobody").await;
    for (target, status) in
        [("http:seal-absent:http", 404), ("http:seal-nobody:http", 503), ("http:seal-nobody:other", 503)]
    {
        let told = side.read(&format!("{CORE}/services/{target}/proxy/v1/cert.pem")).await;
        assert_eq!(told.status, status, "{target}: {}", told.body);
    }
    gone(&side, "seal-nobody").await;
}

async fn through_our_client(side: Arc<Side>) {
    let absent = side.admin.service("default", "seal-absent").await.unwrap_err();
    side.note_error(&absent);
    nobody(&side, "seal-client").await;
    let service = side.admin.service("default", "seal-client").await.unwrap();
    assert_eq!(service.port, "http");
    let answer = side.admin.sealing_certificate(&service).await.unwrap();
    assert_eq!(answer.status, 503);
    gone(&side, "seal-client").await;
}
