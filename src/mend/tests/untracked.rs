//! Files that Git is to forget.

use super::*;

const ENV: (&str, &str) = ("app/.env", "DB_PASSWORD=hunter·2hunter\n");

const PRIVATE: &str = "-----BEGIN PRIVATE K·EY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBx+r+Bai7V33d6Is\nMfcTBpJkkiNiIK0zwVmEsNddCNGhRANCAAS3BOjfBFviKNDy/8FoJD5JXpxLnJOn\nn/VaUEQjyoqtclnRDEg/+qmwBjkKBbwHxeNYTfBRaFTo9mv4XIrIc4fg\n-----END PRIVATE K·EY-----\n";

fn untracked(ended: &Ended) -> Vec<String> {
    ended.mended.untracked.iter().map(|path| path.display().to_string()).collect()
}

#[test]
fn a_file_of_its_users_machine_is_forgotten_and_ignored_where_that_is_asked_for() {
    let refused = mend_all(&[ENV]);
    assert!(refused.changed().is_empty() && refused.mended.refused[0].hint.contains("`--untrack`"));
    let ended = mend_untracking(&[ENV]).clean();
    assert_eq!(
        (untracked(&ended), ended.changed()),
        (vec!["app/.env".to_owned()], vec![".gitignore".to_owned()])
    );
    assert_eq!(ended.file(".gitignore"), "/app/.env\n");
    assert_eq!(ended.file("app/.env"), ENV.1.replace('·', ""));
    let kubeconfig =
        "apiVersion: v1\nkind: Config\nclusters: []\nusers:\n- name: a\n  user: {token: k3J9d·8Xq2LmN0p}\n";
    let ended = mend_untracking(&[("admin.yaml", kubeconfig), ("ssh/id_ed25519", PRIVATE)]).clean();
    assert_eq!(untracked(&ended), ["admin.yaml", "ssh/id_ed25519"]);
    assert_eq!(ended.file(".gitignore"), "/admin.yaml\n/ssh/id_ed25519\n");
}

#[test]
fn the_nearest_list_is_added_to_by_its_own_line_ends_and_not_twice() {
    for (before, after) in [
        ("*.log", "*.log\n/.env\n"),
        ("*.log\r\n", "*.log\r\n/.env\r\n"),
        ("/.env\n", "/.env\n"),
        ("/.env\n!*.env\n", "/.env\n!*.env\n/.env\n"),
    ] {
        let ended = mend_untracking(&[ENV, (".gitignore", "x\n"), ("app/.gitignore", before)]).clean();
        assert_eq!(
            (ended.file("app/.gitignore").as_str(), ended.file(".gitignore").as_str()),
            (after, "x\n")
        );
    }
    let odd = mend_untracking(&[("a[1] */.env", ENV.1)]).clean();
    assert_eq!(odd.file(".gitignore"), "/a\\[1] \\*/.env\n");
}

#[test]
fn a_file_that_is_needed_elsewhere_stays() {
    let file = |path: &'static str| (path, ENV.1);
    for (files, reason) in [
        (vec![file(".env.example")], "others copy this file"),
        (vec![file("app/.env"), ("app/Dockerfile", "COPY .env /app\n")], "app/Dockerfile names it"),
        (
            vec![file("app/.env"), (".github/workflows/a.yml", "run: . app/.env\n")],
            "runs on other machines too",
        ),
        (
            vec![
                ("infra/a.tfvars", "db_password = \"hunter2hunter\"\n"),
                (".gitlab-ci.yml", "a: {script: [terraform apply]}\n"),
            ],
            ".gitlab-ci.yml names it or what reads it",
        ),
        (
            vec![file("app/.env"), (".github/workflows/a.yml", "run: docker compose up\n")],
            "names it or what reads it",
        ),
        (vec![file("chart/files/a.env"), ("chart/Chart.yaml", "name: a\n")], "chart/Chart.yaml"),
        (
            vec![("src/server.key", PRIVATE), ("src/server.rs", "include_str!(\"server.key\")\n")],
            "src/server.rs names it",
        ),
        (vec![("app/testdata/a.pem", PRIVATE)], "tests may need it"),
        (vec![file("app.properties")], "wherever the repository is"),
    ] {
        let ended = mend_untracking(&files);
        assert!(ended.changed().is_empty() && untracked(&ended).is_empty(), "{files:?}");
        assert!(ended.reasons()[0].contains(reason), "{reason}: {:?}", ended.reasons());
    }
    let made = [
        file("a.env"),
        ("kustomization.yaml", "namespace: web\nsecretGenerator: [{name: a, envs: [a.env]}]\n"),
    ];
    let ended = mend_untracking(&made).clean();
    assert_eq!((untracked(&ended).len(), ended.files.contains_key("a.env")), (0, false));
}
