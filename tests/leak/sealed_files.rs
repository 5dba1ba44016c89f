//! verify, unseal, keys backup and keys restore, in good and in bad weather.

use age::secrecy::ExposeSecret;
use sealstrap::plain::Plain;
use sealstrap::sandbox::server::{Fault, Harm, Remote};
use sealstrap::seal::{Certificate, Scope, SealedSecret, Secret, backup};
use sealstrap::yaml;

use super::support::{Ended, Stage, ended};
use super::{CANARY, every, forms};

const CERTIFICATE: &str = include_str!("../seal/certificate.pem");
const KEY: &str = include_str!("../seal/certificate.key");

/// A stage whose folder holds a sealed canary, the key that opens it, and a backup of that key.
struct Files {
    stage: Stage,
    recipient: String,
    /// What must not be seen.
    secrets: Vec<String>,
}

impl Files {
    async fn start() -> Self {
        let stage = Stage::start().await;
        let identity = age::x25519::Identity::generate();
        let (recipient, secret) =
            (identity.to_public().to_string(), identity.to_string().expose_secret().to_owned());
        let files = Self { stage, recipient, secrets: vec![CANARY.into(), KEY.into(), secret.clone()] };
        let keys = key_secret();
        let lock = backup::Lock::Holders(backup::holders(&files.recipient).expect("a recipient"));
        let locked = backup::encrypt(&Plain::from(keys.clone()), &lock).expect("encrypted");
        let last = format!(
            "kubectl.kubernetes.io/last-applied-configuration: '{{\"kind\":\"Secret\",\"data\":{{\"k\":\"{CANARY}\"}}}}'"
        );
        for (name, text) in [
            ("me.txt", secret),
            ("keys.yaml", keys),
            ("keys.age", locked.clone()),
            ("cut.age", locked[..locked.len() / 2].to_owned()),
            ("broken.pem", KEY.replace("MII", "NII")),
            ("good.yaml", sealed()),
            ("moved.yaml", sealed().replace("namespace: b", "namespace: c")),
            (
                "last.yaml",
                sealed()
                    .replace("metadata:\n  name", &format!("metadata:\n  annotations: {{{last}}}\n  name")),
            ),
            ("plain.yaml", format!("{}  stringData: {{k: {CANARY}}}\n", sealed())),
            ("data.yaml", format!("{}    stringData: {{password: {CANARY}}}\n", sealed())),
            ("number.yaml", sealed().replace("    k: ", &format!("    l: [{CANARY}]\n    k: "))),
            ("cut.yaml", format!("{}    bad: \"{CANARY}", sealed())),
        ] {
            std::fs::write(files.stage.folder().join(name), text).expect("written");
        }
        files
    }

    async fn run(&self, arguments: &[&str]) -> Ended {
        let ended = ended(self.stage.command(arguments).output().await.expect("the binary runs"));
        let text = ended.all();
        assert!(!text.contains("panicked"), "{text}");
        for form in self.secrets.iter().flat_map(|secret| forms(secret)) {
            assert!(!text.contains(&form), "`{}` shows {form}:\n{text}", arguments.join(" "));
        }
        ended
    }

    fn assert_file_is_clean(&self, name: &str) {
        let text = std::fs::read_to_string(self.stage.folder().join(name)).expect("it was written");
        for form in self.secrets.iter().flat_map(|secret| forms(secret)) {
            assert!(!text.contains(&form), "{name} holds {form}");
        }
    }
}

/// The sealing key as the controller keeps it.
fn key_secret() -> String {
    let indented = |pem: &str| pem.lines().fold(String::new(), |all, line| all + "    " + line + "\n");
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: key\n  namespace: kube-system\n  labels: \
         {{sealedsecrets.bitnami.com/sealed-secrets-key: active}}\ntype: kubernetes.io/tls\nstringData:\n  tls.crt: |\n{}  \
         tls.key: |\n{}",
        indented(CERTIFICATE),
        indented(KEY)
    )
}

fn sealed() -> String {
    let text = format!("kind: Secret\nmetadata: {{name: a, namespace: b}}\nstringData: {{k: {CANARY}}}\n");
    let secret = Secret::read(yaml::each("x".as_ref(), &text).expect("YAML").remove(0)).expect("a Secret");
    let recipient = Certificate::from_pem(CERTIFICATE.as_bytes()).expect("a certificate").recipient;
    SealedSecret::seal(&secret, Scope::Strict, &recipient, &mut rand_core::OsRng).expect("sealed").to_yaml()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_of_sealed_files_and_keys() {
    let files = Files::start().await;
    let recipient = files.recipient.clone();
    let open = ["--private-key", "keys.age", "--identity", "me.txt"];
    let all = ["good.yaml", "moved.yaml", "last.yaml", "plain.yaml", "data.yaml", "number.yaml", "cut.yaml"];
    for file in all {
        let code = i32::from(file != "good.yaml");
        for json in [&["-vvv"][..], &["--json", "-vvv"]] {
            files.run(&[&["verify", file][..], &open, json].concat()).await.with_code(code);
            files.run(&[&["verify", file][..], json].concat()).await;
        }
        if code == 1 {
            files.run(&[&["unseal", file, "--out", "no.yaml"][..], &open, &["-vvv"]].concat()).await;
        }
    }
    for keys in ["broken.pem", "cut.age", "keys.age", "me.txt"] {
        files.run(&["verify", "good.yaml", "--private-key", keys, "-vvv"]).await.with_code(2);
    }
    files
        .run(&["verify", "good.yaml", "--private-key", "keys.age", "--identity", "keys.yaml"])
        .await
        .with_code(2);
    files
        .run(&[&["unseal", "good.yaml", "--out", "out.yaml", "-vvv"][..], &open].concat())
        .await
        .with_code(0);
    let opened = std::fs::read_to_string(files.stage.folder().join("out.yaml")).expect("written");
    assert!(opened.contains(&forms(CANARY)[1]), "the test would see a leak: the canary did go through");

    let restore = ["keys", "restore", "keys.age", "--identity", "me.txt", "-vvv"];
    files.run(&restore).await.with_code(0);
    files.run(&[&restore[..], &["--json"]].concat()).await.with_code(0);
    files.run(&["keys", "backup", "--out", "new.age", "--recipient", &recipient, "-vvv"]).await.with_code(0);
    files.run(&["verify", "good.yaml", "--from-cluster", "--json", "-vvv"]).await.with_code(0);
    for name in ["new.age", "new.age.certs.pem"] {
        files.assert_file_is_clean(name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_when_the_cluster_repeats_what_it_was_sent() {
    for status in [400, 401, 403, 404, 409, 422, 429, 500, 503] {
        let files = Files::start().await;
        let only_writes =
            Fault { method: Some(http::Method::PATCH), ..every(Remote::Kubernetes, Harm::Echo(status)) };
        files.stage.sandbox.ledger().harm(only_writes);
        files.run(&["keys", "restore", "keys.age", "--identity", "me.txt", "-vvv"]).await.with_code(2);
        files.stage.sandbox.ledger().harm(every(Remote::Kubernetes, Harm::Echo(status)));
        files
            .run(&["keys", "backup", "--out", "no.age", "--recipient", &files.recipient, "-vvv"])
            .await
            .with_code(2);
        files.run(&["verify", "good.yaml", "--from-cluster", "-vvv"]).await.with_code(2);
        files.run(&["verify", "good.yaml", "--online", "-vvv"]).await.with_code(2);
    }
}
