//! What people write: settings, task files, manifests, values.

use super::support::Stage;
use super::{Says, assert_repaired, assert_untouched, edit, replace, stage, with, without};

/// Writes a file beside the settings.
fn write(stage: &Stage, name: &str, text: &str) {
    let file = stage.sandbox.folder().join(name);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
    std::fs::write(file, text).expect("the file is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_field_is_shown_in_its_line_with_the_one_that_was_meant() {
    let stage = stage().await;
    replace(&stage, "  name: home", "  nmae: home");
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "sealstrap.yaml:6:3: unknown field `nmae`",
        "^^^^",
        "hint: did you mean `name`?",
        "allowed: ",
    ]);
    assert_untouched(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_the_wrong_type_is_shown_in_its_line() {
    let stage = stage().await;
    replace(&stage, "  name: home", "  name: [home]");
    stage
        .sealstrap(&["bootstrap"])
        .await
        .says(&["sealstrap.yaml:6:9: expected text, found a list", "name: [home]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_field_is_said_where_it_belongs() {
    let stage = stage().await;
    replace(&stage, "  repository: example/homelab\n", "");
    stage
        .sealstrap(&["bootstrap"])
        .await
        .says(&["sealstrap.yaml:9:1: the field `repository` is missing", "9 | git:"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_neither_file_nor_environment_gives_is_named() {
    let stage = stage().await;
    edit(&stage, |text| {
        text.lines()
            .filter(|line| !line.contains("address:"))
            .fold(String::new(), |all, line| all + line + "\n")
    });
    let ended = without(&stage, &["bootstrap"], "VAULT_ADDR").await;
    ended.says(&["the setting `vault.address` is missing", "hint: set `vault.address`", "VAULT_ADDR"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_not_there_lead_to_init_and_to_the_sandbox() {
    let stage = stage().await;
    let ended = without(&stage, &["bootstrap"], "SEALSTRAP_CONFIG").await;
    ended.says(&["there is no `sealstrap.yaml`", "`sealstrap init`", "`sealstrap bootstrap --sandbox`"]);
    let named = with(&stage, &["bootstrap"], &[("SEALSTRAP_CONFIG", "/nowhere/sealstrap.yaml")]).await;
    named.says(&[
        "cannot read /nowhere/sealstrap.yaml",
        "No such file",
        "hint: check the path",
        "SEALSTRAP_CONFIG",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn needs_in_a_circle_are_shown_in_their_order() {
    let stage = stage().await;
    write(&stage, ".sealstrap/tasks/a.yaml", "summary: a\nneeds: [b]\n");
    write(&stage, ".sealstrap/tasks/b.yaml", "summary: b\nneeds: [a]\n");
    stage.sealstrap(&["run", "a"]).await.says(&[
        "in a circle: a → b → a",
        "hint: take one",
        ".sealstrap/tasks",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_task_or_runbook_is_answered_with_the_nearest() {
    let stage = stage().await;
    let task = stage.sealstrap(&["run", "store-cf-api-tokne"]).await;
    task.says(&[
        "there is no task `store-cf-api-tokne`",
        "nearest are `k8s:bootstrap:store-cf-api-token`",
        "run --list",
    ]);
    assert!(!task.stderr.contains("wait-for-flux"), "names that are not near are no help:\n{}", task.stderr);
    let runbook = stage.sealstrap(&["bootstrap", "--runbook", "flux-valt"]).await;
    runbook.says(&["there is no runbook `flux-valt`", "hint: there is: flux-vault"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unresolved_variable_is_refused_before_the_first_write() {
    let stage = stage().await;
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: network}\ndata: {a: \"${DOMAIN}\"}\n";
    write(&stage, "operators/map.yaml", map);
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "task `helmfile` cannot run",
        "operators/map.yaml: ConfigMap `network/x`: `DOMAIN`",
        "hint: give the variables under `substitute`",
    ]);
    assert_untouched(&stage);
    edit(&stage, |text| text + "substitute: {DOMAIN: example.com}\n");
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_is_none_is_named_with_its_line_and_without_its_text() {
    let stage = stage().await;
    write(&stage, "operators/map.yaml", "apiVersion: v1\nkind: [canary\n");
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&["task `helmfile` cannot run", "operators/map.yaml:"]);
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    assert_untouched(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_not_there_are_named_with_what_their_paths_are_relative_to() {
    let stage = stage().await;
    std::fs::remove_dir_all(stage.sandbox.folder().join("operators")).expect("removed");
    std::fs::remove_dir_all(stage.sandbox.folder().join("certs")).expect("removed");
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "2 problems before the first write",
        "cannot read operators",
        "vault-ca.crt",
        "relative to its own folder",
    ]);
    assert_untouched(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_value_is_refused_and_one_that_is_missing_is_asked_for() {
    let stage = stage().await;
    for empty in ["", "\n", "\r\n\n"] {
        let ended = with(&stage, &["bootstrap"], &[("CF_API_TOKEN", empty)]).await;
        ended.says(&[
            "task `store-cf-api-token` cannot run",
            "`CF_API_TOKEN` is empty",
            "hint: put the value there",
        ]);
    }
    let missing = without(&stage, &["bootstrap"], "CF_API_TOKEN").await;
    missing.says(&[
        "the environment variable `CF_API_TOKEN` is not set",
        "hint: set it",
        "CF_API_TOKEN=… sealstrap",
    ]);
    assert_untouched(&stage);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn line_ends_of_values_are_taken_off() {
    let stage = stage().await;
    let variables = [
        ("CF_API_TOKEN", "a-token\r\n\n"),
        ("VAULT_TOKEN", "sandbox-admin\n"),
        ("GITHUB_TOKEN", "sandbox-git-admin\n"),
    ];
    with(&stage, &["bootstrap"], &variables).await.with_code(0);
    assert_eq!(
        stage.sandbox.vault.kv("secret", "k8s/cloudflare-api-token").expect("stored")["api-token"],
        "a-token"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_token_with_a_line_end_in_vault_is_named_and_put_right() {
    let stage = stage().await;
    let token = serde_json::json!({"token": "0123456789abcdef\n", "theirs": "kept"});
    stage.sandbox.vault.set_kv("secret", "k8s/github-webhook-token", &token);
    let plan = stage.sealstrap(&["bootstrap", "--plan"]).await.with_code(0);
    assert!(plan.stdout.contains("`token` ends in a line feed"), "{}", plan.stdout);
    let alone = stage.sealstrap(&["run", "add-github-webhook"]).await;
    alone.says(&[
        "`token` at `k8s/github-webhook-token` in Vault without a line end is missing",
        "store-webhook-token",
    ]);
    assert_untouched(&stage);
    assert_repaired(&stage).await;
    let held = stage.sandbox.vault.kv("secret", "k8s/github-webhook-token").expect("kept");
    assert_eq!((held["token"].as_str(), held["theirs"].as_str()), ("0123456789abcdef", "kept"));
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_that_cannot_be_right_are_named_by_their_source() {
    let stage = stage().await;
    for (variable, value, texts) in [
        ("VAULT_TOKEN", "", ["`VAULT_TOKEN` is not set", "hint: set it"]),
        ("VAULT_TOKEN", "hvs.wrong", ["Vault does not know the token", "set VAULT_TOKEN"]),
        ("VAULT_TOKEN", "two\nlines", ["cannot log in to Vault", "hint: set VAULT_TOKEN to the token alone"]),
        ("GITHUB_TOKEN", "", ["`GITHUB_TOKEN` is empty", "hint: put the value there"]),
        ("GITHUB_TOKEN", "wrong", ["401: the token is not valid", "hint: check `git.login`"]),
        ("GITHUB_TOKEN", "two words", ["holds a space, a line end or another character", "`git.login`"]),
    ] {
        let ended = with(&stage, &["bootstrap"], &[(variable, value)]).await;
        ended.says(&texts);
    }
    let missing = without(&stage, &["bootstrap"], "GITHUB_TOKEN").await;
    missing.says(&["the environment variable `GITHUB_TOKEN` is not set", "hint: set it"]);
    assert_untouched(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubeconfig_that_cannot_be_used_is_said_to_be_so() {
    let stage = stage().await;
    let broken = stage.folder().join("broken");
    std::fs::write(&broken, "{canary").expect("written");
    let broken = broken.display().to_string();
    let ended = with(&stage, &["bootstrap"], &[("KUBECONFIG", &broken)]).await;
    ended.says(&["cannot connect to the cluster", "not what kubectl would read", "`kubectl config view`"]);
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    let absent = with(&stage, &["bootstrap"], &[("KUBECONFIG", "/nowhere/config")]).await;
    absent.says(&[
        "there is no kubeconfig (in KUBECONFIG or `~/.kube/config`)",
        "`cluster.kubeconfig` or KUBECONFIG",
    ]);
    let context = stage.sealstrap(&["bootstrap", "--context", "office"]).await;
    context.says(&["no context `office`", "hint: there is: sandbox"]);
    assert_untouched(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_none_is_named_with_its_variable() {
    let stage = stage().await;
    let ended = with(&stage, &["bootstrap"], &[("VAULT_ADDR", "vault.example.com")]).await;
    ended.says(&[
        "`VAULT_ADDR`",
        "`vault.example.com` is not an address",
        "hint: correct or unset `VAULT_ADDR`",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_key_that_is_none_is_named_and_never_written_over() {
    let stage = stage().await;
    stage.sandbox.vault.set_kv(
        "secret",
        "k8s/github-deploy",
        &serde_json::json!({"identity": "no key at all"}),
    );
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "`identity` in Vault `secret/k8s/github-deploy`",
        "it is not a private key",
        "hint: correct the key there",
    ]);
    assert!(!ended.all().contains("no key at all"), "{}", ended.all());
    assert_untouched(&stage);
    stage.sandbox.vault.set_kv("secret", "k8s/github-deploy", &serde_json::json!({}));
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_hosts_file_without_the_host_or_with_a_broken_key_is_refused() {
    let stage = stage().await;
    replace(&stage, "  host: github", "  host: github\n  knownHosts: known_hosts");
    let key = stage.sandbox.git_host.host_keys()[0].clone();
    stage.sealstrap(&["bootstrap"]).await.says(&[
        "known_hosts",
        "No such file",
        "relative to its own folder",
    ]);
    for (text, texts) in [
        ("", ["no line in it is about `127.0.0.1`", "hint: add a line `127.0.0.1 TYPE KEY`"]),
        (&*format!("gitlab.com {key}\n"), ["no line in it is about `127.0.0.1`", "(`git.knownHosts`)"]),
        ("127.0.0.1 ssh-ed25519 AAAA\n", ["one of them is not a public key", "hint: take the line out"]),
    ] {
        write(&stage, "known_hosts", text);
        let ended = stage.sealstrap(&["bootstrap"]).await;
        ended.says(&["task `store-deploy-key` cannot run"]);
        ended.says(&texts);
    }
    assert_untouched(&stage);
    write(&stage, "known_hosts", &format!("127.0.0.1 {key}\n"));
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_one_namespace_must_have_its_secrets_there() {
    let stage = stage().await;
    edit(&stage, |text| text + "externalSecrets: {store: {kind: SecretStore}}\n");
    stage.sealstrap(&["bootstrap"]).await.says(&[
        "a `SecretStore` serves its own namespace `flux-system` only, and `vault.tokenSecret` is in `kube-system`",
        "set `namespace: flux-system` there, or the kind to `ClusterSecretStore`",
    ]);
    let token = "  tokenSecret: {namespace: flux-system, name: vault-token, key: token}\n  mount: secret";
    replace(&stage, "  mount: secret", token);
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let stores = stage.sandbox.kubernetes.objects("SecretStore");
    let vault = &stores[0]["spec"]["provider"]["vault"];
    assert_eq!(vault["auth"]["tokenSecretRef"]["namespace"], serde_json::Value::Null);
    assert_eq!(vault["auth"]["tokenSecretRef"]["name"], "vault-token");
    assert_eq!(vault["caProvider"]["namespace"], serde_json::Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_another_runbook_is_said_to_be_none_of_this_one() {
    let stage = stage().await;
    let ended = stage.sealstrap(&["bootstrap", "--only", "helmfiel"]).await;
    ended.says(&["there is no task `helmfiel` in this runbook", "helmfile"]);
}
