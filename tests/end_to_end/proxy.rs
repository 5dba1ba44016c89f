//! A wire between sealstrap and a server that can be cut in the ways that networks and gateways have.

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It arrives.
    Through,
    /// Connections are taken, and nothing is ever answered.
    Silent,
    /// Each HTTP request is answered as a gateway does whose server is away.
    BadGateway,
}

/// A listening port in front of a server.
pub(crate) struct Proxy {
    /// `host:port` of the wire's end.
    pub(crate) address: String,
    mode: watch::Sender<Mode>,
}

impl Proxy {
    /// Listens in front of `server`, a `host:port`.
    pub(crate) async fn start(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (mode, modes) = watch::channel(Mode::Through);
        let server = server.to_owned();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), modes.clone()));
            }
        });
        Self { address, mode }
    }

    /// Changes what happens; connections that stand are cut.
    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

/// Serves one connection until it ends or the mode changes.
async fn carry(client: TcpStream, server: String, mut modes: watch::Receiver<Mode>) {
    let mode = *modes.borrow_and_update();
    tokio::select! {
        () = serve(client, &server, mode) => {}
        _ = modes.changed() => {}
    }
}

async fn serve(mut client: TcpStream, server: &str, mode: Mode) {
    let mut head = vec![0; 65536];
    match mode {
        Mode::Through => {
            let Ok(mut there) = TcpStream::connect(server).await else { return };
            drop(copy_bidirectional(&mut client, &mut there).await);
        }
        Mode::Silent => while client.read(&mut head).await.is_ok_and(|read| read > 0) {},
        Mode::BadGateway => {
            drop(client.read(&mut head).await);
            let answer = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            drop(client.write_all(answer.as_bytes()).await);
        }
    }
}
