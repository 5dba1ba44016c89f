//! A folder with keys, certificates and sealed files, and the binary run in it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use age::secrecy::ExposeSecret;
use rand_core::OsRng;
use sealstrap::seal::{Certificate, Scope, SealedSecret, Secret};
use sealstrap::yaml;
use tempfile::TempDir;

use crate::support::{Ended, binary, ended};

pub(crate) const CERTIFICATE: &str = include_str!("../seal/certificate.pem");
pub(crate) const KEY: &str = include_str!("../seal/certificate.key");
pub(crate) const LARGE_CERTIFICATE: &str = include_str!("../seal/4096.pem");
pub(crate) const LARGE_KEY: &str = include_str!("../seal/4096.key");
/// What is sealed.
pub(crate) const CANARY: &str = "canary-of-a-sealed-file";

pub(crate) struct Scene(TempDir);

impl Scene {
    pub(crate) fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        for (name, text) in [("certificate.pem", CERTIFICATE), ("key.pem", KEY), ("other.pem", LARGE_KEY)] {
            scene.put(name, text);
        }
        scene
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        let file = self.path(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// An identity file of age named `name`, and its recipient.
    pub(crate) fn identity(&self, name: &str) -> String {
        let identity = age::x25519::Identity::generate();
        self.put(name, &format!("# made for a test\n{}\n", identity.to_string().expose_secret()));
        identity.to_public().to_string()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.0.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(self.0.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).output().unwrap())
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        ended(child.wait_with_output().unwrap())
    }
}

/// A SealedSecret that holds the canary under `password`.
pub(crate) fn sealed(scope: Scope, namespace: &str, name: &str) -> String {
    sealed_for(CERTIFICATE, scope, namespace, name)
}

pub(crate) fn sealed_for(pem: &str, scope: Scope, namespace: &str, name: &str) -> String {
    let text = format!(
        "kind: Secret\nmetadata: {{name: {name}, namespace: {namespace}}}\nstringData: {{password: {CANARY}}}\n"
    );
    let secret = Secret::read(yaml::each(Path::new("x"), &text).unwrap().remove(0)).unwrap();
    let recipient = Certificate::from_pem(pem.as_bytes()).unwrap().recipient;
    SealedSecret::seal(&secret, scope, &recipient, &mut OsRng).unwrap().to_yaml()
}

/// A sealing key as the controller keeps it.
pub(crate) fn key_secret(name: &str, certificate: &str, key: &str, label: &str) -> String {
    let indented = |pem: &str| pem.lines().fold(String::new(), |all, line| all + "    " + line + "\n");
    format!(
        "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\n  namespace: kube-system\n  labels:\n    \
         sealedsecrets.bitnami.com/sealed-secrets-key: {label}\ntype: kubernetes.io/tls\nstringData:\n  tls.crt: |\n{}  \
         tls.key: |\n{}",
        indented(certificate),
        indented(key)
    )
}
