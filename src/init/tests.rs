//! What is found in repositories of several layouts, and what is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Error, Found, render, write};
use crate::settings::environment::Environment;
use crate::settings::{GitHostKind, Login, Overrides, SecretName, Settings};

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        put(root.path(), name, text);
    }
    root
}

fn put(root: &Path, name: &str, text: &str) {
    let file = root.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

/// A copy of the fixture as a checkout of `example/lab`.
fn homelab() -> tempfile::TempDir {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &to);
            } else {
                std::fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let root = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/homelab"), root.path());
    put(root.path(), ".git/config", "[remote \"origin\"]\n\turl = git@github.com:example/lab.git\n");
    root
}

fn silent() -> Environment {
    Environment::default()
}

/// The settings that the written file means.
fn settings(root: &Path) -> Settings {
    let found = Found::look_in(root, &silent());
    assert_eq!(found.missing(), Vec::<&str>::new());
    let text = render(&found);
    Settings::assemble(&root.join("sealstrap.yaml"), &text, &Overrides::default(), silent())
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What is missing in a folder, and the text for it.
fn look(root: &Path, environment: &Environment) -> (Vec<&'static str>, String) {
    let found = Found::look_in(root, environment);
    (found.missing(), render(&found))
}

#[test]
fn a_homelab_keeps_the_names_of_its_git_side() {
    let root = homelab();
    let settings = settings(root.path());
    assert_eq!((settings.git.host, settings.git.repository.as_str()), (GitHostKind::Github, "example/lab"));
    assert_eq!((settings.git.branch.as_str(), settings.git.path.as_str()), ("trunk", "k8s/flux/cluster"));
    let key = &settings.git.deploy_key;
    assert_eq!(key.title.as_deref(), Some("Cluster Key"));
    assert_eq!(key.vault, "flux-deploy-key");
    assert_eq!(key.secret, SecretName::new("flux-system", "deploy-key"));
    assert!(!key.write, "the title is kept, the right to write is not");
    let webhook = settings.webhook.unwrap();
    assert_eq!((webhook.url.as_str(), webhook.receiver.as_str()), ("https://hooks.example.net", "push"));
    assert_eq!((webhook.namespace.as_str(), webhook.events), ("flux-system", vec!["push".to_owned()]));
    assert_eq!((webhook.vault.as_str(), webhook.key.as_str()), ("push-token", "value"));
    assert_eq!((webhook.secret.name.as_str(), webhook.secret.key.as_str()), ("push-token", "token"));
}

#[test]
fn a_homelab_keeps_the_names_of_its_vault_side() {
    let root = homelab();
    let settings = settings(root.path());
    let vault = &settings.vault;
    assert_eq!(vault.address, "https://vault.example.net:8200");
    assert_eq!((vault.mount.as_str(), vault.prefix.as_str()), ("lab", "core"));
    assert_eq!(
        (vault.policy.as_str(), vault.readable.as_slice()),
        ("lab-read", ["core", "media"].map(str::to_owned).as_slice())
    );
    assert_eq!(settings.external_secrets.store.name, "lab-vault");
    let Login::Kubernetes(login) = &settings.external_secrets.login else { panic!("a role was given") };
    assert_eq!([&login.mount, &login.role, &login.service_account], ["lab", "eso", "external-secrets"]);
    let files = [
        "k8s/apps/external-secrets/external-secrets/app/clustersecretstore.yaml",
        "k8s/flux/cluster/github-deploy-key.yaml",
    ];
    assert_eq!(settings.external_secrets.manifests, files.map(PathBuf::from));
    assert_eq!(settings.substitute, BTreeMap::from([("DOMAIN".to_owned(), "example.net".to_owned())]));
    let cloudflare = &settings.secrets["cloudflare"];
    assert_eq!((cloudflare.vault.as_deref(), cloudflare.key.as_str()), (Some("cloudflare"), "api_token"));
}

#[test]
fn a_homelab_is_installed_by_its_own_helmfile() {
    let root = homelab();
    let settings = settings(root.path());
    let namespaces: Vec<_> = settings.cluster.namespaces.keys().map(String::as_str).collect();
    assert_eq!(namespaces, ["cert-manager", "external-secrets", "flux-system"]);
    assert_eq!(settings.cluster.name, "lab");
    assert_eq!(settings.flux.install.len(), 1);
    assert!(!settings.flux.instance.apply);
    let text = render(&Found::look_in(root.path(), &silent()));
    assert!(text.contains("#   task k8s:bootstrap:init -> init\n"), "{text}");
    assert!(text.contains("#   task k8s:bootstrap:create-namespaces -> create-namespaces\n"), "{text}");
    assert!(!text.contains("talos:bootstrap"), "{text}");
    assert!(
        text.contains("a hook of `k8s/helmfile.yaml`"),
        "the trap of a hook that applies the store is told: {text}"
    );
}

#[test]
fn an_empty_folder_says_what_to_set() {
    let root = folder(&[]);
    let (missing, text) = look(root.path(), &silent());
    assert_eq!(missing, ["git.repository", "vault.address"]);
    assert!(text.contains("# Set this: no Git remote was found.\n  # repository: owner/name\n"), "{text}");
    let error = Settings::assemble(Path::new("x"), &text, &Overrides::default(), silent()).unwrap_err();
    assert!(error.to_string().ends_with(": the field `repository` is missing"), "{error}");
}

#[test]
fn a_remote_a_kubeconfig_and_the_environment_are_enough() {
    let root = folder(&[
        (".git/config", "[core]\n[remote \"origin\"]\n  url = https://codeberg.org/owner/name.git\n"),
        (".git/HEAD", "ref: refs/heads/work\n"),
        (".git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/stable\n"),
        ("certs/ca.crt", "x"),
        ("kubeconfig", "current-context: admin@My_Lab\nusers:\n- user: {token: canary}\n"),
    ]);
    let environment = Environment {
        vault_address: Some("https://vault.example.org".into()),
        vault_ca: Some(root.path().join("certs/ca.crt")),
        kubeconfig: Some(root.path().join("kubeconfig")),
        ..silent()
    };
    let (missing, text) = look(root.path(), &environment);
    assert_eq!(missing, Vec::<&str>::new());
    assert!(!text.contains("canary"));
    let settings =
        Settings::assemble(&root.path().join("x"), &text, &Overrides::default(), silent()).unwrap();
    assert_eq!(
        (settings.cluster.name.as_str(), settings.cluster.context.as_deref()),
        ("my-lab", Some("admin@My_Lab"))
    );
    assert_eq!(
        (settings.git.host, settings.git.api.as_deref()),
        (GitHostKind::Gitea, Some("https://codeberg.org"))
    );
    assert_eq!((settings.git.repository.as_str(), settings.git.branch.as_str()), ("owner/name", "stable"));
    assert_eq!(settings.vault.ca.as_deref(), Some(Path::new("certs/ca.crt")));
}

#[test]
fn an_unknown_host_is_asked_about() {
    let root =
        folder(&[(".git/config", "[remote \"origin\"]\n url = ssh://git@git.example.com:2222/o/n.git\n")]);
    let (missing, text) = look(root.path(), &silent());
    assert_eq!(missing, ["git.host", "vault.address"]);
    assert!(text.contains("ssh: git.example.com:2222"), "{text}");
    assert!(text.contains("# Set this: which API `git.example.com` speaks"), "{text}");
}

#[test]
fn a_worktree_is_read_like_its_repository() {
    let root = folder(&[
        ("main/.git/config", "[remote \"origin\"]\n url = git@github.com:o/n.git\n"),
        ("main/.git/worktrees/w/commondir", "../..\n"),
        ("main/.git/worktrees/w/HEAD", "ref: refs/heads/topic\n"),
    ]);
    put(root.path(), "w/.git", &format!("gitdir: {}\n", root.path().join("main/.git/worktrees/w").display()));
    let (_, text) = look(&root.path().join("w"), &silent());
    assert!(text.contains("repository: o/n\n") && text.contains("branch: topic\n"), "{text}");
}

#[test]
fn what_flux_bootstrap_committed_is_read() {
    let sync = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\n\
        spec: {url: 'ssh://git@github.com/o/fleet', ref: {branch: prod}, secretRef: {name: flux-system}}\n---\n\
        apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux-system, namespace: flux-system}\n\
        spec: {path: ./clusters/prod}\n";
    let root = folder(&[("clusters/prod/flux-system/gotk-sync.yaml", sync)]);
    let (_, text) = look(root.path(), &silent());
    for line in ["repository: o/fleet", "branch: prod", "path: clusters/prod"] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

const STORE: &str = "apiVersion: external-secrets.io/v1beta1\nkind: ClusterSecretStore\nmetadata: {name: vault-backend}\nspec:\n  \
    provider:\n    vault:\n      server: 'https://vault.${ZONE}'\n      path: secret\n      \
    auth: {tokenSecretRef: {name: vault-token, namespace: kube-system, key: token}}\n      \
    caProvider: {type: Secret, name: vault-ca-cert, namespace: flux-system, key: ca.crt}\n";

#[test]
fn a_store_with_a_token_and_an_authority_gives_their_places_and_what_is_unresolved_is_said() {
    let root = folder(&[
        ("store.yaml", STORE),
        (".git/config", "[remote \"origin\"]\n url = git@github.com:o/n.git\n"),
    ]);
    let (missing, text) = look(root.path(), &silent());
    assert_eq!(missing, ["vault.address", "substitute"]);
    assert!(text.contains("# Set this: `store.yaml` has `https://vault.${ZONE}`."), "{text}");
    assert!(text.contains("# ZONE: set this: nothing in the repository gives it a value"), "{text}");
    let environment = Environment { vault_address: Some("https://vault.example.org".into()), ..silent() };
    let settings = Settings::assemble(Path::new("x"), &text, &Overrides::default(), environment).unwrap();
    assert_eq!(settings.vault.token_secret.namespace, "kube-system");
    assert_eq!(settings.vault.ca_secret.name, "vault-ca-cert");
    assert!(matches!(settings.external_secrets.login, Login::Token));
}

#[test]
fn argo_cd_is_noticed() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: root}\nspec: {source: {path: apps}}\n";
    let root = folder(&[("argocd/root.yaml", application)]);
    let (_, text) = look(root.path(), &silent());
    assert!(text.contains("Argo CD objects stand in `argocd/root.yaml`"), "{text}");
}

#[test]
fn odd_names_stay_what_they_are() {
    let store = STORE
        .replace("vault-backend", "'yes'")
        .replace("${ZONE}", "example.org")
        .replace("path: secret", "path: '0755'");
    let root = folder(&[
        ("store.yaml", &store),
        (".git/config", "[remote \"origin\"]\n url = git@github.com:o/n.git\n"),
    ]);
    let settings = settings(root.path());
    assert_eq!(settings.external_secrets.store.name, "yes");
    assert_eq!(settings.vault.mount, "0755");
}

#[test]
fn a_file_that_is_there_is_never_written_over() {
    let root = folder(&[]);
    assert_eq!(write(root.path(), "a: 1\n").unwrap(), root.path().join("sealstrap.yaml"));
    let error = write(root.path(), "b: 2\n").unwrap_err();
    assert!(matches!(error, Error::Exists(_)));
    assert!(error.to_string().ends_with("sealstrap.yaml` exists; nothing was written"), "{error}");
    assert_eq!(std::fs::read_to_string(root.path().join("sealstrap.yaml")).unwrap(), "a: 1\n");
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1, "no part of a file is left");
}

#[test]
fn a_link_to_nowhere_counts_as_there() {
    let root = folder(&[]);
    std::os::unix::fs::symlink("elsewhere.yaml", root.path().join("sealstrap.yaml")).unwrap();
    assert!(matches!(write(root.path(), "a: 1\n"), Err(Error::Exists(_))));
    assert!(!root.path().join("elsewhere.yaml").exists());
}

#[test]
fn secrets_kept_in_several_folders_get_the_folder_they_share() {
    let external = |name: &str, path: &str| {
        format!(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  \
             secretStoreRef: {{name: vault-backend}}\n  data: [{{secretKey: identity, remoteRef: {{key: {path}, property: identity}}}}]\n"
        )
    };
    let receiver = "apiVersion: notification.toolkit.fluxcd.io/v1\nkind: Receiver\nmetadata: {name: r, namespace: flux-system}\n\
        spec: {secretRef: {name: token}}\n";
    for (key, token, prefix, vault) in [
        ("a/flux/key", "a/hooks/token", "prefix: a", "vault: flux/key"),
        ("secret/data/a/key", "secret/b/token", "prefix: ''", "vault: a/key"),
        ("key", "token", "prefix: ''", "vault: key"),
    ] {
        let root = folder(&[
            ("a.yaml", &external("deploy", key)),
            ("b.yaml", &external("token", token)),
            ("r.yaml", receiver),
            ("store.yaml", STORE),
        ]);
        let (_, text) = look(root.path(), &silent());
        assert!(text.replace('"', "'").contains(prefix) && text.contains(vault), "{text}");
    }
}
