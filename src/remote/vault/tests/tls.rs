//! Whose certificates are trusted.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::super::{Access, Trust, Vault, validates};
use super::{access, plain, refused, said, token};
use crate::remote::Cause;

/// A server behind TLS that answers every request as a healthy Vault would, and its certificate.
fn behind_tls() -> (SocketAddr, String) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = Arc::new(config.with_single_cert(vec![made.cert.der().clone()], key).unwrap());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let connection = rustls::ServerConnection::new(config).unwrap();
                let mut stream = rustls::StreamOwned::new(connection, stream);
                let mut buffer = [0; 4096];
                if stream.read(&mut buffer).is_ok_and(|read| read > 0) {
                    let body =
                        r#"{"initialized":true,"sealed":false,"version":"1.19.0","data":{"accessor":"a"}}"#;
                    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json";
                    let sent = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                    drop(sent.and_then(|()| stream.flush()));
                }
            });
        }
    });
    (address, made.cert.pem())
}

#[tokio::test]
async fn only_the_named_authority_is_trusted() {
    let (address, pem) = behind_tls();
    let (_, other) = behind_tls();
    let address = format!("https://{address}");
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str, text: Option<&str>| {
        let file: PathBuf = folder.path().join(name);
        if let Some(text) = text {
            std::fs::write(&file, text).unwrap();
        }
        Vault::connect(Access { trust: Trust::File(file), ..access(&address, token("x")) })
    };
    assert_eq!(open("right", Some(&pem)).await.unwrap().version().await.unwrap(), "1.19.0");
    let error = refused(open("other", Some(&other)).await);
    assert!(matches!(error.cause, Cause::Untrusted { .. }), "{}", said(&error));
    for (name, text) in [("missing", None), ("empty", Some("")), ("wrong", Some("-----BEGIN X-----\n"))] {
        let error = refused(open(name, text).await);
        assert!(matches!(error.cause, Cause::Local(_)) && said(&error).contains(name), "{}", said(&error));
    }
    let timeout = Duration::from_secs(20);
    assert_eq!(validates(&address, plain(&pem), timeout).await, Some(Ok(())));
    assert!(validates(&address, plain(&other), timeout).await.unwrap().unwrap_err().contains("not trusted"));
    assert!(validates(&address, plain(""), timeout).await.unwrap().is_err());
    assert_eq!(validates("http://127.0.0.1:1", plain(""), timeout).await, None);
}
