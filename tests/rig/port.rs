//! Ports for servers that have to be told theirs.

use std::fs::{File, TryLockError};
use std::net::TcpListener;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Below those that the system gives to connections and to listeners without a wish (`ip_local_port_range`, from 32768
/// on): between now and the start of the server nobody is given one of them.
const PORTS: Range<u16> = 12_000..30_000;

/// The ports of this process; each is its own until it ends, for all tests on this machine.
static OWN: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// A port of 127.0.0.1 that is free, and that no other test takes.
pub(crate) fn free_port() -> u16 {
    free_port_on("127.0.0.1").expect("a free port")
}

/// `127.0.0.1` and such a port.
pub(crate) fn free_address() -> String {
    format!("127.0.0.1:{}", free_port())
}

/// Such a port of another host; nothing where this machine is not that.
pub(crate) fn free_port_on(host: &str) -> Option<u16> {
    TcpListener::bind((host, 0)).ok()?;
    let folder = std::env::temp_dir().join("sealstrap-rig-ports");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
    // Vault takes the port behind its own too, for its cluster.
    PORTS.step_by(2).find(|port| {
        let file = File::create(folder.join(port.to_string())).expect("a file");
        match file.try_lock() {
            Ok(()) if TcpListener::bind((host, *port)).is_ok() => own.push(file),
            Ok(()) | Err(TryLockError::WouldBlock) => return false,
            Err(TryLockError::Error(error)) => panic!("{}: {error}", folder.display()),
        }
        true
    })
}
