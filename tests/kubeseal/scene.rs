//! A folder with certificates, keys and manifests, in which a kubeseal runs.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use rand_core::OsRng;
use sealstrap::seal::{Certificate, Scope, SealedSecret, Secret};
use sealstrap::yaml;
use tempfile::TempDir;

use crate::rows::{Row, SECRET};

/// Files that lie there, as they are in `tests/seal/`.
const FILES: [(&str, &str); 7] = [
    ("certificate.pem", include_str!("../seal/certificate.pem")),
    ("certificate.key", include_str!("../seal/certificate.key")),
    ("public.pem", include_str!("../seal/public.pem")),
    ("ec.pem", include_str!("../seal/ec.pem")),
    ("expired.pem", include_str!("../seal/expired.pem")),
    ("early.pem", include_str!("../seal/early.pem")),
    ("other.key", include_str!("../seal/3072.key")),
];

const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
current-context: here
clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
users: [{name: u, user: {}}]
contexts:
- {name: here, context: {cluster: c, user: u, namespace: ctxns}}
- {name: bare, context: {cluster: c, user: u}}
";

pub(crate) struct Scene(TempDir);

pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Scene {
    pub(crate) fn set(row: &Row) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        for (name, text) in FILES {
            put(name, text);
        }
        put("kubeconfig", KUBECONFIG);
        put("secret.yaml", SECRET);
        put("value", "a value\n");
        let of = |key: &str| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key);
        let secret = |key: &str| {
            format!("{{apiVersion: v1, kind: Secret, metadata: {{name: k}}, data: {{tls.key: {}}}}}", of(key))
        };
        put(
            "keys.yaml",
            &format!(
                "apiVersion: v1\nkind: List\nitems:\n- {}\n- {}\n",
                secret(FILES[6].1),
                secret(FILES[1].1)
            ),
        );
        put("key.yaml", &format!("{}\n", secret(FILES[1].1)));
        for (name, scope) in [
            ("strict.yaml", Scope::Strict),
            ("wide.yaml", Scope::NamespaceWide),
            ("cluster.yaml", Scope::ClusterWide),
        ] {
            put(name, &sealed(scope).to_yaml());
        }
        put("strict.json", &sealed(Scope::Strict).to_json());
        for (name, text) in row.given {
            put(name, text);
        }
        Self(folder)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.path().join(file)).unwrap_or_else(|error| error.kind().to_string())
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// All that lies in the folder.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(self.0.path()).unwrap().flatten();
        let file = |entry: std::fs::DirEntry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                std::fs::read(entry.path()).unwrap_or_default(),
            )
        };
        entries.map(file).collect()
    }

    pub(crate) fn run(&self, program: &Path, row: &Row) -> Ended {
        let mut command = Command::new(program);
        command.args(row.args).env_clear().env("HOME", self.0.path().join("home")).current_dir(self.0.path());
        if row.config {
            command.env("KUBECONFIG", "kubeconfig");
        }
        command.envs(row.env.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let text = if row.input == "-" { self.read("strict.yaml") } else { row.input.to_owned() };
        // One that does not read its input closes it early.
        drop(stdin.write_all(text.as_bytes()));
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A SealedSecret `ns/a` with labels, annotations and a key `old`.
fn sealed(scope: Scope) -> SealedSecret {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: ns, labels: {l: '1'}, annotations: {n1: x}}\n\
                type: Opaque\nstringData: {old: one}\n";
    let secret = Secret::read(yaml::each(Path::new("x"), text).unwrap().remove(0)).unwrap();
    let recipient = Certificate::from_pem(FILES[0].1.as_bytes()).unwrap().recipient;
    SealedSecret::seal(&secret, scope, &recipient, &mut OsRng).unwrap()
}

/// Our binary under the name of kubeseal.
pub(crate) fn ours() -> PathBuf {
    static LINK: LazyLock<PathBuf> = LazyLock::new(|| {
        let link = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kubeseal");
        drop(std::fs::remove_file(&link));
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_sealstrap"), &link).unwrap();
        link
    });
    LINK.clone()
}
