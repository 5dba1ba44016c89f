//! A repository with a pinned certificate, in which the binary runs.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rand_core::OsRng;
use sealstrap::plain::Plain;
use sealstrap::seal::{PrivateKeys, SealedSecret, Secret};
use sealstrap::yaml;
use tempfile::TempDir;

/// The certificate of the cluster, and its key.
pub(crate) const HOME: &str = include_str!("certificates/home.pem");
pub(crate) const HOME_KEY: &str = include_str!("../seal/certificate.key");
/// Another cluster's, from a day later.
pub(crate) const CLOUD: &str = include_str!("certificates/cloud.pem");
pub(crate) const CLOUD_KEY: &str = include_str!("../seal/3072.key");

pub(crate) const SETTINGS: &str = "\
cluster: {name: home}
sealing:
  warnAfter: 8760000h
  clusters: {cloud: {certificate: keys/cloud.pem}}
";

pub(crate) const DB: &str = "\
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop}
stringData: {user: admin, password: s3cret}
";

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "it does not say {word:?}:\n{}", self.stderr);
        }
        self
    }
}

pub(crate) struct Scene(pub(crate) TempDir);

impl Scene {
    pub(crate) fn set() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        scene.put("sealstrap.yaml", SETTINGS);
        scene.put("keys/sealing.pem", HOME);
        scene.put("keys/cloud.pem", CLOUD);
        scene.put("../home.key", "");
        scene.put("home.key", HOME_KEY);
        scene.put("cloud.key", CLOUD_KEY);
        scene
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        if name.starts_with("..") {
            return;
        }
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The binary, in an environment that holds nothing but what is said here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealstrap"));
        self.dress(&mut command).args(arguments);
        command
    }

    pub(crate) fn dress<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env_clear()
            .env("HOME", self.path(".home"))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DB_PASSWORD", "from the environment")
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(&self.command(arguments).output().unwrap())
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ended {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        drop(child.stdin.take().unwrap().write_all(input));
        ended(&child.wait_with_output().unwrap())
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        let output = self.dress(&mut command).args(who).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

pub(crate) fn ended(output: &std::process::Output) -> Ended {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

fn keys() -> PrivateKeys {
    let mut keys = PrivateKeys::new();
    for key in [HOME_KEY, CLOUD_KEY, include_str!("../seal/4096.key")] {
        keys.add("key".as_ref(), &Plain::from(key.to_owned())).unwrap();
    }
    keys
}

/// The Secrets that the SealedSecrets of a text hold.
pub(crate) fn opened(text: &str) -> Vec<Secret> {
    let documents = yaml::each("sealed".as_ref(), text).unwrap();
    let items = documents.into_iter().flat_map(yaml::Document::taken_apart);
    let sealed = items.filter(|item| item.value["kind"] == "SealedSecret");
    sealed.map(|item| SealedSecret::read(item).unwrap().unseal(&keys(), &mut OsRng).unwrap()).collect()
}

/// The items of the only SealedSecret of a text.
#[track_caller]
pub(crate) fn assert_holds(text: &str, items: &[(&str, &str)]) {
    let secrets = opened(text);
    assert_eq!(secrets.len(), 1, "{text}");
    assert_eq!(secrets[0].items.len(), items.len());
    for (key, value) in items {
        let held = &secrets[0].items[*key];
        assert!(held.same_as(&Plain::from((*value).to_owned())), "`{key}` does not hold {value:?}");
    }
}
