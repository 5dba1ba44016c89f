//! An API server with a controller behind it, in a few lines that do as the real ones do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand_core::OsRng;
use sealstrap::seal::{Certificate, SealedSecret};
use serde_json::json;

use crate::scene::{Scene, opened};

const SERVICE: &str = "/api/v1/namespaces/kube-system/services/sealed-secrets-controller";
const PROXY: &str = "/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/proxy";

/// Serves a certificate until the process ends, and puts the first `busy` requests for sealing off. Gives the count of
/// requests for sealing.
pub(crate) fn serve(scene: &Scene, certificate: &'static str, busy: usize) -> Arc<AtomicUsize> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let count = Arc::clone(&count);
            std::thread::spawn(move || converse(&stream, certificate, busy, &count));
        }
    });
    scene.put(
        ".home/.kube/config",
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{server: 'http://{address}'}}}}]\n\
             users: [{{name: u, user: {{}}}}]\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n"
        ),
    );
    asked
}

fn converse(mut stream: &TcpStream, certificate: &str, busy: usize, count: &AtomicUsize) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        match reader.read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) if line.trim().is_empty() => break,
            Ok(_) => head.push(line.trim().to_lowercase()),
        }
    }
    let length = head.iter().find_map(|header| header.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let path = head[0].split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, text) = match path.strip_prefix(PROXY) {
        Some("/v1/cert.pem") => (200, certificate.to_owned()),
        Some("/v1/rotate") if count.fetch_add(1, Ordering::SeqCst) < busy => (429, String::new()),
        Some("/v1/rotate") => rotated(&String::from_utf8(body).unwrap(), certificate),
        _ if path == SERVICE => (200, json!({"spec": {"ports": [{"name": "http"}]}}).to_string()),
        _ => (404, json!({"kind": "Status", "reason": "NotFound", "code": 404}).to_string()),
    };
    let head = format!(
        "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nRetry-After: 0\r\nConnection: close\r\n\r\n",
        text.len()
    );
    drop(stream.write_all(format!("{head}{text}").as_bytes()));
}

/// As the real one: labels and annotations of the template are lost.
fn rotated(body: &str, certificate: &str) -> (u16, String) {
    let recipient = Certificate::from_pem(certificate.as_bytes()).unwrap().recipient;
    let unsealed = std::panic::catch_unwind(|| opened(body).remove(0));
    let Ok(mut secret) = unsealed else { return (500, String::new()) };
    secret.labels.clear();
    (200, SealedSecret::seal(&secret, secret.scope(), &recipient, &mut OsRng).unwrap().to_json())
}
