//! Documents that look like it and hold none.

use super::{Sample, file, yaml};

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
    yaml(
        "values that are sealed",
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  encryptedData:\n    password: \
         AgDB5Aez1pLPJ/cBurZdBGt8oWqXAbQaAWkYF5sRilK/x+xUEnYntFkrftVj/RUU0zL4wxVHvFO+4n95iPX9M9zMq6LY\
         J5RSaPIZlL1qFb7fL4nu89wVqpFzmn1Ha5P3Hj8yx8sdLe5BDBKC5IeHhpLfmfQ5eKuf0xhcCi+KKh36sXDMlidfaN4F\
         Hk926NT4cZGmvXbENtZ2bb4/dfzpFAk1SSNayBQaC3CXn/+sPqaTKoX1wRU5OFHNyhADYCzjWHmm9UEpaC4oKnSNYbHb\
         mioFgPUgq8s78WFc1a9fnGMMMhz9MEm5FKNrzBhl/sog0tZdQAQh0YBt0MKqSvueIbKXm/o4vjypqTntC245VpGwvSHI\
         +9PCvrY3Qo+wRht9tDTfxImxUNvF6H8fOL/J2Z5OQ6rUbEfjAhh7s4k8Kynh6hqh18jUshzfiqCRIqDI3dqiHV5FjfGP\
         FHCno9KaTGZtb+rNnqL+M7pnxWwbO7DPzwzT2gOjKSlzYLq+8c2dYtq2XKHxhYY4crSjQaCpY7FmXWUQBEKeaSUMIenk\
         B5sX9nLCyCHYnbpMCJL8smQfQ1mUt92fG261GrI1mnvYmDtZktkfW+lDE8aB5snA84/J1ZqbdplA5AXgcw6dpVGGAbRE\
         zJlDjlxHX8zcNAh+udq3C1KbqndplERJEYTAocxSzKC2BEaRY4P/PBXJUbPMnqfMAXALYDds\n",
        &[],
    ),
    yaml(
        "what SOPS keeps for PGP, clouds and Vault",
        "password: ENC[AES256_GCM,data:Tr7o,iv:1=,tag:k=,type:str]\nsops:\n  kms:\n  - arn: arn:aws:kms:eu-central-1:123456789012:key/8f3k2j9d-1111-2222-3333-444455556666\n    enc: AQICAHhDb2RlZEtleUZvclNPUFNUZXN0c09ubHk9PQG7kXq2LmN0pTr7o\n  hc_vault:\n  - vault_address: https://vault.example.org\n    key_name: sops\n    enc: vault:v1:k3J9d8Xq2LmN0pTr7oVb4YcW6\n  pgp:\n  - fp: 85D77543B3D624B63CEA9E6DBC17301B491B3F21\n    enc: |\n      -----BEGIN PGP MESSAGE-----\n\n      hQIMA0t4uZHfl9qgAQ/8Da1b2TrX0kXq2LmN0pTr7oVb4YcW6\n      =k3J9\n      -----END PGP MESSAGE-----\n  lastmodified: \"2024-01-01T00:00:00Z\"\n  mac: ENC[AES256_GCM,data:p,iv:e,tag:d,type:str]\n",
        &[],
    ),
    yaml(
        "names of a PushSecret",
        "apiVersion: external-secrets.io/v1alpha1\nkind: PushSecret\nspec:\n  selector:\n    secret: {name: db-password-8f3k2j9d}\n  data:\n  - match:\n      secretKey: password\n      remoteRef: {remoteKey: k8s/db-password-8f3k2j9d, property: password}\n",
        &[],
    ),
    file(
        "variables of Compose that come from elsewhere",
        "docker-compose.yaml",
        "services:\n  db:\n    environment:\n    - POSTGRES_PASSWORD\n    - POSTGRES_PASSWORD=\n    - DB_PASSWORD=${DB_PASSWORD}\n    - API_TOKEN=${API_TOKEN:?missing}\n    - PASSWORD_FILE=/run/secrets/password\n",
        &[],
    ),
    file(
        "references of Terraform",
        "main.tf",
        "variable \"admin_password\" {}\n\nlocals {\n  default = \"hello-World9\"\n}\n\nvariable \"db_password\" {\n  type = string\n  description = \"The password of the database 8f3k2j9d\"\n  default = null\n  sensitive = true\n}\n\nresource \"x\" \"y\" {\n  name = \"db_password\"\n  value = random_password.db.result\n  password = var.db_password\n  admin_password = data.vault_generic_secret.db.data[\"password\"]\n  api_key = file(\"${path.module}/key\")\n  token = \"${var.token}\"\n  secret_key = \"${lookup(var.keys, \"secret_key\")}\"\n  set {\n    name = \"image.tag\"\n    value = \"v1\"\n  }\n}\n",
        &[],
    ),
    file(
        "what a shell puts there",
        "app.env",
        "DB_PASSWORD=\"$(cat \"/run/password\")\"\nAPI_TOKEN=\"$(\n  cat /run/token\n)\"\nMAIL_PASSWORD=\"${MAIL_PASSWORD}\"\n",
        &[],
    ),
    file(
        "tables of TOML that name where it comes from",
        "app.toml",
        "password = { env = \"DB_PASSWORD\" }\ntoken = { file = \"/run/token\", required = true }\n",
        &[],
    ),
];
