//! A proxy between sealstrap and a Vault, by which a test has a hand in what passes. It speaks TLS, for redirects go from
//! TLS to TLS only.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::rig::vault::certificates;

/// What is done with a request.
pub(super) enum Deed {
    /// It is passed on.
    Pass,
    /// It is passed on with this line among its headers.
    With(&'static str),
    /// The connection is cut before Vault hears of it.
    Cut,
    /// Vault answers, and the answer is lost.
    Lose,
}

/// A listening port in front of a Vault.
pub(super) struct Between {
    /// Its address.
    pub(super) address: String,
    /// The authority of its certificate.
    pub(super) ca: PathBuf,
}

impl Between {
    /// Listens in front of `vault`, a `host:port` that speaks plain HTTP. `hand` is told the method and the path of each
    /// request.
    pub(super) fn start(
        dir: &Path,
        vault: &str,
        hand: impl Fn(&str, &str) -> Deed + Send + Sync + 'static,
    ) -> Self {
        std::fs::create_dir_all(dir).unwrap();
        let ca = certificates(dir);
        let config = Arc::new(config(dir));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap());
        let (hand, vault) = (Arc::new(hand), vault.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (config, hand, vault) = (Arc::clone(&config), Arc::clone(&hand), vault.clone());
                std::thread::spawn(move || {
                    let client = StreamOwned::new(ServerConnection::new(config).unwrap(), client);
                    // Whoever hangs up ends the connection.
                    drop(carry(client, &vault, &*hand));
                });
            }
        });
        Self { address, ca }
    }
}

fn config(dir: &Path) -> ServerConfig {
    let certificate = CertificateDer::from_pem_file(dir.join("vault.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_file(dir.join("vault.key")).unwrap();
    ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()
}

/// One request on one connection.
fn carry(
    mut client: StreamOwned<ServerConnection, TcpStream>,
    vault: &str,
    hand: &dyn Fn(&str, &str) -> Deed,
) -> std::io::Result<()> {
    let (head, body) = request(&mut client)?;
    let mut words = head.split(' ');
    let deed = hand(words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let line = match deed {
        Deed::Cut => return Ok(()),
        Deed::With(line) => format!("{line}\r\n"),
        Deed::Pass | Deed::Lose => String::new(),
    };
    let mut server = TcpStream::connect(vault)?;
    server.write_all(format!("{head}\r\nconnection: close\r\n{line}\r\n").as_bytes())?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    let read = server.read_to_end(&mut answer);
    // A server that redirects leaves the body unread, and its end may come as a reset.
    if answer.is_empty() {
        read?;
    }
    if matches!(deed, Deed::Lose) {
        return Ok(());
    }
    client.write_all(&answer)?;
    client.conn.send_close_notify();
    client.flush()
}

/// The head without its empty line, and the body.
fn request(client: &mut impl Read) -> std::io::Result<(String, Vec<u8>)> {
    let (mut read, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        let ends = read.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = ends {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if read.len() - end - 4 >= length.unwrap_or_default() {
                return Ok((head, read[end + 4..].to_vec()));
            }
        }
        let more = client.read(&mut buffer)?;
        if more == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        read.extend_from_slice(&buffer[..more]);
    }
}
