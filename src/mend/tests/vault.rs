//! Values that move to Vault, with ExternalSecrets in their places.

use super::*;
use crate::external::{Layout, StoreKind, StoreRef, joined};

pub(super) fn in_vault(files: &[(&str, &str)]) -> Ended {
    let path = |namespace: &str, name: &str| Ok(format!("k8s/{namespace}/{name}"));
    let store = StoreRef { kind: StoreKind::ClusterSecretStore, name: "vault".to_owned() };
    mend_kept(files, Keep::Vault(&Layout::new(&path, store, "secret")), None, false)
}

impl Ended {
    /// What has to lie in Vault, as `PATH KEY=VALUE`.
    #[expect(clippy::disallowed_methods, reason = "a test looks at what would be pushed")]
    pub(super) fn pushed(self) -> Vec<String> {
        let mut all = Vec::new();
        for push in joined(self.mended.pushes) {
            for (key, value) in &push.values {
                all.push(format!("{} {key}={}", push.path, value.expose_text().unwrap().as_str()));
            }
        }
        all
    }
}

#[test]
fn a_secret_becomes_a_reference_where_it_stands() {
    let secret = "# the database\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\nstringData:\n  password: hunter·2hunter\n---\napiVersion: v1\nkind: Service\nmetadata: {name: db} # stays\n";
    let ended = in_vault(&[("db.yaml", secret)]).clean();
    let text = ended.file("db.yaml");
    assert!(text.contains("kind: ExternalSecret") && text.contains("property: password"), "{text}");
    assert!(text.starts_with("# the database\n"), "{text}");
    assert!(text.ends_with("---\napiVersion: v1\nkind: Service\nmetadata: {name: db} # stays\n"), "{text}");
    assert_eq!(ended.pushed(), ["k8s/shop/db password=hunter2hunter"]);
}

#[test]
fn variables_of_several_files_are_taken_from_one_secret_beside() {
    let pod = |variable: &str, value: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: shop, namespace: web}}\nspec:\n  containers:\n  - name: app\n    env:\n    - name: {variable}\n      value: {value} # theirs\n"
        )
    };
    let (first, second) = (pod("DB_PASSWORD", "hunter·2hunter"), pod("API_TOKEN", "tr0ub·4dor-Kx9v"));
    let kustomization = "resources:\n- app.yaml\n- more/app.yaml\n";
    let ended =
        in_vault(&[("kustomization.yaml", kustomization), ("app.yaml", &first), ("more/app.yaml", &second)]);
    let ended = ended.clean();
    assert_eq!(ended.changed(), ["app-env.external.yaml", "app.yaml", "kustomization.yaml", "more/app.yaml"]);
    let text = ended.file("app-env.external.yaml");
    for part in ["kind: ExternalSecret", "secretKey: DB_PASSWORD", "secretKey: API_TOKEN"] {
        assert_eq!(text.matches(part).count(), 1, "{part}\n{text}");
    }
    assert!(ended.file("kustomization.yaml").contains("- app-env.external.yaml\n"));
    assert_eq!(
        ended.pushed(),
        ["k8s/web/shop-env API_TOKEN=tr0ub4dor-Kx9v", "k8s/web/shop-env DB_PASSWORD=hunter2hunter"]
    );
}

#[test]
fn what_is_refused_is_not_pushed() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: wiki, namespace: web}\nspec:\n  values:\n    password: hunter·2hunter\n";
    let there = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: wiki-values, namespace: web}\n";
    let ended = in_vault(&[("wiki.yaml", release), ("wiki-values.external.yaml", there)]);
    assert_eq!(ended.reasons(), ["wiki-values.external.yaml has `wiki-values` already"]);
    assert!(ended.changed().is_empty() && ended.pushed().is_empty());
}

#[test]
fn what_is_taken_out_goes_behind_what_was_before() {
    let path = |namespace: &str, name: &str| Ok(format!("k8s/{namespace}/{name}"));
    let store = StoreRef { kind: StoreKind::ClusterSecretStore, name: "vault".to_owned() };
    let keep = Keep::Vault(&Layout::new(&path, store, "secret"));
    let there =
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a, namespace: b} # old\n";
    let files = [("notes.md", "see glpat-·Zx93kdQpW0x1y2Lm4Rt7\n"), ("taken-out.external.yaml", there)];
    let asked = Asked { untrack: false, take_out: true };
    let ended = mend_but(&files, keep, None, asked, "").clean();
    assert_eq!(
        ended.files["notes.md"],
        "see sealstrap://default/notes-md-taken-out#gitlab-personal-access-token\n"
    );
    let text = &ended.files["taken-out.external.yaml"];
    assert!(text.starts_with(&format!("{there}---\napiVersion: external-secrets.io/v1\n")), "{text}");
    assert_eq!(
        ended.pushed(),
        ["k8s/default/notes-md-taken-out gitlab-personal-access-token=glpat-·Zx93kdQpW0x1y2Lm4Rt7"
            .replace('·', "")]
    );
}

#[test]
fn what_was_mended_in_a_file_stays_so_where_more_comes_behind_it() {
    let path = |namespace: &str, name: &str| Ok(format!("k8s/{namespace}/{name}"));
    let store = StoreRef { kind: StoreKind::ClusterSecretStore, name: "vault".to_owned() };
    let keep = Keep::Vault(&Layout::new(&path, store, "secret"));
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {password: hunter·2hunter}\n";
    let files = [("taken-out.external.yaml", secret), ("z.ini", "password=hunter·3hunter\n")];
    let ended = mend_but(&files, keep, None, Asked { untrack: false, take_out: true }, "").clean();
    assert_eq!(ended.files["taken-out.external.yaml"].matches("kind: ExternalSecret").count(), 2);
    assert_eq!(
        ended.pushed(),
        ["k8s/b/a password=hunter2hunter", "k8s/default/z-ini-taken-out password=hunter3hunter"]
    );
}

#[test]
fn two_secrets_are_not_put_at_one_path() {
    let secret = |namespace: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: {namespace}}}\nstringData: {{password: hunter·2hunter}}\n"
        )
    };
    let path = |_: &str, name: &str| Ok(format!("k8s/{name}"));
    let store = StoreRef { kind: StoreKind::ClusterSecretStore, name: "vault".to_owned() };
    let layout = Layout::new(&path, store, "secret");
    let ended = mend_kept(
        &[("a.yaml", &secret("shop")), ("b.yaml", &secret("wiki"))],
        Keep::Vault(&layout),
        None,
        false,
    );
    assert_eq!(ended.reasons(), ["its values would lie at `k8s/db` in Vault, where those of `shop/db` lie"]);
    assert_eq!(ended.pushed(), ["k8s/db password=hunter2hunter"]);
}

#[test]
fn two_secrets_of_one_name_are_not_put_at_one_path() {
    let secret = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: shop}}\nstringData: {{password: {value}}}\n"
        )
    };
    let (dev, prod) = (secret("hunter·2hunter"), secret("hunter·3hunter"));
    let ended = in_vault(&[("clusters/dev/db.yaml", &dev), ("clusters/prod/db.yaml", &prod)]);
    assert!(
        ended.reasons()[0].contains("those of `shop/db` in clusters/dev/db.yaml"),
        "{:?}",
        ended.reasons()
    );
    assert_eq!(ended.changed(), ["clusters/dev/db.yaml"]);
    assert_eq!(ended.pushed(), ["k8s/shop/db password=hunter2hunter"]);
}

#[test]
fn what_stands_in_a_sealed_one_is_left_to_sealing() {
    let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: wifi, namespace: home}\nspec:\n  encryptedData:\n    password: hunter·2hunter\n";
    let ended = in_vault(&[("wifi.yaml", sealed)]);
    assert_eq!(ended.reasons(), ["it stands in a SealedSecret"]);
}

#[test]
fn a_config_map_becomes_a_reference_for_all_who_use_it() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, namespace: web}\ndata:\n  app.ini: |\n    password = hunter·2hunter\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: app, namespace: web}\nspec:\n  volumes:\n  - name: settings\n    configMap:\n      name: app # of the app\n  containers:\n  - name: app\n";
    let ended = in_vault(&[("map.yaml", map), ("pod.yaml", pod)]).clean();
    assert!(ended.file("map.yaml").contains("kind: ExternalSecret"), "{}", ended.file("map.yaml"));
    assert!(ended.file("pod.yaml").contains("secretName: app # of the app"), "{}", ended.file("pod.yaml"));
    assert_eq!(ended.pushed(), ["k8s/web/app app.ini=password = hunter2hunter\n"]);
}
