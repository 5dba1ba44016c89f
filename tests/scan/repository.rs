//! Repositories of Git in temporary folders, and what came of commands in them.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The binary under test.
pub(crate) const SEALSTRAP: &str = env!("CARGO_BIN_EXE_sealstrap");

/// A Secret with two values, of which the second can be guessed.
pub(crate) const SECRET: &str = "\
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
data:
  password: dHIwdWI0ZG9yLUt4OXZRMg==
  token: c2VzYW1lIG9wZW4=
";

/// A repository, with a home of its own.
pub(crate) struct Repository {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Repository {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let repository = Self::without_git();
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// A folder that is no repository.
    pub(crate) fn without_git() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["tree", "home"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    /// One whose first commit holds a file.
    pub(crate) fn with(path: &str, text: &str) -> Self {
        let repository = Self::new();
        repository.commit(path, text);
        repository
    }

    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join("tree").join(path)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn write(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let file = self.at(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// Writes a file that can be run.
    pub(crate) fn program(&self, path: &str, text: &str) {
        self.write(path, text);
        std::fs::set_permissions(self.at(path), PermissionsExt::from_mode(0o755)).unwrap();
    }

    pub(crate) fn read(&self, path: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.at(path)).unwrap()
    }

    /// Writes a file and stages it.
    pub(crate) fn stage(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        self.write(&path, text);
        self.git(&[OsStr::new("add"), "--".as_ref(), path.as_ref().as_os_str()]);
    }

    /// Commits a file, whatever a hook says.
    pub(crate) fn commit(&self, path: &str, text: &str) {
        self.stage(path, text);
        self.git(&["commit", "--quiet", "--no-verify", "--message=before"]);
    }

    /// A program in a folder of the tree, in an environment that is the repository's own.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, folder: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.at(folder)).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.home()).env("LC_ALL", "C");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_EDITOR", "true");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "somebody");
            command.env(format!("GIT_{who}_EMAIL"), "somebody@example.com");
        }
        command
    }

    /// Git, which must not fail; what it says.
    #[track_caller]
    pub(crate) fn git(&self, words: &[impl AsRef<OsStr>]) -> String {
        ended(self.command("git", "").args(words)).with_code(0).stdout
    }

    /// Git, which may fail, in a folder of the tree.
    pub(crate) fn try_git(&self, folder: &str, words: &[&str]) -> Ended {
        ended(self.command("git", folder).args(words))
    }

    /// The binary at the top.
    pub(crate) fn sealstrap(&self, words: &[&str]) -> Ended {
        self.sealstrap_in("", words)
    }

    /// The binary in a folder of the tree.
    pub(crate) fn sealstrap_in(&self, folder: &str, words: &[&str]) -> Ended {
        ended(self.command(SEALSTRAP, folder).args(words))
    }

    /// What is told of what is staged, as `FILE:LINE KEY`.
    #[track_caller]
    pub(crate) fn staged(&self) -> Vec<String> {
        let ended = self.sealstrap(&["scan", "--staged", "--json"]);
        let leaks = ended.leaks();
        ended.with_code(i32::from(!leaks.is_empty()));
        leaks
    }
}

impl Ended {
    /// Fails with everything that was written where the status is another.
    #[track_caller]
    pub(crate) fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails where something was not said on standard error.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "`{words}` is not said:\n{}", self.stderr);
        self
    }

    /// The events of a kind.
    pub(crate) fn events(&self, kind: &str) -> Vec<Value> {
        let events = self.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|event| event["event"] == kind).collect()
    }

    /// The leaks, as `FILE:LINE KEY`.
    pub(crate) fn leaks(&self) -> Vec<String> {
        let told = |leak: &Value| {
            let text = |key: &str| leak[key].as_str().unwrap_or("-").to_owned();
            format!("{}:{} {}", text("file"), leak["line"], text("key"))
        };
        self.events("leak").iter().map(told).collect()
    }

    /// A count of the last event.
    pub(crate) fn count(&self, what: &str) -> u64 {
        self.events("scanned")[0][what].as_u64().unwrap()
    }
}

/// Runs a command to its end.
#[track_caller]
pub(crate) fn ended(command: &mut Command) -> Ended {
    // A program that was written a moment ago may still be open in a process that another test is starting.
    let output = loop {
        match command.output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            other => break other.unwrap(),
        }
    };
    let Output { status, stdout, stderr } = output;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ended { code: status.code().unwrap_or(-1), stdout: text(stdout), stderr: text(stderr) }
}
