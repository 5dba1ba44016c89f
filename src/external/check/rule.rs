//! What is found in objects of External Secrets, and whose refusal it is.

use crate::seal::verify::rules;

/// Who would refuse what a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The API server, by the schema of the kind.
    Schema,
    /// The webhook of the operator, or the operator where there is none.
    Webhook,
    /// Nobody: it is taken, and fails later or means something else.
    Nobody,
    /// Nobody, and it is found only where Vault and the cluster are asked.
    Online,
}

rules! {
    UnservedVersion, "unserved-version", Error, "An object of an API version that the operator does not serve.";
    UnknownKind, "unknown-kind", Error, "A kind that the operator does not have.";
    UnknownField, "unknown-field", Error, "A field that the kind does not have.";
    TooNew, "too-new", Error, "A field or word that came with a later version of the operator.";
    MissingField, "missing-field", Error, "A field that has to be there.";
    WrongType, "wrong-type", Error, "A value of another type than its field takes.";
    NotAllowed, "not-allowed", Error, "A value that its field does not take.";
    OnlyOne, "only-one", Error, "None or several fields where exactly one has to be.";
    BadName, "bad-name", Error, "A name that is missing, or that Kubernetes refuses.";
    BadNamespace, "bad-namespace", Error, "A namespace that Kubernetes refuses.";
    BadKey, "bad-key", Error, "A key of a Secret that Kubernetes refuses.";
    BadInterval, "bad-interval", Error, "A duration that Go does not read, or a negative one.";
    NothingRead, "nothing-read", Error, "Neither `data` nor `dataFrom`.";
    OneSource, "one-source", Error, "An entry of `dataFrom` with none or several of `extract`, `find` and a generator.";
    DeletionPolicy, "deletion-policy", Error, "A deletion policy that the creation policy rules out.";
    DuplicateKey, "duplicate-key", Error, "A `secretKey` that stands twice.";
    TokenTemplate, "token-template", Error, "A template that would make a token of the cluster.";
    TemplateTarget, "template-target", Error, "A target of `templateFrom` that no Secret has.";
    StoreReference, "store-reference", Error, "A reference of a SecretStore into another namespace.";
    StoreAuth, "store-auth", Error, "An authentication that lacks what it logs in with.";
    StoreTls, "store-tls", Error, "A client certificate without its key, or the reverse.";
    StoreCheckAndSet, "store-check-and-set", Error, "Check-and-set for a mount of version 1.";
    BadRegex, "bad-regex", Error, "A regular expression that cannot be compiled.";
    NoStore, "no-store", Error, "An entry that names no store, in an ExternalSecret that names none.";
    UnknownStore, "unknown-store", Warning, "A store that is not among the documents at hand.";
    StoreDenies, "store-denies", Error, "A store whose conditions leave the namespace out.";
    NeedsVersion2, "needs-version-2", Error, "Metadata or tags of a mount of version 1, which has none.";
    KeyWithSlash, "key-with-slash", Warning, "A key of Vault that begins with a slash, which the operator passes over.";
    KeyWithMount, "key-with-mount", Warning, "A key of Vault that begins with the mount, which the operator cuts off.";
    NotInPolicy, "not-in-policy", Error, "A path that the policy does not let the operator read.";
    SameTarget, "same-target", Error, "Two ExternalSecrets that own one Secret.";
    Guessing, "guessing", Warning, "`decodingStrategy: Auto`, which decodes texts that happen to be base64.";
    SeveralAuths, "several-auths", Warning, "Several ways to log in, of which the operator takes one.";
    NoLogin, "no-login", Error, "An `auth` that names no way to log in.";
    NoPath, "no-path", Warning, "A store without `path`: the first part of each key is taken for the mount.";
    StoreCa, "store-ca", Error, "A certificate authority that is given twice, or cannot be found.";
    MissingDefault, "missing-default", Note, "A field that the API server fills in, so that the object differs from its file.";
    IntervalSpelling, "interval-spelling", Note, "A duration that the operator spells in another way.";
    Unreadable, "unreadable", Error, "A file that mentions External Secrets and cannot be read as YAML or JSON.";
    LoginFailed, "login-failed", Error, "A store whose login Vault does not take, or that cannot be tried with what is in the cluster.";
    Denied, "denied", Error, "A path that the store's login may not read.";
    MissingPath, "missing-path", Error, "A path at which nothing lies in Vault.";
    MissingVersion, "missing-version", Error, "A version that a path in Vault does not have.";
    DeletedVersion, "deleted-version", Error, "A version that was deleted or destroyed in Vault.";
    MissingProperty, "missing-property", Error, "A property that a path in Vault does not have.";
    NotBase64, "not-base64", Error, "A value in Vault that is not base64, where the entry decodes it.";
    NotApplied, "not-applied", Warning, "An ExternalSecret that is not in the cluster, or there in another version.";
    NotSynced, "not-synced", Error, "An ExternalSecret that the operator could not make a Secret of.";
    MissingSecret, "missing-secret", Error, "A Secret that is not in the cluster.";
    OtherOwner, "other-owner", Error, "A Secret that belongs to somebody else.";
    Differs, "differs", Error, "A Secret that does not hold what lies in Vault.";
    NotTried, "not-tried", Note, "What cannot be asked from here, or not be foretold.";
}

impl Rule {
    /// Who would refuse what it finds: the table lists what the API server refuses, then what the operator does.
    #[must_use]
    pub fn by(self) -> By {
        match self {
            _ if self <= Self::BadKey => By::Schema,
            _ if self <= Self::BadRegex => By::Webhook,
            _ if self <= Self::Unreadable => By::Nobody,
            _ => By::Online,
        }
    }
}
