//! Upstream's own integration suite for kubeseal, run against ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rig::{self, Rig, bin};
use crate::scene::ours;

const MODULE: &str = "github.com/bitnami-labs/sealed-secrets";

/// The suite as a program. It is compiled from a copy of the module, which is read only where Go keeps it.
fn suite(dir: &Path) -> PathBuf {
    let (copy, program) = (dir.join("sealed-secrets"), dir.join("suite"));
    let copied = Command::new("cp").arg("-r").arg(rig::module("helm", MODULE)).arg(&copy).status().unwrap();
    assert!(copied.success());
    drop(Command::new("chmod").args(["-R", "u+w"]).arg(&copy).status());
    let words = ["test", "-c", "-tags", "integration", "-gcflags=all=-l", "-o"];
    let mut go = Command::new("go");
    go.args(words).arg(&program).arg("./integration").current_dir(&copy).env("GOFLAGS", "-buildvcs=false");
    assert!(go.status().unwrap().success(), "the suite compiles");
    program
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn upstreams_own_suite_passes() {
    let folder = tempfile::tempdir().unwrap();
    let suite = suite(folder.path());
    let mut rig = Rig::start().await;
    rig.start_sealed_secrets().await;
    let output = Command::new(suite)
        .arg("-kubeconfig")
        .arg(&rig.kubernetes.kubeconfig)
        .arg("-kubeseal-bin")
        .arg(ours())
        .arg("-controller-bin")
        .arg(bin("sealed-secrets-controller"))
        // The others are about the controller alone.
        .args(["-ginkgo.focus", "kubeseal", "-ginkgo.no-color"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let summed = said.lines().find(|line| line.contains(" Passed | ")).unwrap_or_default();
    eprintln!("{summed}");
    assert!(output.status.success() && summed.contains("15 Passed"), "{said}");
}
