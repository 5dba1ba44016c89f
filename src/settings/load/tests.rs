//! Layers, places and complaints of the settings.

use std::path::Path;

use super::{Environment, Error, Overrides, Settings};

const LEAST: &str = "cluster: {name: home}\ngit: {repository: owner/name}\nvault: {address: 'https://vault.example.com:8200'}\n";

fn assemble(text: &str, flags: &Overrides, environment: Environment) -> Result<Settings, Error> {
    Settings::assemble(Path::new("/repo/sealstrap.yaml"), text, flags, environment)
}

fn read(text: &str) -> Result<Settings, Error> {
    assemble(text, &Overrides::default(), Environment::default())
}

/// What is said about the least settings with one more piece, and the hint.
fn said(more: &str) -> (String, Option<String>) {
    let error = read(&format!("{LEAST}{more}\n")).unwrap_err();
    (error.to_string(), error.hint())
}

/// What is said about the least settings with one word replaced.
fn said_with(word: &str, other: &str) -> (String, Option<String>) {
    let error = read(&LEAST.replace(word, other)).unwrap_err();
    (error.to_string(), error.hint())
}

#[test]
fn the_least_file_gets_the_names_of_the_reference_flow() {
    let settings = read(LEAST).unwrap();
    assert_eq!(settings.runbook, "flux-vault");
    let namespaces: Vec<_> = settings.cluster.namespaces.keys().map(String::as_str).collect();
    assert_eq!(namespaces, ["cert-manager", "external-secrets", "flux-system", "network"]);
    assert_eq!((settings.vault.mount.as_str(), settings.vault.prefix.as_str()), ("secret", "k8s"));
    assert_eq!(settings.vault.readable, ["k8s"]);
    assert_eq!(settings.git.deploy_key.vault, "github-deploy");
    assert_eq!(settings.external_secrets.store.name, "vault-backend");
    assert_eq!(settings.root, Path::new("/repo"));
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let text = LEAST.replace("{name: home}", "{name: home, context: of-file}") + "runbook: of-file\n";
    let environment = Environment {
        context: Some("of-environment".into()),
        runbook: Some("of-environment".into()),
        vault_namespace: Some("team".into()),
        ..Environment::default()
    };
    let flags = Overrides { context: Some("of-flag".into()), ..Overrides::default() };
    let settings = assemble(&text, &flags, environment).unwrap();
    assert_eq!(settings.cluster.context.as_deref(), Some("of-flag"));
    assert_eq!(settings.runbook, "of-environment");
    assert_eq!(settings.vault.namespace.as_deref(), Some("team"));
    assert_eq!(read(&text).unwrap().runbook, "of-file");
}

#[test]
fn a_vault_address_of_the_environment_leaves_the_cluster_its_own() {
    let environment =
        Environment { vault_address: Some("http://127.0.0.1:8200".into()), ..Environment::default() };
    let settings = assemble(LEAST, &Overrides::default(), environment.clone()).unwrap();
    assert_eq!(settings.vault.address, "http://127.0.0.1:8200");
    assert_eq!(settings.vault.cluster_address.as_deref(), Some("https://vault.example.com:8200"));
    let silent = LEAST.replace("vault: {address: 'https://vault.example.com:8200'}", "vault: {}");
    assert_eq!(assemble(&silent, &Overrides::default(), environment).unwrap().vault.cluster_address, None);
    let error = read(&silent).unwrap().check_vault().unwrap_err();
    assert_eq!(error.to_string(), "the setting `vault.address` is missing");
    assert!(error.hint().is_some_and(|hint| hint.contains("VAULT_ADDR")));
}

#[test]
fn settings_without_vault_are_settings() {
    let text = "cluster: {name: home}\ngit: {repository: owner/name}\n\
                secrets: {a: {secret: {namespace: n, name: s}, key: k, from: {env: A}}}\n\
                sealing: {install: {manifests: [controller.yaml]}, files: sealed}\n";
    let settings = read(text).unwrap();
    assert!(settings.vault.address.is_empty() && settings.vault.mount == "secret");
    let secret = settings.secrets["a"].secret.as_ref().unwrap();
    assert_eq!((secret.namespace.as_str(), secret.name.as_str()), ("n", "s"));
}

#[test]
fn a_value_must_have_a_place_and_a_key_that_fits_there() {
    let (message, hint) = said("secrets: {x: {key: a, from: {env: A}}}");
    assert!(message.contains("names no place"), "{message}");
    assert!(hint.is_some_and(|hint| hint.contains("secret: {namespace: …, name: …}")));
    let (message, _) = said("secrets: {x: {secret: {namespace: N, name: s}, key: a, from: {env: A}}}");
    assert!(message.contains("`N`"), "{message}");
    let (message, _) = said("secrets: {x: {secret: {namespace: n, name: s}, key: a/b, from: {env: A}}}");
    assert!(message.contains("`a/b`"), "{message}");
    let (message, _) = said("sealing: {install: {http: {url: 'https://x.example', sha256: abc}}}");
    assert!(message.contains("abc"), "{message}");
}

#[test]
fn files_of_a_rehearsal_stay_in_their_folder() {
    let mut settings = read(LEAST).unwrap();
    settings.root = "/repository".into();
    assert_eq!(settings.file(Path::new("keys/a.pem")), Path::new("/repository/keys/a.pem"));
    settings.scratch = Some("/scratch".into());
    for path in ["keys/a.pem", "/keys/a.pem", "../keys/a.pem"] {
        assert_eq!(settings.file(Path::new(path)), Path::new("/scratch/keys/a.pem"));
    }
}

#[test]
fn a_wrong_variable_is_named() {
    let environment = Environment { vault_address: Some("vault:8200".into()), ..Environment::default() };
    let error = assemble(LEAST, &Overrides::default(), environment).unwrap_err();
    assert!(error.to_string().starts_with("the environment variable `VAULT_ADDR` "), "{error}");
}

#[test]
fn the_api_of_github_actions_is_taken_for_an_enterprise_server_only() {
    let with = |api: &str, text: &str| {
        let environment = Environment { github_api: Some(api.into()), ..Environment::default() };
        assemble(text, &Overrides::default(), environment).unwrap().git.api
    };
    assert_eq!(with("https://api.github.com", LEAST), None);
    assert_eq!(
        with("https://ghe.example.com/api/v3", LEAST).as_deref(),
        Some("https://ghe.example.com/api/v3")
    );
    let gitea = LEAST.replace("{repository", "{host: gitea, api: 'https://git.example.com', repository");
    assert_eq!(with("https://ghe.example.com/api/v3", &gitea).as_deref(), Some("https://git.example.com"));
}

#[test]
fn a_misspelt_setting_is_shown_with_its_line_and_the_nearest_name() {
    let error = read("cluster: {name: home, contxt: x}\n").unwrap_err();
    assert_eq!(error.to_string(), "/repo/sealstrap.yaml:1:23: unknown field `contxt`");
    assert!(error.hint().is_some_and(|hint| hint.starts_with("did you mean `context`? allowed: name,")));
    let Error::Yaml(error) = error else { panic!("{error}") };
    let carets = "  |                       ^^^^^^";
    assert_eq!(error.snippet.as_deref().and_then(|shown| shown.lines().last()), Some(carets));
}

#[test]
fn a_repository_given_as_address_gets_the_right_form_as_hint() {
    for address in [
        "https://github.com/owner/name.git",
        "git@github.com:owner/name.git",
        "ssh://git@github.com/owner/name",
    ] {
        let (_, hint) = said_with("owner/name", &format!("'{address}'"));
        assert_eq!(hint.as_deref(), Some("write `owner/name`"), "{address}");
    }
    let (said, _) = said_with("owner/name", "name");
    assert_eq!(said, "/repo/sealstrap.yaml:2:19: `name` is not a repository in the form `owner/name`");
}

#[test]
fn names_that_kubernetes_would_refuse_are_refused_here() {
    let (message, hint) = said_with("name: home", "name: My_Home");
    assert!(message.starts_with("/repo/sealstrap.yaml:1:17: `My_Home` is not a DNS label"), "{message}");
    assert_eq!(hint.as_deref(), Some("for example `my-home`"));
    let (message, _) = said_with("name: home", "name: home, namespaces: [ok, Not_Ok]");
    assert!(message.starts_with("/repo/sealstrap.yaml:1:40: `Not_Ok`"), "{message}");
    let (message, _) = said_with("name: home", "name: home, namespaces: {ok: , Not_Ok: }");
    assert!(message.starts_with("/repo/sealstrap.yaml:1:42: `Not_Ok`"), "{message}");
}

#[test]
fn paths_in_vault_are_said_as_the_settings_want_them() {
    for (path, hint) in [("/k8s", "k8s"), ("k8s/", "k8s"), ("data/k8s", "k8s"), ("a//b", "a/b")] {
        let (_, said) = said_with("vault: {", &format!("vault: {{prefix: {path}, "));
        assert_eq!(said, Some(format!("write `{hint}`")), "{path}");
    }
    let (message, _) = said("secrets: {x: {vault: data/x, key: a, from: {env: A}}}");
    assert_eq!(
        message,
        "/repo/sealstrap.yaml:4:22: `data/x` holds the `data/` of Vault's API, which sealstrap adds by itself"
    );
}

#[test]
fn each_source_must_be_able_to_give_a_value() {
    for (source, complaint) in [
        ("{env: 1A}", "`1A` cannot be the name of a variable"),
        ("{env: ''}", "`` cannot be the name of a variable"),
        ("{generate: {bytes: 8}}", "8 bytes cannot be generated: 16 to 256 can"),
        ("{command: []}", "the command has no program"),
        ("{vault: {path: /a, key: b}}", "`/a` has a slash too many"),
        ("{enviroment: A}", "unknown name `enviroment`"),
    ] {
        let (message, _) = said(&format!("secrets: {{x: {{vault: x, key: a, from: {source}}}}}"));
        assert!(message.contains(complaint), "{message}");
    }
    let twice =
        "secrets: {x: {vault: x, key: a, from: {stdin: {}}}, y: {vault: y, key: a, from: {stdin: {}}}}";
    assert!(said(twice).0.ends_with("standard input is the source of a second value"));
}

#[test]
fn a_webhook_over_plain_http_is_for_this_machine_only() {
    assert!(said("webhook: {url: 'http://hooks.example.com'}").0.contains("is not https"));
    for url in ["https://hooks.example.com", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"] {
        assert!(read(&format!("{LEAST}webhook: {{url: '{url}'}}\n")).is_ok(), "{url}");
    }
    let (message, _) = said("webhook: {url: 'https://user:canary@example.com'}");
    assert!(!message.contains("canary"), "{message}");
}

#[test]
fn further_values_that_cannot_be_right_are_refused() {
    for (more, complaint) in [
        ("substitute: {1X: a}", "`1X` cannot be the name of a variable"),
        (
            "flux: {install: [{name: a, from: {oci: ghcr.io/a/b:latest}}]}",
            "does not name an artifact by digest",
        ),
        ("timeouts: {wait: soon}", "is not a length of time"),
        ("externalSecrets: {store: {name: A}}", "is not a name that Kubernetes takes"),
        (
            "externalSecrets: {version: '2'}",
            "/repo/sealstrap.yaml:4:28: `2` is no version of External Secrets",
        ),
        ("externalSecrets: {version: '0.15'}", "`0.15` is no version of External Secrets from 0.16 on"),
    ] {
        assert!(said(more).0.contains(complaint), "{:?}", said(more));
    }
    assert!(said_with("vault: {", "vault: {tokenPeriod: 10m, ").0.contains("a token that lives 10m"));
    assert!(
        said_with("{repository", "{branch: refs/heads/main, repository")
            .0
            .contains("write the branch's name, `main`")
    );
    assert!(said_with("{repository", "{host: gitea, repository").0.contains("`git.api` is missing"));
}

#[test]
fn the_file_is_found_from_a_folder_below() {
    let root = tempfile::tempdir().unwrap();
    let below = root.path().join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    let error = Settings::load(&below, &Overrides::default()).unwrap_err();
    assert!(matches!(error, Error::Missing(_)), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("sealstrap init")));
    std::fs::write(root.path().join("sealstrap.yaml"), LEAST).unwrap();
    assert_eq!(Settings::load(&below, &Overrides::default()).unwrap().root, root.path());
}
