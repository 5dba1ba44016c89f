//! One repository with every kind of leak, and where each secret is once it is mended.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The secret of a number: written out, it would be found in this file.
pub(crate) fn value(number: usize) -> String {
    format!("{}{number}xQ", "tr0ub4dor-Kx9v")
}

/// The one of which an issuer is known.
pub(crate) fn token() -> String {
    format!("glpat-{}", "Zx93kdQpW0x1y2Lm4Rt7")
}

/// Files in which secrets are mended. `{N}` is the secret of a number, and `{eN}` the same in base64.
const MENDED: [(&str, &str); 16] = [
    (
        "k8s/db.yaml",
        "# the database\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\nstringData:\n  password: {1}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop} # stays\n",
    ),
    (
        "k8s/list.json",
        "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Secret\",\n  \"metadata\": {\"name\": \"api\", \"namespace\": \"shop\"},\n  \"data\": {\"token\": \"{e2}\"}\n}\n",
    ),
    ("k8s/app.yaml", APP),
    (
        "k8s/kustomization.yaml",
        "# of the shop\nnamespace: shop\nresources:\n- app.yaml # the program\n- config.yaml\n- db.yaml\nsecretGenerator:\n- name: cache\n  literals:\n  - password={5}\n- name: more\n  envs: [more.list]\nconfigMapGenerator:\n- name: props\n  files: [app.properties]\n",
    ),
    ("k8s/more.list", "PLACE={12}\n"),
    ("k8s/app.properties", "server.port=8080\ndb.password={13}\n"),
    (
        "k8s/config.yaml",
        "# how it runs\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  LOG_LEVEL: debug\n  app.ini: |\n    [db]\n    password = {10}\n",
    ),
    (
        "flux/release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: wiki, namespace: wiki}\nspec:\n  values:\n    auth:\n      # whom everybody knows\n      user: admin\n      password: {6}\n",
    ),
    (
        "flux/sealed.yaml",
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: wifi, namespace: home}\nspec:\n  encryptedData:\n    password: {7} # new\n  template:\n    data:\n      token: {8}\n",
    ),
    (
        "flux/service.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  annotations:\n    a: b\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{\"password\":\"{9}\"}}\n",
    ),
    (
        "flux/apps.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./k8s # of the shop\n  postBuild:\n    substitute:\n      HOST: a.example.org # where it is\n      DB_PASSWORD: {11}\n",
    ),
    (
        "flux/chart.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: own, namespace: own}\nspec:\n  chart:\n    spec:\n      chart: ./charts/own # in here\n      sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}\n",
    ),
    ("charts/own/Chart.yaml", "apiVersion: v2\nname: own\nversion: 0.1.0\n"),
    ("charts/own/values.yaml", "# of our own\nauth:\n  user: admin\n  password: {14} # who knows\n"),
    (
        "external.yaml",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a, namespace: shop}\nspec:\n  target:\n    template:\n      data: {user: \"{{ .user }}\", password: {16}} # for all\n",
    ),
    (".env", "LOG_LEVEL=debug\nDB_PASSWORD={15}\n"),
];

const APP: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app\nspec:\n  template:\n    spec:\n      containers:\n      - name: app # the first\n        args:\n        - --user=app\n        - --password={3}\n        env:\n        # how it talks\n        - name: LOG_LEVEL\n          value: debug\n        - name: DB_PASSWORD\n          value: {4} # of the database\n        envFrom:\n        - configMapRef: # of all\n            name: settings\n      volumes:\n      - name: props\n        configMap: {name: props} # as a file\n";

/// What cannot be mended: the file, its text, the rule, and why.
const REFUSED: [(&str, &str, &str, &str); 8] = [
    (
        "argo.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    helm:\n      parameters:\n      - name: auth.password\n        value: {21}\n",
        "helm-parameter",
        "cannot take a parameter from a Secret",
    ),
    (
        "sops.yaml",
        "word_secret: {23}\nsops:\n  lastmodified: \"2024-01-01T00:00:00Z\"\n  mac: ENC[AES256_GCM,data:p,iv:e,tag:d,type:str]\n  encrypted_suffix: _secret\n",
        "sops-unencrypted",
        "belongs to SOPS",
    ),
    (
        "database.yaml",
        "apiVersion: example.org/v1\nkind: Database\nmetadata: {name: a, namespace: shop}\nspec:\n  adminPassword: {24}\n",
        "field",
        "not known whether this field can be taken from a Secret",
    ),
    ("other/values.yaml", "auth:\n  password: {25}\n", "helm-values", "no HelmRelease is known"),
    (
        "src/application.properties",
        "db.password={26}\n",
        "variable",
        "may be needed wherever the repository is",
    ),
    (
        "chart/templates/secret.yaml",
        "{{- if .Values.on }}\napiVersion: v1\nkind: Secret\nstringData:\n  password: {27}\n{{- end }}\n",
        "secret-string-data",
        "cannot be edited safely where it stands",
    ),
    ("notes.md", "see {28}\n", "gitlab-personal-access-token", "what reads it here is not known"),
    (
        "lonely.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lonely, namespace: shop}\ndata:\n  DB_PASSWORD: {29}\n",
        "config-text",
        "no file says what reads the ConfigMap",
    ),
];

/// Where the secrets are afterwards.
pub(crate) const SEALED: [(&str, usize); 14] = [
    ("k8s/db.yaml", 1),
    ("k8s/list.json", 2),
    ("k8s/app-env.sealed.yaml", 3),
    ("k8s/app-env.sealed.yaml", 4),
    ("k8s/cache.sealed.yaml", 5),
    ("flux/release-values.sealed.yaml", 6),
    ("flux/sealed.yaml", 7),
    ("flux/sealed.yaml", 8),
    ("k8s/config.yaml", 10),
    ("flux/apps-substitute.sealed.yaml", 11),
    ("k8s/more.sealed.yaml", 12),
    ("k8s/props.sealed.yaml", 13),
    ("flux/chart-values.sealed.yaml", 14),
    ("external-template.sealed.yaml", 16),
];

/// What `git status` says afterwards: these files change, and no others.
pub(crate) const STATUS: &str = "D  .env\n M charts/own/values.yaml\n M external.yaml\n M flux/apps.yaml\n M flux/chart.yaml\n M flux/release.yaml\n M flux/sealed.yaml\n M flux/service.yaml\n D k8s/app.properties\n M k8s/app.yaml\n M k8s/config.yaml\n M k8s/db.yaml\n M k8s/kustomization.yaml\n M k8s/list.json\n D k8s/more.list\n?? .gitignore\n?? external-template.sealed.yaml\n?? flux/apps-substitute.sealed.yaml\n?? flux/chart-values.sealed.yaml\n?? flux/release-values.sealed.yaml\n?? k8s/app-env.sealed.yaml\n?? k8s/cache.sealed.yaml\n?? k8s/more.sealed.yaml\n?? k8s/props.sealed.yaml\n";

/// All numbers of secrets in files that are mended.
pub(crate) const NUMBERS: std::ops::RangeInclusive<usize> = 1..=16;

/// The files in which all is mended.
pub(crate) fn mended() -> Vec<(&'static str, String)> {
    MENDED.iter().map(|(path, text)| (*path, filled(text))).collect()
}

/// The files in which something is refused: the file, its text, the rule, and why.
pub(crate) fn refused() -> Vec<(&'static str, String, &'static str, &'static str)> {
    REFUSED.iter().map(|(path, text, rule, reason)| (*path, filled(text), *rule, *reason)).collect()
}

pub(crate) fn app() -> String {
    filled(APP)
}

fn filled(text: &str) -> String {
    let mut out = text.replace("{28}", &token());
    for number in NUMBERS.chain(21..=29) {
        let (plain, encoded) = (value(number), BASE64_STANDARD.encode(value(number)));
        out = out.replace(&format!("{{{number}}}"), &plain).replace(&format!("{{e{number}}}"), &encoded);
    }
    out
}
