//! What sealing makes of files.

use crate::scene::{CLOUD, DB, Scene, assert_holds, opened};

#[test]
fn a_secret_goes_to_standard_output_and_opens_again() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    let from_file = scene.run(&["seal", "db.yaml"]).with(0);
    assert_holds(&from_file.stdout, &[("user", "admin"), ("password", "s3cret")]);
    let from_stdin = scene.run_with(&["seal", "-"], DB.as_bytes()).with(0);
    assert_holds(&from_stdin.stdout, &[("user", "admin"), ("password", "s3cret")]);
    assert_eq!(scene.read("db.yaml"), DB);
}

#[test]
fn all_else_in_a_file_stays_byte_for_byte() {
    let scene = Scene::set();
    let before = "\u{feff}# the shop\r\nkind: Namespace\r\napiVersion: v1\r\nmetadata: {name: shop} # here\r\n---\r\n# its database\r\n";
    let after = "\r\n# behind it\r\n---\r\n\r\n---\r\nkind: ConfigMap\r\napiVersion: v1\r\nmetadata: {name: c}\r\ndata: {a:   'b'}\r\n...\r\n";
    let secret = DB.trim_end().replace('\n', "\r\n");
    scene.put("all.yaml", format!("{before}{secret}{after}"));
    scene.run(&["seal", "--in-place", "all.yaml"]).with(0);
    let text = scene.read("all.yaml");
    assert!(text.starts_with(before) && text.ends_with(after), "{text}");
    assert!(!text.replace("\r\n", "").contains('\n'), "its line ends are Windows'");
    assert_holds(&text, &[("user", "admin"), ("password", "s3cret")]);
}

#[test]
fn lists_json_and_flow_style_keep_their_form() {
    let scene = Scene::set();
    let secret = r#"{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "shop"}, "data": {"user": "YWRtaW4="}}"#;
    scene.put("one.json", secret);
    scene.put(
        "list.json",
        format!(r#"{{"apiVersion": "v1", "kind": "List", "items": [{secret}, {{"kind": "Pod"}}]}}"#),
    );
    scene.put("flow.yaml", format!("--- {secret}\n"));
    scene.put("list.yaml", format!("apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n- {secret}\n"));
    scene.put("two.json", format!("{secret}\n{secret}"));
    for file in ["one.json", "list.json", "flow.yaml", "list.yaml"] {
        scene.run(&["seal", "-i", file]).with(0);
        let text = scene.read(file);
        assert_holds(&text, &[("user", "admin")]);
        assert_eq!(text.starts_with('{'), file.ends_with("json"), "{file}: {text}");
        assert!(!text.contains("YWRtaW4"), "{text}");
    }
    assert!(scene.read("list.json").contains(r#""kind": "Pod""#));
    assert_eq!(opened(&scene.run(&["seal", "two.json"]).with(0).stdout).len(), 2);
}

#[test]
fn anchors_tags_and_merge_keys_are_understood() {
    let scene = Scene::set();
    let text = "apiVersion: v1\nkind: Secret\nmetadata: &m {name: db, namespace: shop, labels: {a: &v 'x'}}\n\
                stringData:\n  <<: {user: admin}\n  port: !!str 5432\n  copy: *v\n";
    scene.put("db.yaml", text);
    let sealed = scene.run(&["seal", "db.yaml"]).with(0).stdout;
    assert_holds(&sealed, &[("user", "admin"), ("port", "5432"), ("copy", "x")]);
}

#[test]
fn empty_binary_and_large_values_are_sealed() {
    let scene = Scene::set();
    let large = "x".repeat(1 << 20);
    let text = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: shop}}\ndata: {{empty: '', binary: //79AA==}}\n\
         stringData: {{large: {large}}}\n"
    );
    let sealed =
        scene.run_with(&["seal"], text.as_bytes()).with(0).says(&["larger than 1 MiB together"]).stdout;
    let secret = &opened(&sealed)[0];
    assert_eq!([0, 4, 1 << 20], ["empty", "binary", "large"].map(|key| secret.items[key].size()));
    // A file of five megabytes, most of it of no interest.
    let rest = format!(
        "kind: ConfigMap\napiVersion: v1\nmetadata: {{name: c}}\ndata: {{a: {}}}\n",
        "y".repeat(5 << 20)
    );
    scene.put("big.yaml", format!("{rest}---\n{DB}"));
    scene.run(&["seal", "-i", "big.yaml"]).with(0);
    assert!(scene.read("big.yaml").starts_with(&rest));
}

#[test]
fn a_folder_is_sealed_and_what_holds_no_secret_is_passed_over() {
    let scene = Scene::set();
    scene.put("k8s/a/db.yaml", DB);
    scene.put("k8s/template.yaml", "{{- if .Values.x }}\nkind: ConfigMap\n{{- end }}\n");
    scene.put(
        "k8s/token.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: t}\ntype: kubernetes.io/service-account-token\n",
    );
    scene.put("k8s/notes.txt", DB);
    scene.run(&["seal", "--in-place", "k8s"]).with(0).says(&["k8s/a/db.yaml: 2 values sealed"]);
    assert_eq!(scene.read("k8s/notes.txt"), DB);
    assert!(scene.read("k8s/token.yaml").contains("kind: Secret"));
    let again = scene.run(&["seal", "--in-place", "k8s"]).with(0);
    assert!(again.stderr.contains("nothing to seal"), "{}", again.stderr);
}

#[test]
fn scopes_come_from_the_flag_then_the_secret_then_the_settings() {
    let scene = Scene::set();
    let wide = DB.replace(
        "namespace: shop}",
        "namespace: shop, annotations: {sealedsecrets.bitnami.com/cluster-wide: 'true'}}",
    );
    let scope = |arguments: &[&str], text: &str| {
        let sealed = scene.run_with(arguments, text.as_bytes()).with(0).stdout;
        assert_holds(&sealed, &[("user", "admin"), ("password", "s3cret")]);
        opened(&sealed)[0].scope().to_string()
    };
    assert_eq!(scope(&["seal"], DB), "strict");
    assert_eq!(scope(&["seal"], &wide), "cluster-wide");
    assert_eq!(scope(&["seal", "--scope", "strict"], &wide), "strict");
    assert_eq!(scope(&["seal", "--scope", "namespace-wide"], DB), "namespace-wide");
    scene.put("sealstrap.yaml", "sealing: {warnAfter: 8760000h, scope: namespace-wide}\n");
    assert_eq!(scope(&["seal"], DB), "namespace-wide");
}

#[test]
fn each_cluster_and_the_recovery_recipient_get_a_file_of_their_own() {
    let scene = Scene::set();
    scene.put("secrets/x/db.yaml", DB);
    let settings = scene.read("sealstrap.yaml") + "  recovery: {certificate: keys/offline.pem}\n";
    scene.put("sealstrap.yaml", settings);
    scene.put("keys/offline.pem", include_str!("certificates/large.pem"));
    let out = "clusters/{cluster}/{file}";
    scene.run(&["seal", "secrets", "--out", out, "--cluster", "home", "--cluster", "cloud"]).with(0);
    for (cluster, size) in [("home", 256), ("cloud", 384), ("recovery", 512)] {
        let text = scene.read(&format!("clusters/{cluster}/x/db.yaml"));
        assert_holds(&text, &[("user", "admin"), ("password", "s3cret")]);
        assert_eq!(sealed_for(&text), size, "{cluster}");
    }
    scene.run(&["seal", "secrets/x/db.yaml"]).with(0).says(&["nothing is sealed for the recovery recipient"]);
    scene
        .run(&["seal", "secrets", "--out", "{file}", "--cluster", "home", "--cluster", "cloud"])
        .with(2)
        .says(&["each cluster takes a file of its own", "{cluster}"]);
    scene
        .run(&["seal", "secrets", "-i", "--cluster", "moon"])
        .with(2)
        .says(&["no cluster `moon`", "cloud, home"]);
}

fn sealed_for(text: &str) -> usize {
    let file = sealstrap::seal::SealedFile::read("a".as_ref(), text).unwrap();
    file.entries()[0].sealed.modulus("user").unwrap()
}

#[test]
fn a_certificate_may_be_named() {
    let scene = Scene::set();
    scene.put("elsewhere.pem", CLOUD);
    let sealed = scene.run_with(&["seal", "--cert", "elsewhere.pem"], DB.as_bytes()).with(0).stdout;
    assert_eq!(sealed_for(&sealed), 384);
}

#[test]
fn files_are_named_by_pattern_and_added_to_a_kustomization() {
    let scene = Scene::set();
    scene.put("all.yaml", format!("{DB}---\n{}", DB.replace("name: db", "name: api")));
    scene.put("apps/kustomization.yaml", "# ours\nresources:\n- api.yaml # old\n");
    let arguments =
        ["seal", "all.yaml", "--out", "apps/{namespace}/{name}.yaml", "--add-to", "apps/kustomization.yaml"];
    scene.run(&arguments).with(0).says(&["apps/shop/db.yaml", "apps/shop/api.yaml"]);
    assert_holds(&scene.read("apps/shop/api.yaml"), &[("user", "admin"), ("password", "s3cret")]);
    let kustomization = scene.read("apps/kustomization.yaml");
    assert!(kustomization.starts_with("# ours\nresources:\n"), "{kustomization}");
    for line in ["- api.yaml # old\n", "- shop/api.yaml\n", "- shop/db.yaml\n"] {
        assert!(kustomization.contains(line), "{kustomization}");
    }
    scene.run(&arguments).with(0);
    assert_eq!(scene.read("apps/kustomization.yaml"), kustomization);
    let missing = ["seal", "all.yaml", "--out", "x/{name}.yaml", "--add-to", "x/kustomization.yaml"];
    scene.run(&missing).with(2).says(&["there is no kustomization `x/kustomization.yaml`"]);
    assert!(!scene.path("x/db.yaml").exists());
}

#[test]
fn the_plaintext_goes_once_the_sealed_file_is_there() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    scene.run(&["seal", "db.yaml", "--out", "sealed.yaml", "--shred"]).with(0).says(&["shredded db.yaml"]);
    assert!(!scene.path("db.yaml").exists());
    assert_holds(&scene.read("sealed.yaml"), &[("user", "admin"), ("password", "s3cret")]);
    scene.put("odd.yaml", DB.replace("namespace: shop", "x: y"));
    scene.run(&["seal", "odd.yaml", "--out", "odd-sealed.yaml", "--shred"]).with(2);
    assert!(scene.path("odd.yaml").exists());
}

#[test]
fn check_and_plan_write_nothing() {
    let scene = Scene::set();
    scene.put("k8s/db.yaml", DB);
    scene
        .run(&["seal", "-i", "--check", "k8s"])
        .with(1)
        .says(&["k8s/db.yaml: would change: 2 values sealed"]);
    scene.run(&["seal", "-i", "--plan", "k8s"]).with(0).says(&["would change"]);
    scene.run(&["seal", "k8s", "--out", "sealed/", "--plan"]).with(0);
    assert_eq!(scene.read("k8s/db.yaml"), DB);
    assert!(!scene.path("sealed").exists());
    scene.run(&["seal", "k8s", "--out", "sealed/"]).with(0);
    scene.run(&["seal", "k8s", "--out", "sealed/", "--check"]).with(0).says(&["unchanged"]);
}

#[test]
fn events_are_told_as_json() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    let told = scene.run(&["seal", "db.yaml", "--out", "sealed.yaml", "--json"]).with(0).stdout;
    let event: serde_json::Value = serde_json::from_str(told.trim()).unwrap();
    assert_eq!(event["event"], "sealed");
    assert_eq!(
        (&event["file"], &event["sealed"], &event["kept"]),
        (&"sealed.yaml".into(), &2.into(), &0.into())
    );
    scene.run(&["seal", "db.yaml", "--json"]).with(2).says(&["with `--json` standard output holds events"]);
}
