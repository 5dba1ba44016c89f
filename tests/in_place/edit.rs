//! Commands that write files over themselves.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use rand_core::OsRng;
use sealstrap::plain::Plain;
use sealstrap::seal::{Certificate, PrivateKeys, Scope, SealedSecret, Secret};
use sealstrap::yaml;

use crate::scene::Scene;

/// The file that is edited.
pub(crate) const FILE: &str = "apps/db.yaml";
/// What must not stand in a file that is left behind.
pub(crate) const CANARY: &str = "canary-7f3a";

/// A command, and the files that it begins with.
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    arguments: &'static [&'static str],
    /// What it reads from standard input.
    pub(crate) input: &'static str,
    /// The files that it writes.
    pub(crate) files: &'static [&'static str],
    /// What each of them holds in the beginning.
    pub(crate) before: fn() -> String,
    /// Whether it reads the file that it writes, and so cares who else does.
    pub(crate) reads: bool,
    /// What each of them holds in the end.
    holds: Holds,
}

/// Items, and what they stand in.
enum Holds {
    Sealed(&'static [(&'static str, &'static str)]),
    Plain(&'static [(&'static str, &'static str)]),
}

/// A Secret with the new item.
const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {new: canary-7f3a}\n";
/// What is sealed in the beginning.
const OLD: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\n\
    stringData: {old: value, spare: canary-7f3a}\n";

/// A command of one file that it reads, with nothing on standard input.
const ONE: Edit = Edit {
    name: "",
    arguments: &[],
    input: "",
    files: &[FILE],
    before: sealed,
    reads: true,
    holds: Holds::Sealed(&[]),
};

/// All of them.
pub(crate) const EDITS: [Edit; 10] = [
    Edit {
        name: "kubeseal --merge-into",
        arguments: &["kubeseal", "--cert", "certificate.pem", "--merge-into", FILE],
        input: SECRET,
        holds: Holds::Sealed(&[("new", CANARY), ("old", "value"), ("spare", CANARY)]),
        ..ONE
    },
    Edit {
        name: "kubeseal -w",
        arguments: &["kubeseal", "--cert", "certificate.pem", "-w", FILE],
        input: SECRET,
        reads: false,
        holds: Holds::Sealed(&[("new", CANARY)]),
        ..ONE
    },
    Edit {
        name: "seal --in-place",
        arguments: &["seal", "--cert", "certificate.pem", "--in-place", FILE],
        before: secret,
        holds: Holds::Sealed(&[("new", CANARY)]),
        ..ONE
    },
    Edit {
        name: "seal --in-place FOLDER",
        arguments: &["seal", "--cert", "certificate.pem", "--in-place", "apps"],
        files: &["apps/api.yaml", FILE, "apps/web.yaml"],
        before: secret,
        holds: Holds::Sealed(&[("new", CANARY)]),
        ..ONE
    },
    Edit {
        name: "seal --out",
        arguments: &["seal", "--cert", "certificate.pem", "input.yaml", "--out", FILE],
        input: SECRET,
        holds: Holds::Sealed(&[("new", CANARY)]),
        ..ONE
    },
    Edit {
        name: "set",
        arguments: &["set", "--cert", "certificate.pem", FILE, "new", "--from", "-"],
        input: "canary-7f3a\n",
        holds: Holds::Sealed(&[("new", CANARY), ("old", "value"), ("spare", CANARY)]),
        ..ONE
    },
    Edit {
        name: "unset",
        arguments: &["unset", FILE, "spare"],
        holds: Holds::Sealed(&[("old", "value")]),
        ..ONE
    },
    Edit {
        name: "rename",
        arguments: &["rename", FILE, "old", "new"],
        holds: Holds::Sealed(&[("new", "value"), ("spare", CANARY)]),
        ..ONE
    },
    Edit {
        name: "reseal --private-key",
        arguments: &["reseal", "--cert", "certificate.pem", "--private-key", "old.key", FILE],
        before: sealed_for_the_old_key,
        holds: Holds::Sealed(&[("old", "value"), ("spare", CANARY)]),
        ..ONE
    },
    Edit {
        name: "unseal --in-place",
        arguments: &["unseal", "--private-key", "certificate.key", "--in-place", FILE],
        holds: Holds::Plain(&[("old", "value"), ("spare", CANARY)]),
        ..ONE
    },
];

/// A Secret with a comment, as people have it.
fn secret() -> String {
    format!("# of the shop\n{SECRET}")
}

fn sealed() -> String {
    sealed_for(include_bytes!("../seal/certificate.pem"))
}

fn sealed_for_the_old_key() -> String {
    sealed_for(include_bytes!("../seal/3072.pem"))
}

fn sealed_for(certificate: &[u8]) -> String {
    let secret = Secret::read(yaml::each(Path::new(FILE), OLD).unwrap().remove(0)).unwrap();
    let recipient = Certificate::from_pem(certificate).unwrap().recipient;
    let sealed = SealedSecret::seal(&secret, Scope::Strict, &recipient, &mut OsRng).unwrap();
    format!("# of the shop\n{}", sealed.to_yaml())
}

impl Edit {
    /// The command, started through another program where `through` names one. It finds no Git, which would write too.
    pub(crate) fn command(&self, scene: &Scene, through: &[&str]) -> Command {
        let binary = ["env", "PATH=/none", env!("CARGO_BIN_EXE_sealstrap")];
        let line: Vec<&str> = through.iter().chain(&binary).chain(self.arguments).copied().collect();
        let mut command = Command::new(line[0]);
        command.args(&line[1..]).current_dir(scene.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", scene.home());
        command.stdin(std::fs::File::open(scene.path().join("input.yaml")).unwrap());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, scene: &Scene, through: &[&str]) -> Output {
        self.command(scene, through).output().unwrap()
    }

    /// Whether a file that is left behind may hold what was sealed.
    pub(crate) fn writes_plaintext(&self) -> bool {
        matches!(self.holds, Holds::Plain(_))
    }

    /// Whether a file is one that the command makes.
    pub(crate) fn is_done(&self, text: &str) -> bool {
        let Some(document) = yaml::each(Path::new(FILE), text).ok().and_then(|mut all| all.pop()) else {
            return false;
        };
        let (read, holds) = match self.holds {
            Holds::Plain(items) => (Secret::read(document), items),
            Holds::Sealed(items) => {
                let opened =
                    SealedSecret::read(document).and_then(|sealed| sealed.unseal(&keys(), &mut OsRng));
                (opened, items)
            }
        };
        let Ok(secret) = read else { return false };
        secret.items.len() == holds.len()
            && holds.iter().all(|(key, text)| {
                secret.items.get(*key).is_some_and(|value| value.same_as(&Plain::from((*text).to_owned())))
            })
    }
}

fn keys() -> PrivateKeys {
    let mut keys = PrivateKeys::new();
    keys.add("key".as_ref(), &Plain::from(include_str!("../seal/certificate.key").to_owned())).unwrap();
    keys
}
