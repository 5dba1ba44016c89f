//! The rules: each has a word that scripts may know it by, a severity, whose refusal it is, and a sentence on what it is
//! about.

use std::fmt;

use crate::seal::verify::Severity;

/// Who would refuse what a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The API server, by the schema of the kind.
    Schema,
    /// The webhook of the operator, or the operator where there is none.
    Webhook,
    /// Nobody: it is taken, and fails later or means something else.
    Nobody,
}

macro_rules! rules {
    ($($variant:ident, $word:literal, $severity:ident, $by:ident, $about:literal;)*) => {
        /// What a finding is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $about] $variant,)*
        }

        impl Rule {
            /// All of them, in the order in which documents list them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// How bad a finding of it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Who would refuse what it finds.
            #[must_use]
            pub fn by(self) -> By {
                match self { $(Self::$variant => By::$by,)* }
            }

            /// What it is about, in a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

rules! {
    UnservedVersion, "unserved-version", Error, Schema, "An object of an API version that the operator does not serve.";
    UnknownField, "unknown-field", Error, Schema, "A field that the kind does not have.";
    TooNew, "too-new", Error, Schema, "A field or word that came with a later version of the operator.";
    MissingField, "missing-field", Error, Schema, "A field that has to be there.";
    WrongType, "wrong-type", Error, Schema, "A value of another type than its field takes.";
    NotAllowed, "not-allowed", Error, Schema, "A word that its field does not take.";
    OnlyOne, "only-one", Error, Schema, "None or several fields where exactly one has to be.";
    BadName, "bad-name", Error, Schema, "A name that is missing, or that Kubernetes refuses.";
    BadNamespace, "bad-namespace", Error, Schema, "A namespace that Kubernetes refuses.";
    BadKey, "bad-key", Error, Schema, "A key of a Secret that Kubernetes refuses.";
    BadInterval, "bad-interval", Error, Webhook, "A duration that Go does not read, or a negative one.";
    NothingRead, "nothing-read", Error, Webhook, "Neither `data` nor `dataFrom`.";
    OneSource, "one-source", Error, Webhook, "An entry of `dataFrom` with none or several of `extract`, `find` and a generator.";
    DeletionPolicy, "deletion-policy", Error, Webhook, "A deletion policy that the creation policy rules out.";
    DuplicateKey, "duplicate-key", Error, Webhook, "A `secretKey` that stands twice.";
    TokenTemplate, "token-template", Error, Webhook, "A template that would make a token of the cluster.";
    TemplateTarget, "template-target", Error, Webhook, "A target of `templateFrom` that no Secret has.";
    StoreReference, "store-reference", Error, Webhook, "A reference of a SecretStore into another namespace.";
    StoreAuth, "store-auth", Error, Webhook, "An authentication that lacks what it logs in with.";
    StoreTls, "store-tls", Error, Webhook, "A client certificate without its key, or the reverse.";
    StoreCheckAndSet, "store-check-and-set", Error, Webhook, "Check-and-set for a mount of version 1.";
    BadRegex, "bad-regex", Error, Webhook, "A regular expression that cannot be compiled.";
    NoStore, "no-store", Error, Nobody, "An entry that names no store, in an ExternalSecret that names none.";
    UnknownStore, "unknown-store", Warning, Nobody, "A store that is not among the documents at hand.";
    KeyWithSlash, "key-with-slash", Error, Nobody, "A key of Vault that begins with a slash.";
    KeyWithMount, "key-with-mount", Warning, Nobody, "A key of Vault that begins with the mount, which the operator cuts off.";
    NotInPolicy, "not-in-policy", Error, Nobody, "A path that the policy does not let the operator read.";
    SameTarget, "same-target", Error, Nobody, "Two ExternalSecrets that own one Secret.";
    Guessing, "guessing", Warning, Nobody, "`decodingStrategy: Auto`, which decodes texts that happen to be base64.";
    SeveralAuths, "several-auths", Warning, Nobody, "Several ways to log in, of which the operator takes one.";
    NoPath, "no-path", Warning, Nobody, "A store without `path`: the first part of each key is taken for the mount.";
    StoreCa, "store-ca", Error, Nobody, "A certificate authority that is given twice, or cannot be found.";
    MissingDefault, "missing-default", Note, Nobody, "A field that the API server fills in, so that the object differs from its file.";
    IntervalSpelling, "interval-spelling", Note, Nobody, "A duration that the operator spells in another way.";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
