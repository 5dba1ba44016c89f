//! Two Vaults that share integrated storage: one is active, the other a standby.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::port::free_address;
use super::vault::{Vault, certificates};

/// Bytes that the active node's storage takes at most, and its listener: less than a Vault has by itself, so that a test
/// needs no large values.
pub(crate) const ENTRY: usize = 100_000;
/// See [`ENTRY`].
pub(crate) const REQUEST: usize = 200_000;

/// An active node and a standby.
pub(crate) struct Pair {
    /// The standby.
    pub(crate) standby: Vault,
    /// The address at which the standby speaks plain HTTP, for a proxy in front of it.
    pub(crate) plain: String,
    /// The active node.
    pub(crate) active: Vault,
}

impl Pair {
    /// Starts both, and waits until the second is a standby of the first.
    pub(crate) async fn start(dir: &Path) -> Self {
        let (one, two) = (dir.join("active"), dir.join("standby"));
        std::fs::create_dir_all(&one).expect("a folder");
        let ca = certificates(&one);
        let cluster = free_address();
        let limits = format!("  cluster_address = \"{cluster}\"\n  max_request_size = {REQUEST}\n");
        let mut active = Vault::launch(&one, ca, &limits, &storage(&one, "one", &cluster, "")).await;
        active.initialize().await;
        let (standby, plain) = standby(&two, &active).await;
        Self { standby, plain, active }
    }
}

async fn standby(dir: &Path, active: &Vault) -> (Vault, String) {
    let (cluster, plain) = (free_address(), free_address());
    let ca = active.ca.display();
    let join = format!(
        "  retry_join {{\n    leader_api_addr = \"{}\"\n    leader_ca_cert_file = \"{ca}\"\n  }}\n",
        active.address
    );
    let other = format!(
        "listener \"tcp\" {{\n  address = \"{plain}\"\n  tls_disable = true\n  cluster_address = \"{}\"\n}}\n",
        free_address()
    );
    let rest = format!("{}{other}", storage(dir, "two", &cluster, &join));
    let listener = format!("  cluster_address = \"{cluster}\"\n");
    let mut standby = Vault::launch(dir, active.ca.clone(), &listener, &rest).await;
    (standby.token, standby.unseal_key) = (active.token.clone(), active.unseal_key.clone());
    let http = super::http();
    let (health, unseal) = (
        format!("{}/v1/sys/health?standbyok=true", standby.address),
        format!("{}/v1/sys/unseal", standby.address),
    );
    let key = json!({"key": standby.unseal_key});
    let ready = async || {
        // Until it has joined there is nothing to unseal.
        let asked = http.put(&unseal).json(&key).send().await;
        let told = http.get(&health).send().await;
        asked.is_ok() && told.is_ok_and(|told| told.status().is_success())
    };
    standby.process.wait_until(ready).await;
    (standby, plain)
}

fn storage(dir: &Path, node: &str, cluster: &str, join: &str) -> String {
    let data: PathBuf = dir.join("data");
    std::fs::create_dir_all(&data).expect("a folder");
    format!(
        "storage \"raft\" {{\n  path = \"{}\"\n  node_id = \"{node}\"\n  performance_multiplier = 1\n  \
         max_entry_size = \"{ENTRY}\"\n{join}}}\ncluster_addr = \"https://{cluster}\"\n",
        data.display()
    )
}
