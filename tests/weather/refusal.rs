//! Remotes that answer, and refuse: each status of each remote is another sentence, with or without a body.

use http::Method;
use sealstrap::sandbox::server::{Fault, Harm, Remote};
use serde_json::{Value, json};

use super::{Says, always, assert_repaired, assert_untouched, stage, writes};

/// What is said of a status, whoever answers with it to everything.
type Row = (u16, [&'static str; 3]);

/// The sentences, for the cluster, Vault and the Git host.
const TABLE: [Row; 7] = [
    (
        401,
        [
            "does not accept the credentials",
            "is no Vault, or a proxy in front of it (401)",
            "401: the token is not valid",
        ],
    ),
    (
        403,
        [
            "refuses it and names no reason (403)",
            "is no Vault, or a proxy in front of it (403)",
            "403: the token lacks",
        ],
    ),
    (
        404,
        [
            "does not know `selfsubjectaccessreviews`",
            "is no Vault, or a proxy in front of it (404)",
            "404: `example/homelab` is not there",
        ],
    ),
    (
        422,
        [
            "does not take an object of this form",
            "is no Vault, or a proxy in front of it (422)",
            "422: GitHub does not take",
        ],
    ),
    (429, ["asks for fewer requests", "rate limit is reached (429)", "429: the rate limit"]),
    (500, ["answers with status 500", "answered 500", "500: "]),
    (503, ["answers with status 503", "answered 503", "503: "]),
];

const REMOTES: [Remote; 3] = [Remote::Kubernetes, Remote::Vault, Remote::GitHost];

/// A body that says nothing we know, and none at all.
fn bodies() -> [Value; 2] {
    [json!({"message": "canary of the server", "errors": ["canary of the server"]}), Value::Null]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_status_is_a_sentence_with_a_way_on_whether_it_has_a_body_or_not() {
    let stage = stage().await;
    for (status, sentences) in TABLE {
        for (remote, sentence) in REMOTES.into_iter().zip(sentences) {
            for body in bodies() {
                stage.sandbox.ledger().harm(always(remote, "/", Harm::Answer(status, body)));
                let ended = stage.sealstrap(&["bootstrap"]).await;
                ended.says(&[sentence, "1 problem before the first write", "hint: "]);
                stage.sandbox.ledger().heal();
            }
        }
    }
    assert_untouched(&stage);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_names_task_and_object_and_is_repaired_by_the_next_run() {
    for (fault, action) in writes() {
        let stage = stage().await;
        for (status, _) in TABLE {
            stage.sandbox.ledger().harm(Fault { harm: Harm::Answer(status, Value::Null), ..fault.clone() });
            let ended = stage.sealstrap(&["bootstrap"]).await;
            // An API server that is not well is asked again, until the deadline of a wait.
            let waited = fault.remote == Remote::Kubernetes && status >= 500;
            let said = if waited { "Namespace `network` did not become accepted within 1 s" } else { action };
            ended.says(&["` failed", said, "hint: "]);
            stage.sandbox.ledger().heal();
        }
        assert_repaired(&stage).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_that_is_unwell_for_a_moment_does_not_end_a_run() {
    let stage = stage().await;
    let fault = always(Remote::Kubernetes, "/namespaces/network", Harm::Answer(503, Value::Null));
    stage.sandbox.ledger().harm(Fault { method: Some(Method::PATCH), times: 2, ..fault });
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
}
