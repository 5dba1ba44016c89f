//! Disks that are full, and streams that nobody takes.

use std::fs::OpenOptions;
use std::process::Stdio;

use super::support::{Ended, Stage, binary, ended};
use super::{Says, stage};

/// Runs where no file may grow: writing fails as on a full disk.
async fn cramped(stage: &Stage, arguments: &[&str]) -> Ended {
    let mut command = tokio::process::Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]).arg(binary()).args(arguments);
    command.current_dir(stage.folder()).env_remove("SEALSTRAP_CONFIG").stdin(Stdio::null());
    ended(command.output().await.expect("the binary runs"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_named_with_the_file_and_leaves_no_half_of_it() {
    let stage = stage().await;
    for (arguments, file) in [
        (&["init"][..], "sealstrap.yaml"),
        (&["tasks", "copy", "create-namespaces"], ".sealstrap/tasks/k8s/bootstrap/create-namespaces.yaml"),
        (&["schema", "--write", "schemas"], "schemas"),
        (&["man", "--dir", "pages"], "pages"),
    ] {
        let refused = cramped(&stage, arguments).await;
        refused.says(&["error: cannot write ", file, "hint: make room there"]);
        let again = stage.sealstrap(arguments).await.with_code(0);
        assert!(again.stderr.contains("wrote") || again.stdout.contains("wrote"), "{}", again.all());
        let written = std::fs::metadata(stage.folder().join(file)).expect("it is there now");
        assert!(written.is_dir() || written.len() > 0);
    }
    let left =
        std::fs::read_dir(stage.folder()).expect("the folder").flatten().map(|entry| entry.file_name());
    let left: Vec<_> = left
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".sealstrap"))
        .collect();
    assert_eq!(left, [".sealstrap"], "no part of a file is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_cannot_be_written_is_a_failure() {
    let stage = stage().await;
    for arguments in [
        &["schema", "settings"][..],
        &["bootstrap", "--plan"],
        &["bootstrap", "--plan", "--json"],
        &["run", "--list"],
    ] {
        let full = OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let child = stage.command(arguments).stdout(Stdio::from(full)).spawn().expect("the binary starts");
        ended(child.wait_with_output().await.expect("it ends"))
            .says(&["cannot write to standard output", "No space left"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_there_is_not_written_over() {
    let stage = stage().await;
    std::fs::write(stage.folder().join("sealstrap.yaml"), "mine\n").expect("written");
    stage.sealstrap(&["init"]).await.says(&["sealstrap.yaml` exists; nothing was written", "hint: edit it"]);
    stage.sealstrap(&["tasks", "copy", "helmfile"]).await.with_code(0);
    stage.sealstrap(&["tasks", "copy", "helmfile"]).await.says(&["helmfile.yaml", "exists", "hint: "]);
    assert_eq!(std::fs::read_to_string(stage.folder().join("sealstrap.yaml")).expect("mine"), "mine\n");
}
