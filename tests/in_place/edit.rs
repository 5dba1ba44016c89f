//! Commands that write a file over itself, each in a folder of its own.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rand_core::OsRng;
use sealstrap::plain::Plain;
use sealstrap::seal::{Certificate, PrivateKeys, Scope, SealedSecret, Secret};
use sealstrap::yaml;
use tempfile::TempDir;

/// The file that is edited.
pub(crate) const FILE: &str = "db.yaml";
/// What must not stand in a file that is left behind.
pub(crate) const CANARY: &str = "canary-7f3a";

/// A command, and the file that it begins with.
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    arguments: &'static [&'static str],
    /// What it reads from standard input.
    input: &'static str,
    before: fn() -> String,
    /// Whether it reads the file that it writes, and so cares who else does.
    pub(crate) reads: bool,
    /// The items that the file holds in the end.
    holds: &'static [(&'static str, &'static str)],
}

/// A Secret with the new item.
const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {new: canary-7f3a}\n";

/// All of them.
pub(crate) const EDITS: [Edit; 2] = [
    Edit {
        name: "kubeseal --merge-into",
        arguments: &["kubeseal", "--cert", "certificate.pem", "--merge-into", FILE],
        input: SECRET,
        before: sealed,
        reads: true,
        holds: &[("new", CANARY), ("old", "value")],
    },
    Edit {
        name: "kubeseal -w",
        arguments: &["kubeseal", "--cert", "certificate.pem", "-w", FILE],
        input: SECRET,
        before: sealed,
        reads: false,
        holds: &[("new", CANARY)],
    },
];

/// A SealedSecret with a comment, as people have it.
fn sealed() -> String {
    let text =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {old: value}\n";
    let secret = Secret::read(yaml::each(Path::new(FILE), text).unwrap().remove(0)).unwrap();
    let recipient = Certificate::from_pem(include_bytes!("../seal/certificate.pem")).unwrap().recipient;
    let sealed = SealedSecret::seal(&secret, Scope::Strict, &recipient, &mut OsRng).unwrap();
    format!("# of the shop\n{}", sealed.to_yaml())
}

/// A folder with the file and a certificate.
pub(crate) struct Scene {
    folder: TempDir,
    pub(crate) before: String,
}

impl Edit {
    pub(crate) fn scene(&self) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let before = (self.before)();
        std::fs::write(folder.path().join(FILE), &before).unwrap();
        std::fs::write(folder.path().join("certificate.pem"), include_bytes!("../seal/certificate.pem"))
            .unwrap();
        std::fs::write(folder.path().join("input"), self.input).unwrap();
        Scene { folder, before }
    }

    /// The command, started through another program where `through` names one.
    pub(crate) fn command(&self, scene: &Scene, through: &[&str]) -> Command {
        let line: Vec<&str> =
            through.iter().chain([&env!("CARGO_BIN_EXE_sealstrap")]).chain(self.arguments).copied().collect();
        let mut command = Command::new(line[0]);
        command.args(&line[1..]).current_dir(scene.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", scene.path());
        command.stdin(std::fs::File::open(scene.path().join("input")).unwrap());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, scene: &Scene, through: &[&str]) -> Output {
        self.command(scene, through).output().unwrap()
    }

    /// Whether the file is the one that the command makes of it.
    pub(crate) fn is_done(&self, text: &str) -> bool {
        let mut keys = PrivateKeys::new();
        keys.add("key".as_ref(), &Plain::from(include_str!("../seal/certificate.key").to_owned())).unwrap();
        let Some(document) = yaml::each(Path::new(FILE), text).ok().and_then(|mut all| all.pop()) else {
            return false;
        };
        let Ok(secret) = SealedSecret::read(document).and_then(|sealed| sealed.unseal(&keys, &mut OsRng))
        else {
            return false;
        };
        secret.items.len() == self.holds.len()
            && self.holds.iter().all(|(key, text)| {
                secret.items.get(*key).is_some_and(|value| value.same_as(&Plain::from((*text).to_owned())))
            })
    }
}

impl Scene {
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.path().join(FILE)
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }

    /// Names in the folder beside those that were there.
    pub(crate) fn left(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.path()).unwrap().flatten();
        let names = names.map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| ![FILE, "certificate.pem", "input"].contains(&name.as_str())).collect()
    }
}

/// The signal that ended a process.
pub(crate) fn signal(output: &Output) -> Option<i32> {
    output.status.signal()
}
