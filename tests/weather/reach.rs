//! Remotes that do not answer: nobody there, nobody who can be trusted, nobody in time.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use sealstrap::sandbox::server::{Fault, Harm, Remote};

use super::support::{Ended, Stage};
use super::{Says, always, assert_repaired, assert_untouched, stage, with, writes};

/// The three remotes, and the variables that name their addresses.
const REMOTES: [(Remote, &str); 3] =
    [(Remote::Kubernetes, "KUBECONFIG"), (Remote::Vault, "VAULT_ADDR"), (Remote::GitHost, "GITHUB_API_URL")];

/// Runs with a remote at another address.
async fn at(stage: &Stage, remote: Remote, variable: &str, address: &str) -> Ended {
    if remote != Remote::Kubernetes {
        return with(stage, &["bootstrap"], &[(variable, address)]).await;
    }
    let kubeconfig =
        std::fs::read_to_string(stage.sandbox.folder().join("kubeconfig")).expect("a kubeconfig");
    let moved = kubeconfig.lines().map(|line| match line.split_once("server:") {
        Some((before, _)) => format!("{before}server: {address}\n"),
        None => format!("{line}\n"),
    });
    let file = stage.folder().join("kubeconfig");
    std::fs::write(&file, moved.collect::<String>()).expect("written");
    with(stage, &["bootstrap"], &[(variable, &file.display().to_string())]).await
}

/// A server behind TLS whose certificate nobody vouches for.
fn behind_tls() -> SocketAddr {
    drop(rustls::crypto::ring::default_provider().install_default());
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config =
        Arc::new(config.with_single_cert(vec![made.cert.der().clone()], key).expect("a configuration"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let mut stream = rustls::StreamOwned::new(connection, stream);
            let mut buffer = [0; 4096];
            if stream.read(&mut buffer).is_ok_and(|read| read > 0) {
                drop(
                    stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"),
                );
            }
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_that_nobody_serves_is_named_with_its_address() {
    let stage = stage().await;
    for (remote, variable) in REMOTES {
        let ended = at(&stage, remote, variable, "http://127.0.0.1:1").await;
        ended.says(&["`http://127.0.0.1:1` cannot be reached: ", "efused", "hint: check "]);
    }
    assert_untouched(&stage);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_is_refused_with_where_to_name_its_authority() {
    let stage = stage().await;
    let address = format!("https://{}", behind_tls());
    for ((remote, variable), way) in
        REMOTES.into_iter().zip(["`certificate-authority`", "`vault.ca`", "`git.ca`"])
    {
        let ended = at(&stage, remote, variable, &address).await;
        ended.says(&[&format!("the certificate of `{address}` is not trusted: "), way, "hint: "]);
    }
    assert_untouched(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_told_from_one_that_is_not_trusted() {
    let stage = stage().await;
    let plain =
        stage.sandbox.environment().into_iter().find(|(name, _)| name == "VAULT_ADDR").expect("an address").1;
    let address = plain.replace("http://", "https://");
    for (remote, variable) in REMOTES {
        let ended = at(&stage, remote, variable, &address).await;
        ended.says(&[&format!("`{address}` cannot be reached: "), "hint: check "]);
    }
    assert_untouched(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_that_stalls_is_left_at_the_deadline_of_a_request() {
    let stage = stage().await;
    for (remote, _) in REMOTES {
        stage.sandbox.ledger().harm(always(remote, "/", Harm::Stall));
        let ended = stage.sealstrap(&["bootstrap"]).await;
        ended.says(&[
            "did not answer within 1 s",
            "hint: check the network, or allow more time with `timeouts.request`",
        ]);
        stage.sandbox.ledger().heal();
    }
    assert_untouched(&stage);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_remotes_that_do_not_answer_are_named_in_one_report() {
    let stage = stage().await;
    for (remote, _) in REMOTES {
        stage.sandbox.ledger().harm(always(remote, "/", Harm::Close));
    }
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "3 problems before the first write",
        "cannot open Vault",
        "in the cluster",
        "`example/homelab`",
    ]);
    assert_eq!(ended.stderr.matches("hint: ").count(), 3, "{}", ended.stderr);
    assert_untouched(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_in_a_write_is_repaired_by_the_next_run() {
    for (fault, action) in writes() {
        let stage = stage().await;
        stage.sandbox.ledger().harm(Fault { harm: Harm::Close, ..fault });
        stage.sealstrap(&["bootstrap"]).await.says(&[action, "cannot be reached: ", "hint: check "]);
        assert_repaired(&stage).await;
    }
}
