//! `external migrate` of files of SOPS, with the real sops: values go to Vault or are sealed, and lie in clear nowhere.

use std::process::{Command, Stdio};

use rand_core::OsRng;
use ssh_key::{Algorithm, LineEnding, PrivateKey};

use super::support::{Ended, Stage, ended};
use super::{put, read, rig};

const SECRET: &str = "# the database\napiVersion: v1\nkind: Secret\nmetadata:\n    name: db # its name\n    namespace: shop\nstringData:\n    # of the app\n    password: tr0ub4dor-Kx9v\n    port: \"1234\"\n";

/// A stage with a key for SOPS.
struct Scene {
    stage: Stage,
    public: String,
}

impl Scene {
    async fn start() -> Self {
        let stage = Stage::start().await;
        let key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).unwrap();
        put(&stage, "../sops.key", &key.to_openssh(LineEnding::LF).unwrap());
        Self { public: key.public_key().to_openssh().unwrap(), stage }
    }

    /// Encrypts a file where it stands.
    fn encrypt(&self, name: &str, text: &str, regex: &str) {
        let file = put(&self.stage, name, text);
        let mut sops = Command::new(rig::bin("sops"));
        sops.args(["--encrypt", "--in-place", "--encrypted-regex", regex, "--age", &self.public]).arg(file);
        assert!(sops.stdin(Stdio::null()).status().unwrap().success());
        assert!(!read(&self.stage, name).contains("tr0ub4dor"));
    }

    async fn run(&self, words: &[&str], with_key: bool) -> Ended {
        let mut command = self.stage.command(words);
        let folder = rig::bin("sops").parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(folder).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(paths).unwrap());
        if with_key {
            command.env("SOPS_AGE_SSH_PRIVATE_KEY_FILE", self.stage.folder().join("../sops.key"));
        }
        let ended = ended(command.output().await.unwrap());
        assert!(!ended.all().contains("tr0ub4dor"), "{}", ended.all());
        ended
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_secret_of_sops_goes_to_vault_or_is_sealed() {
    let scene = Scene::start().await;
    let stage = &scene.stage;
    put(stage, "home.pem", include_str!("../sealing/certificates/home.pem"));
    for (name, regex) in [("one.yaml", "^(data|stringData)$"), ("all.yaml", ".*")] {
        scene.encrypt(name, SECRET, regex);
        let encrypted = read(stage, name);
        let told = scene.run(&["external", "migrate", name], false).await.with_code(2);
        assert!(told.stderr.contains(&format!("`sops` does not open {name}")), "{}", told.stderr);
        assert_eq!((read(stage, name), stage.writes_since()), (encrypted.clone(), 0));
        scene.run(&["external", "migrate", name], true).await.with_code(0);
        let held = stage.sandbox.vault.kv("secret", "k8s/db").unwrap();
        assert_eq!((held["password"].as_str(), held["port"].as_str()), ("tr0ub4dor-Kx9v", "1234"));
        let made = read(stage, name);
        assert!(made.contains("kind: ExternalSecret"), "{made}");
        assert!(!made.contains("of the app"), "a comment that was encrypted is not left in clear: {made}");
        assert!(!made.contains("sops") && !made.contains("tr0ub4dor"), "{made}");
        put(stage, name, &encrypted);
        stage.writes_since();
        scene
            .run(&["external", "migrate", name, "--to", "sealed", "--cert", "home.pem"], true)
            .await
            .with_code(0);
        let made = read(stage, name);
        assert!(made.contains("kind: SealedSecret") && !made.contains("tr0ub4dor"), "{made}");
        assert_eq!(stage.writes_since(), 0, "nothing goes to Vault");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn secrets_in_a_list_are_opened_too() {
    let scene = Scene::start().await;
    let indented = format!("      {}\n", SECRET.trim_end().replace('\n', "\n      "));
    let list = format!("apiVersion: v1\nkind: List\nitems:\n    -\n{indented}");
    for regex in ["^(data|stringData)$", ".*"] {
        scene.encrypt("list.yaml", &list, regex);
        scene.run(&["external", "migrate", "list.yaml"], true).await.with_code(0);
        let held = scene.stage.sandbox.vault.kv("secret", "k8s/db").unwrap();
        assert_eq!(held["password"].as_str(), "tr0ub4dor-Kx9v");
        let made = read(&scene.stage, "list.yaml");
        assert!(made.contains("kind: ExternalSecret") && !made.contains("ENC["), "{made}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_value_that_sops_cannot_read_is_not_told() {
    let scene = Scene::start().await;
    scene.encrypt("one.yaml", SECRET, "^(data|stringData)$");
    let lines = read(&scene.stage, "one.yaml");
    let broken: String = lines
        .lines()
        .map(|line| match line.split_once("password: ") {
            Some((indent, _)) => format!("{indent}password: tr0ub4dor-Kx9v\n"),
            None => format!("{line}\n"),
        })
        .collect();
    put(&scene.stage, "one.yaml", &broken);
    // That the value is told nowhere is looked at each time.
    let told = scene.run(&["external", "migrate", "one.yaml"], true).await.with_code(2);
    assert!(
        told.stderr.contains("`sops` does not open one.yaml: a value does not decrypt"),
        "{}",
        told.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn what_would_be_left_in_clear_is_refused_and_what_is_no_secret_stays() {
    let scene = Scene::start().await;
    let map =
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n    name: db\ndata:\n    password: tr0ub4dor-Kx9v\n";
    scene.encrypt("both.yaml", &format!("{SECRET}---\n{map}"), "^(data|stringData)$");
    let told = scene.run(&["external", "migrate", "both.yaml"], true).await.with_code(2);
    assert!(told.stderr.contains("both.yaml holds ConfigMap beside Secrets"), "{}", told.stderr);
    scene.encrypt("map.yaml", map, "^data$");
    let encrypted = read(&scene.stage, "map.yaml");
    scene.run(&["external", "migrate", "map.yaml"], true).await;
    assert_eq!(read(&scene.stage, "map.yaml"), encrypted);
}
