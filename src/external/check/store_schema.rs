//! The fields of stores, as their kinds declare them (`secretstores` and `clustersecretstores`, v1, of 2.9). Of providers
//! those of Vault and OpenBao are known.

use super::schema::SELECTOR;
use super::shape::Fills::All;
use super::shape::Shape::{
    Any, Bool, Bytes, Fields, Integer, IntegerOrText, Key, List, Name, Namespace, Text, Texts, Word,
};
use super::shape::{Field, Shape, field};

const FIRST: (u32, u32) = (0, 0);

/// What a store says.
pub(super) const SPEC: Shape = Fields(&[
    field("controller", Text),
    field("provider", Any).required(),
    field("retrySettings", Fields(&[field("maxRetries", Integer), field("retryInterval", Text)])),
    field("refreshInterval", IntegerOrText),
    field("conditions", List(&CONDITION)),
]);

const CONDITION: Shape = Fields(&[
    field("namespaceSelector", SELECTOR),
    field("namespaces", List(&Namespace)),
    field("namespaceRegexes", List(&Text)),
]);

const VERSION: Shape = Word(&[("v1", FIRST), ("v2", FIRST)]);

/// `provider.vault`.
pub(super) const VAULT: Shape = Fields(&[
    field("server", Text).required(),
    field("path", Text),
    field("version", VERSION).or("v2", All),
    field("namespace", Text),
    field("caBundle", Bytes),
    field("caProvider", CA_PROVIDER),
    field("tls", Fields(&[field("certSecretRef", SECRET_REF), field("keySecretRef", SECRET_REF)])),
    field("readYourWrites", Bool),
    field("forwardInconsistent", Bool),
    field("headers", Texts),
    field("checkAndSet", Fields(&[field("required", Bool)])).since(0, 20),
    field("auth", VAULT_AUTH),
]);

/// `provider.openBao`.
pub(super) const OPENBAO: Shape = Fields(&[
    field("server", Text).required(),
    field("path", Text),
    field("version", VERSION).or("v2", All),
    field("namespace", Text),
    field("caBundle", Bytes),
    field("caProvider", CA_PROVIDER),
    field("auth", OPENBAO_AUTH),
]);

const CA_PROVIDER: Shape = Fields(&[
    field("type", Word(&[("Secret", FIRST), ("ConfigMap", FIRST)])).required(),
    field("name", Name).required(),
    field("key", Key),
    field("namespace", Namespace),
]);

const SECRET_REF: Shape = Fields(&[field("name", Name), field("key", Key), field("namespace", Namespace)]);

const ACCOUNT_REF: Shape =
    Fields(&[field("name", Name).required(), field("namespace", Namespace), field("audiences", List(&Text))]);

const VAULT_AUTH: Shape = Fields(&[
    field("namespace", Text),
    field("tokenSecretRef", SECRET_REF),
    field("appRole", Fields(&APP_ROLE)),
    field("kubernetes", Fields(&KUBERNETES)),
    field("ldap", Fields(&LDAP)),
    field("userPass", Fields(&USER_PASS)),
    field("jwt", Fields(&JWT)),
    field("cert", Fields(&CERT)),
    field("iam", Fields(&IAM)),
    field("gcp", Fields(&GCP)).since(1, 1),
]);

const OPENBAO_AUTH: Shape = Fields(&[
    field("namespace", Text),
    field("tokenSecretRef", SECRET_REF),
    field("appRole", Fields(&APP_ROLE)),
    field("userPass", Fields(&USER_PASS)),
]);

const APP_ROLE: [Field; 4] = [
    field("path", Text).or("approle", All).required(),
    field("roleId", Text),
    field("roleRef", SECRET_REF),
    field("secretRef", SECRET_REF).required(),
];

const KUBERNETES: [Field; 4] = [
    field("mountPath", Text).or("kubernetes", All).required(),
    field("role", Text).required(),
    field("serviceAccountRef", ACCOUNT_REF),
    field("secretRef", SECRET_REF),
];

const LDAP: [Field; 3] = [
    field("path", Text).or("ldap", All).required(),
    field("username", Text).required(),
    field("secretRef", SECRET_REF),
];

const USER_PASS: [Field; 3] = [
    field("path", Text).or("userpass", All).required(),
    field("username", Text).required(),
    field("secretRef", SECRET_REF),
];

const JWT: [Field; 4] = [
    field("path", Text).or("jwt", All).required(),
    field("role", Text),
    field("secretRef", SECRET_REF),
    field("kubernetesServiceAccountToken", Fields(&ACCOUNT_TOKEN)),
];

const ACCOUNT_TOKEN: [Field; 3] = [
    field("serviceAccountRef", ACCOUNT_REF).required(),
    field("audiences", List(&Text)),
    field("expirationSeconds", Integer),
];

const CERT: [Field; 4] = [
    field("path", Text).or("cert", All).since(0, 20),
    field("vaultRole", Text).since(2, 3),
    field("clientCert", SECRET_REF),
    field("secretRef", SECRET_REF),
];

const IAM: [Field; 8] = [
    field("vaultRole", Text).required(),
    field("path", Text),
    field("region", Text),
    field("role", Text),
    field("externalID", Text),
    field("vaultAwsIamServerID", Text),
    field(
        "secretRef",
        Fields(&[
            field("accessKeyIDSecretRef", SECRET_REF),
            field("secretAccessKeySecretRef", SECRET_REF),
            field("sessionTokenSecretRef", SECRET_REF),
        ]),
    ),
    field("jwt", Fields(&[field("serviceAccountRef", ACCOUNT_REF)])),
];

const GCP: [Field; 7] = [
    field("role", Text).required(),
    field("path", Text).or("gcp", All),
    field("location", Text),
    field("projectID", Text),
    field("secretRef", Fields(&[field("secretAccessKeySecretRef", SECRET_REF)])),
    field("serviceAccountRef", ACCOUNT_REF),
    field(
        "workloadIdentity",
        Fields(&[
            field("serviceAccountRef", ACCOUNT_REF).required(),
            field("clusterLocation", Text),
            field("clusterName", Text),
            field("clusterProjectID", Text),
        ]),
    ),
];
