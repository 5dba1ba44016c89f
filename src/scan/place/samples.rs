//! What is found and what stays silent, by example: the tests and the manual are made from this list.

use super::Place;

/// A document, and what is to be said of it.
#[derive(Debug)]
pub struct Sample {
    /// What it shows.
    pub what: &'static str,
    /// The path of its file.
    pub file: &'static str,
    /// The document. `·` is left out before it is read: so no scanner takes this list for a leak.
    pub text: &'static str,
    /// The lines, counted from 1, of the leaks in it.
    pub lines: &'static [usize],
}

impl Sample {
    /// The document as it is read.
    #[must_use]
    pub fn document(&self) -> String {
        self.text.replace('·', "")
    }
}

const fn yaml(what: &'static str, text: &'static str, lines: &'static [usize]) -> Sample {
    Sample { what, file: "app.yaml", text, lines }
}

const fn file(what: &'static str, file: &'static str, text: &'static str, lines: &'static [usize]) -> Sample {
    Sample { what, file, text, lines }
}

/// Documents with leaks, and the place of the leaks.
pub const LEAKS: &[(Place, Sample)] = &[
    (
        Place::SecretStringData,
        yaml(
            "a password in plain text",
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: tr0ub4dor·&3x\n",
            &[6],
        ),
    ),
    (
        Place::SecretStringData,
        yaml(
            "every key at its own line, the harmless user name first",
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  labels: {a: b, c: d}\n  annotations:\n    e: f\nstringData:\n  username: app\n  password: c0rrect·-horse\n",
            &[9, 10],
        ),
    ),
    (
        Place::SecretStringData,
        yaml("a short one", "kind: Secret\napiVersion: v1\nstringData:\n  pin: \"73·91\"\n", &[4]),
    ),
    (
        Place::SecretStringData,
        yaml(
            "an address with a password in it",
            "apiVersion: v1\nkind: Secret\nstringData:\n  url: postgres://app:s3cr3·tpw@db:5432/app\n",
            &[4],
        ),
    ),
    (
        Place::SecretStringData,
        yaml(
            "a literal block",
            "apiVersion: v1\nkind: Secret\nstringData:\n  config.ini: |-\n    [db]\n    password = hunter·2hunter\n",
            &[5],
        ),
    ),
    (
        Place::SecretStringData,
        yaml(
            "a folded block",
            "apiVersion: v1\nkind: Secret\nstringData:\n  token: >+\n    k3J9d·8Xq2LmN0p\n\nkind2: x\n",
            &[5],
        ),
    ),
    (
        Place::SecretData,
        yaml(
            "base64: what it stands for is judged",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\ndata:\n  password: aHVudGVy·MjIy\n",
            &[5],
        ),
    ),
    (
        Place::SecretData,
        yaml(
            "quotes",
            "apiVersion: \"v1\"\nkind: \"Secret\"\ndata:\n  \"password\": \"aHVudGVy·MjIy\"\n",
            &[4],
        ),
    ),
    (
        Place::SecretData,
        yaml(
            "a login of a registry: base64 in JSON in base64",
            "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: eyJhdXRocyI6eyJyLmlvIjp7ImF1dGgiOiJkWE5sY2pwb2RXNTBaWEl5·In19fQ==\n",
            &[5],
        ),
    ),
    (
        Place::SecretData,
        yaml(
            "a private key in PEM, in base64",
            "apiVersion: v1\nkind: Secret\ndata:\n  tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t·Ck1JR0hBZ0VBTUJNR0J5cUdTTTQ5QWdFR0NDcUdTTTQ5QXdFSEJHMHdhd0lCQVFRZwo=\n",
            &[4],
        ),
    ),
    (
        Place::SecretData,
        yaml(
            "plain text where base64 belongs",
            "apiVersion: v1\nkind: Secret\ndata:\n  password: not·-base64!\n",
            &[4],
        ),
    ),
    (
        Place::SecretData,
        file(
            "JSON on one line",
            "s.json",
            "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"a\":\"aHVudGVy·MjIy\"}}\n",
            &[1],
        ),
    ),
    (
        Place::SecretData,
        file(
            "JSON on several lines",
            "s.json",
            "{\n  \"kind\": \"Secret\",\n  \"apiVersion\": \"v1\",\n  \"data\": {\n    \"password\": \"aHVudGVy·MjIy\"\n  }\n}\n",
            &[5],
        ),
    ),
    (
        Place::SecretData,
        yaml(
            "objects in a List, each with its own name",
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  data: {a: b}\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: x}\n  data:\n    password: aHVudGVy·MjIy\n",
            &[11],
        ),
    ),
    (
        Place::SecretData,
        yaml(
            "a template of Helm that is no YAML, beside its expressions",
            "{{- if .Values.on }}\napiVersion: v1\nkind: Secret\ndata:\n  a: {{ .Values.a | b64enc }}\n  password: aHVudGVy·MjIy\n{{- end }}\n",
            &[6],
        ),
    ),
    (
        Place::EnvLiteral,
        yaml(
            "containers of a workload, beside innocent variables",
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      initContainers:\n      - env:\n        - name: LOG_LEVEL\n          value: debug\n        - name: DB_PASSWORD\n          value: hunter·2\n      containers:\n      - name: app\n        env:\n        - {name: API_TOKEN, value: k3J9d·8Xq2LmN0p}\n",
            &[11, 15],
        ),
    ),
    (
        Place::EnvLiteral,
        yaml(
            "a pod that was made by hand, and its ephemeral containers",
            "apiVersion: v1\nkind: Pod\nspec:\n  ephemeralContainers:\n  - env:\n    - name: SMTP_PASS\n      value: \"s3nd·mail\"\n",
            &[7],
        ),
    ),
    (
        Place::Argument,
        yaml(
            "words of a command",
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - args:\n    - --user=app\n    - --password=hunter·2\n    - --api-key\n    - k3J9d·8Xq2LmN0p\n",
            &[7, 9],
        ),
    ),
    (
        Place::SecretGenerator,
        file(
            "literals",
            "kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsecretGenerator:\n- name: db\n  literals:\n  - username=app\n  - password=hunter·2\n",
            &[6, 7],
        ),
    ),
    (
        Place::HelmReleaseValues,
        yaml(
            "a tree of values",
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app}\nspec:\n  values:\n    auth:\n      admin:\n        password: hunter·2\n      existingSecret: app-auth\n",
            &[8],
        ),
    ),
    (
        Place::HelmValues,
        file(
            "keys are all there is",
            "values.yaml",
            "image:\n  tag: v1\npostgresql:\n  auth:\n    postgresPassword: pg·pw1\n",
            &[5],
        ),
    ),
    (
        Place::ConfigText,
        yaml(
            "properties",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  app.properties: |\n    server.port=8080\n    spring.datasource.password=hunter·2\n",
            &[6],
        ),
    ),
    (
        Place::ConfigText,
        yaml(
            "an environment file, INI and TOML",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  .env: |\n    A=b\n    export API_TOKEN=\"k3J9d·8Xq2LmN0p\"\n  b.ini: |\n    [db]\n    passwd = hunter·2\n  c.toml: |-\n    [auth]\n    secret_key = \"k3J9d·8Xq2LmN0p\"\n",
            &[6, 9, 12],
        ),
    ),
    (
        Place::ConfigText,
        yaml(
            "YAML in YAML",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  config.yaml: |\n    db:\n      user: app\n      password: hunter·2\n",
            &[7],
        ),
    ),
    (
        Place::HelmParameter,
        yaml(
            "parameters of an Application",
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      parameters:\n      - name: ingress.host\n        value: a.example.org\n      - name: auth.password\n        value: hunter·2\n",
            &[10],
        ),
    ),
    (
        Place::LastApplied,
        yaml(
            "the object that kubectl keeps",
            "apiVersion: v1\nkind: Service\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{\"password\":\"hunter·2\"}}\n",
            &[6],
        ),
    ),
    (
        Place::SecretData,
        yaml(
            "a Secret that kubectl keeps in a sealed one",
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"a\":\"aHVudGVy·MjIy\"}}\n",
            &[6],
        ),
    ),
    (
        Place::SopsUnencrypted,
        yaml(
            "one key of a file that SOPS has encrypted",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  a: ENC[AES256_GCM,data:Tr7o,iv:1=,tag:k=,type:str]\n  password: hunter·2\nsops:\n  lastmodified: \"2024-01-01T00:00:00Z\"\n  mac: ENC[AES256_GCM,data:p,iv:e,tag:d,type:str]\n  encrypted_regex: ^(data|stringData)$\n",
            &[6],
        ),
    ),
    (
        Place::ExternalSecretTemplate,
        yaml(
            "a literal between expressions",
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  target:\n    template:\n      data:\n        user: \"{{ .user }}\"\n        password: hunter·2\n",
            &[8],
        ),
    ),
    (
        Place::NotSealed,
        yaml(
            "something short where sealed values stand",
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData:\n    password: REPLACE·ME\n    token: AgBy3i4OJSWK\n",
            &[5, 6],
        ),
    ),
    (
        Place::SealedSecretTemplate,
        yaml(
            "plain text beside the sealed values",
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  template:\n    data:\n      db_password: hunter·2\n",
            &[6],
        ),
    ),
    (
        Place::Variable,
        file(
            "an environment file",
            "app.env",
            "# comment\nLOG=debug\nDB_PASSWORD='hunter·2'\nURL=http://x\n",
            &[3],
        ),
    ),
    (
        Place::Field,
        yaml(
            "a field of a custom resource",
            "apiVersion: example.org/v1\nkind: Database\nspec:\n  adminPassword: hunter·2\n  passwordSecretRef: {name: db, key: password}\n",
            &[4],
        ),
    ),
    (
        Place::Field,
        yaml(
            "a default within a substitution",
            "apiVersion: x/v1\nkind: X\nspec:\n  value: ${DB_PASSWORD:=hunter·2}\n",
            &[4],
        ),
    ),
];

/// Documents without a leak, by what is silent in them.
pub const BENIGN: &[Sample] = &[
    yaml(
        "names of an ExternalSecret",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  secretStoreRef: {kind: ClusterSecretStore, name: vault}\n  data:\n  - secretKey: password\n    remoteRef: {key: k8s/db-password-8f3k2j9d, property: password}\n",
        &[],
    ),
    yaml(
        "secretKeyRef",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - env:\n    - name: DB_PASSWORD\n      valueFrom:\n        secretKeyRef: {name: db, key: password}\n",
        &[],
    ),
    yaml(
        "substitutions of Flux",
        "apiVersion: v1\nkind: Secret\nstringData:\n  password: ${DB_PASSWORD}\n  url: https://${HOST}/${TOKEN:-}\n",
        &[],
    ),
    yaml(
        "a default that is no secret",
        "apiVersion: v1\nkind: Secret\nstringData:\n  host: ${DB_HOST:=localhost}\n  password: ${DB_PASSWORD:-changeme}\n",
        &[],
    ),
    yaml(
        "expressions of Helm",
        "apiVersion: v1\nkind: Secret\ndata:\n  password: {{ .Values.password | b64enc | quote }}\n",
        &[],
    ),
    yaml("nothing", "apiVersion: v1\nkind: Secret\nstringData:\n  a: \"\"\n  b: null\n  c:\n  d: ~\n", &[]),
    file(
        "existingSecret and its relatives",
        "values.yaml",
        "auth:\n  existingSecret: app-auth\n  existingSecretPasswordKey: password\n  secretName: app-tls\n  passwordSecret: my-db-secret\n  tokenFile: /var/run/token\n  imagePullSecret: registry-login\n",
        &[],
    ),
    yaml(
        "annotations of the Vault agent",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    vault.hashicorp.com/agent-inject-secret-password: secret/data/db\n    vault.hashicorp.com/role: app\n    vault.security.banzaicloud.io/vault-path: kubernetes\nspec:\n  containers:\n  - env:\n    - {name: PASSWORD, value: \"vault:secret/data/db#password\"}\n",
        &[],
    ),
    yaml(
        "paths of argocd-vault-plugin",
        "apiVersion: v1\nkind: Secret\nstringData:\n  password: <path:secret/data/db#password>\n  other: <db-password>\n",
        &[],
    ),
    yaml(
        "references of 1Password",
        "apiVersion: v1\nkind: Secret\nstringData:\n  password: op://home/db/password\n",
        &[],
    ),
    yaml(
        "digests of images",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: a/b@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n    env:\n    - name: IMAGE_SECRET\n      value: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
        &[],
    ),
    yaml(
        "what SOPS has encrypted",
        "apiVersion: v1\nkind: Secret\nstringData:\n  password: ENC[AES256_GCM,data:Tr7o,iv:1=,tag:k=,type:str]\nsops:\n  lastmodified: \"2024-01-01T00:00:00Z\"\n  mac: ENC[AES256_GCM,data:p,iv:e,tag:d,type:str]\n  age:\n  - recipient: age1xxxx\n    enc: |\n      -----BEGIN AGE ENCRYPTED FILE-----\n      YWdlLWVuY3J5cHRpb24ub3JnL3Yx\n      -----END AGE ENCRYPTED FILE-----\n  encrypted_regex: ^(data|stringData)$\n",
        &[],
    ),
    yaml(
        "certificates and public keys in a Secret",
        "apiVersion: v1\nkind: Secret\nstringData:\n  tls.crt: |\n    -----BEGIN CERTIFICATE-----\n    MIIB\n    -----END CERTIFICATE-----\n  identity.pub: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHq\n  known_hosts: github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMq\n",
        &[],
    ),
    file(
        "tags that have a program put the value there",
        "configuration.yaml",
        "mqtt:\n  password: !secret mqtt_password\nradarr: {api_key: !env_var RADARR_API_KEY}\nother:\n  token: !ENV ${TOKEN}\n",
        &[],
    ),
    yaml(
        "switches under names of secrets",
        "apiVersion: v1\nkind: ServiceAccount\nautomountServiceAccountToken: false\nspec:\n  password: true\n  token: enabled\n",
        &[],
    ),
    yaml(
        "fields of a schema",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  password: {type: string, default: k3J9d8Xq2LmN0p}\n",
        &[],
    ),
    yaml(
        "places to put something in",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  a.env: |\n    PASSWORD=changeme\n    API_KEY=<your-key>\n    TOKEN=$(cat /run/token)\n    SECRET=${SECRET}\n",
        &[],
    ),
];
