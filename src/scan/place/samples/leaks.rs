//! Documents with leaks, by their places.

use super::super::Place;
use super::{Sample, file, yaml};

/// Documents of a cluster, and the place of the leaks.
pub(super) const LEAKS: &[(Place, Sample)] = &[
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
    (
        Place::SecretStringData,
        yaml(
            "a private key in PEM, indented",
            "apiVersion: v1\nkind: Secret\nstringData:\n  tls.key: |\n    -----BEGIN PRIVATE K·EY-----\n    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBx+r+Bai7V33d6Is\n    MfcTBpJkkiNiIK0zwVmEsNddCNGhRANCAAS3BOjfBFviKNDy/8FoJD5JXpxLnJOn\n    n/VaUEQjyoqtclnRDEg/+qmwBjkKBbwHxeNYTfBRaFTo9mv4XIrIc4fg\n    -----END PRIVATE K·EY-----\n",
            &[5],
        ),
    ),
    (
        Place::SecretStringData,
        yaml(
            "a login of a registry: base64 in JSON",
            "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: '{\"auths\":{\"r.io\":{\"auth\":\"dXNlcjpodW50·ZXIy\"}}}'\n",
            &[5],
        ),
    ),
    (
        Place::SecretStringData,
        yaml(
            "a block that says how far it is indented",
            "apiVersion: v1\nkind: Secret\nstringData:\n  config.ini: |2-\n      [db]\n    password = hunter·2hunter\n",
            &[5],
        ),
    ),
    (
        Place::SecretStringData,
        yaml(
            "a Secret that kubectl keeps in its own annotation",
            "apiVersion: v1\nkind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"stringData\":{\"password\":\"hunter·2\"}}\nstringData:\n  password: ${PASSWORD}\n",
            &[6],
        ),
    ),
    (
        Place::SecretData,
        yaml(
            "every key at its own line, behind many labels",
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  labels:\n    app.kubernetes.io/name: postgresql\n    app.kubernetes.io/instance: shop\n    app.kubernetes.io/component: database\n    app.kubernetes.io/part-of: shop\n    app.kubernetes.io/managed-by: flux\n    app.kubernetes.io/version: v17\ndata:\n  username: YXBwLXVzZXI=\n  password: aHVudGVy·MjIy\n",
            &[13, 14],
        ),
    ),
    (Place::SecretData, yaml("a short one", "apiVersion: v1\nkind: Secret\ndata:\n  pin: Nzk·zMQ==\n", &[4])),
    (
        Place::SecretData,
        file(
            "objects in a List, as JSON",
            "s.json",
            "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"List\",\n  \"items\": [\n    {\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"a\"}, \"data\": {\"a\": \"aHVudGVy·MjIy\"}},\n    {\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"b\"}, \"stringData\": {\"b\": \"${B}\"}}\n  ]\n}\n",
            &[5],
        ),
    ),
    (
        Place::EnvLiteral,
        yaml(
            "containers of a CronJob, deeper than those of others",
            "apiVersion: batch/v1\nkind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n          - name: backup\n            env:\n            - name: RESTIC_PASSWORD\n              value: hunter·2\n",
            &[12],
        ),
    ),
    (
        Place::ConfigText,
        yaml(
            "JSON in YAML",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  config.json: |\n    {\n      \"db\": {\"user\": \"app\", \"password\": \"hunter·2\"}\n    }\n",
            &[6],
        ),
    ),
    (
        Place::SopsUnencrypted,
        yaml(
            "a key with the ending that SOPS is to encrypt",
            "db:\n  user: app\n  word_secret: hunter·2\nsops:\n  lastmodified: \"2024-01-01T00:00:00Z\"\n  mac: ENC[AES256_GCM,data:p,iv:e,tag:d,type:str]\n  encrypted_suffix: _secret\n",
            &[3],
        ),
    ),
    (
        Place::SopsUnencrypted,
        yaml(
            "a key without the ending that SOPS is to leave",
            "user_unencrypted: app\nword: hunter·2\nother: ENC[AES256_GCM,data:Tr7o,iv:1=,tag:k=,type:str]\nsops:\n  lastmodified: \"2024-01-01T00:00:00Z\"\n  mac: ENC[AES256_GCM,data:p,iv:e,tag:d,type:str]\n",
            &[2],
        ),
    ),
];
