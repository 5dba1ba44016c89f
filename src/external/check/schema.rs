//! The fields of ExternalSecrets and `ClusterExternalSecret`s, as their kinds declare them
//! (`externalsecrets.external-secrets.io` and `clusterexternalsecrets`, v1, of 2.9).

use super::shape::Fills::{All, Interval, NullBytes, Strategies};
use super::shape::Shape::{
    Bool, Duration, Fields, Filled, Key, List, Name, Namespace, One, Schedule, Several, Text, Texts, Word,
};
use super::shape::{Field, Shape, field};

const FIRST: (u32, u32) = (0, 0);

/// What an ExternalSecret says.
pub(super) const SPEC: Shape = Fields(&[
    field("refreshInterval", Shape::Interval).or("1h0m0s", Interval),
    field("refreshPolicy", Word(&[("CreatedOnce", FIRST), ("Periodic", FIRST), ("OnChange", FIRST)])),
    field("secretStoreRef", STORE_REF),
    field("target", TARGET).or("{creationPolicy: Owner, deletionPolicy: Retain}", All),
    field("data", List(&DATA)),
    field("dataFrom", List(&DATA_FROM)),
    field("syncWindows", SYNC_WINDOWS).since(2, 7),
]);

/// What a `ClusterExternalSecret` says.
pub(super) const CLUSTER_SPEC: Shape = Fields(&[
    field("externalSecretSpec", SPEC).required(),
    field("externalSecretName", Name),
    field("externalSecretMetadata", Fields(&[field("labels", Texts), field("annotations", Texts)])),
    field("namespaceSelector", SELECTOR),
    field("namespaceSelectors", List(&SELECTOR)),
    field("namespaces", List(&Namespace)),
    field("refreshTime", Duration),
]);

/// What selects by labels.
pub(super) const SELECTOR: Shape =
    Fields(&[field("matchLabels", Texts), field("matchExpressions", List(&EXPRESSION))]);

const EXPRESSION: Shape = Fields(&[
    field("key", Text).required(),
    field("operator", Text).required(),
    field("values", List(&Text)),
]);

const STORE_REF: Shape = Fields(&[
    field("kind", Word(&[("SecretStore", FIRST), ("ClusterSecretStore", FIRST)])),
    field("name", Name),
]);

const DATA: Shape = Fields(&[
    field("secretKey", Key).required(),
    field("remoteRef", Fields(&REMOTE)).required(),
    field("sourceRef", SOURCE),
]);

const CONVERSION: Shape = Word(&[("Default", FIRST), ("Unicode", FIRST)]);
const DECODING: Shape = Word(&[("None", FIRST), ("Base64", FIRST), ("Base64URL", FIRST), ("Auto", FIRST)]);
const NULL_BYTES: Shape = Word(&[("Ignore", FIRST), ("Fail", FIRST)]);

const REMOTE: [Field; 7] = [
    field("key", Text).required(),
    field("property", Text),
    field("version", Text),
    field("metadataPolicy", Word(&[("None", FIRST), ("Fetch", FIRST)])).or("None", Strategies),
    field("conversionStrategy", CONVERSION).or("Default", Strategies),
    field("decodingStrategy", DECODING).or("None", Strategies),
    field("nullBytePolicy", NULL_BYTES).or("Ignore", NullBytes).since(2, 3),
];

const DATA_FROM: Shape = Fields(&[
    field("extract", Fields(&REMOTE)),
    field("find", Fields(&FIND)),
    field("rewrite", List(&REWRITE)),
    field("sourceRef", SOURCE),
]);

const FIND: [Field; 6] = [
    field("path", Text),
    field("name", Fields(&[field("regexp", Text)])),
    field("tags", Texts),
    field("conversionStrategy", CONVERSION).or("Default", Strategies),
    field("decodingStrategy", DECODING).or("None", Strategies),
    field("nullBytePolicy", NULL_BYTES).or("Ignore", NullBytes).since(2, 3),
];

const SOURCE: Shape = One(&[field("storeRef", STORE_REF), field("generatorRef", GENERATOR)]);

const GENERATOR: Shape = Fields(&[
    field("apiVersion", Text).or("generators.external-secrets.io/v1alpha1", All),
    field("kind", GENERATORS).required(),
    field("name", Name).required(),
]);

const GENERATORS: Shape = Word(&[
    ("ACRAccessToken", FIRST),
    ("BeyondtrustWorkloadCredentialsDynamicSecret", (2, 7)),
    ("ClusterGenerator", FIRST),
    ("CloudsmithAccessToken", (0, 20)),
    ("ECRAuthorizationToken", FIRST),
    ("Fake", FIRST),
    ("GCRAccessToken", FIRST),
    ("GithubAccessToken", FIRST),
    ("GitlabDeployToken", (2, 8)),
    ("QuayAccessToken", FIRST),
    ("Password", FIRST),
    ("SSHKey", (0, 19)),
    ("STSSessionToken", FIRST),
    ("UUID", FIRST),
    ("VaultDynamicSecret", FIRST),
    ("Webhook", FIRST),
    ("Grafana", FIRST),
    ("MFA", (0, 18)),
]);

const REWRITE: Shape = One(&[
    field("regexp", Fields(&[field("source", Text).required(), field("target", Text).required()])),
    field("transform", Fields(&[field("template", Text).required()])),
    field("merge", Fields(&MERGE)).since(0, 19),
]);

const MERGE: [Field; 5] = [
    field("into", Text).or("\"\"", All),
    field("priority", List(&Text)),
    field("priorityPolicy", Word(&[("Strict", FIRST), ("IgnoreNotFound", FIRST)]))
        .or("Strict", All)
        .since(0, 20),
    field("conflictPolicy", Word(&[("Error", FIRST), ("Ignore", FIRST)])).or("Error", All),
    field("strategy", Word(&[("Extract", FIRST), ("JSON", FIRST)])).or("Extract", All),
];

const TARGET: Shape = Fields(&[
    field("name", Name),
    field("creationPolicy", CREATION).or("Owner", All),
    field("deletionPolicy", Word(&[("Retain", FIRST), ("Delete", FIRST), ("Merge", FIRST)]))
        .or("Retain", All),
    field("immutable", Bool),
    field("manifest", Fields(&[field("apiVersion", Filled).required(), field("kind", Filled).required()]))
        .since(1, 0),
    field("template", Fields(&TEMPLATE)),
]);

const CREATION: Shape = Word(&[
    ("Owner", FIRST),
    ("Orphan", FIRST),
    ("Merge", FIRST),
    ("None", FIRST),
    ("CreateOrMerge", (2, 8)),
]);

const TEMPLATE: [Field; 6] = [
    field("type", Text),
    field("engineVersion", Word(&[("v2", FIRST)])).or("v2", All),
    field("mergePolicy", Word(&[("Replace", FIRST), ("Merge", FIRST)])).or("Replace", All),
    field("metadata", METADATA),
    field("data", Texts),
    field("templateFrom", List(&TEMPLATE_FROM)),
];

const METADATA: Shape = Fields(&[
    field("labels", Texts),
    field("annotations", Texts),
    field("finalizers", List(&Text)).since(0, 20),
]);

const TEMPLATE_FROM: Shape = Fields(&[
    field("configMap", Fields(&ITEMS)),
    field("secret", Fields(&ITEMS)),
    field("literal", Text),
    field("target", Text).or("Data", All),
    field("valuesDecodingStrategy", DECODING).or("None", Strategies).since(2, 7),
]);

const ITEMS: [Field; 2] = [field("name", Name).required(), field("items", List(&ITEM)).required()];

const ITEM: Shape = Fields(&[
    field("key", Key).required(),
    field("templateAs", Word(&[("Values", FIRST), ("KeysAndValues", FIRST)])).or("Values", All),
]);

const SYNC_WINDOWS: Shape = Fields(&[
    field("kind", Word(&[("allow", FIRST), ("deny", FIRST)])).required(),
    field(
        "windows",
        Several(&Fields(&[
            field("schedule", Schedule).required(),
            field("duration", Shape::Interval).required(),
        ])),
    )
    .required(),
]);
