//! A copy of a repository, and the real binary run in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What an application is made with where a test does not care.
pub(crate) const CHART: [&str; 4] = ["--repo", "podinfo", "--version", "6.9.0"];

/// A copy of a repository.
pub(crate) struct Repository {
    folder: TempDir,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Repository {
    /// A copy of the homelab of the fixtures.
    pub(crate) fn homelab() -> Self {
        let repository = Self::empty();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/homelab"), repository.folder.path());
        repository
    }

    /// One with a folder of applications and a component that all namespaces share.
    pub(crate) fn plain() -> Self {
        let repository = Self::empty();
        repository.write("sealstrap.yaml", "cluster: {name: home}\ngit: {repository: example/homelab}\n");
        let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
        repository.write("k8s/components/common/kustomization.yaml", component);
        let podinfo =
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: podinfo\n";
        repository.write("k8s/components/common/repos/podinfo.yaml", podinfo);
        std::fs::create_dir(repository.at("k8s/apps")).unwrap();
        repository
    }

    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        std::fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        std::fs::write(self.at(path), text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The one document of a file.
    pub(crate) fn document(&self, path: &str) -> Value {
        let documents = sealstrap::yaml::documents(Path::new(path), &self.read(path)).unwrap();
        let [document] = &documents[..] else { panic!("{path} holds {} documents", documents.len()) };
        document.clone()
    }

    /// All files with their bytes, and all folders.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut all = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                all.insert(path.clone(), std::fs::read(&path).ok());
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        all
    }

    /// `sealstrap new app`, at the root.
    pub(crate) fn new_app(&self, words: &[&str]) -> Ended {
        self.new_app_in("", words)
    }

    /// The same in a folder.
    pub(crate) fn new_app_in(&self, folder: &str, words: &[&str]) -> Ended {
        self.run_in(folder, &[&["new", "app"], words].concat())
    }

    /// `sealstrap` in a folder.
    pub(crate) fn run_in(&self, folder: &str, words: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealstrap"));
        command.args(words).current_dir(self.at(folder)).env_clear();
        command.env("HOME", "/nonexistent").stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().unwrap_or(-1);
        Ended { code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
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
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
