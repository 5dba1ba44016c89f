//! What cannot be sealed or unsealed, and what helps.

use std::path::PathBuf;

use super::Scope;

/// Why something was not sealed or unsealed. Holds names and places, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The source of randomness failed.
    #[error("the system gives no random bytes")]
    Randomness,
    /// More than AES-GCM takes.
    #[error("a value is larger than 64 GiB")]
    TooLarge,
    /// A sealed value that ends before its parts do.
    #[error("SealedSecret data is too short")]
    TooShort,
    /// No key opens one value.
    #[error("no key could decrypt secret")]
    NoKey,
    /// No key opens these items.
    #[error("no key could decrypt secret ({})", .0.join(", "))]
    NoKeyFor(Vec<String>),
    /// A modulus that is too small to be safe or too large to be meant.
    #[error("the RSA key has {bits} bits; 2048 to 8192 can be used")]
    KeySize {
        /// Its size.
        bits: u32,
    },
    /// A modulus or exponent that cannot be one.
    #[error("the RSA key is broken: its modulus or exponent is even or out of range")]
    UnusableKey,
    /// PEM without a certificate.
    #[error("data does not contain any valid RSA or ECDSA certificates")]
    NoCertificate,
    /// A certificate that is none.
    #[error("the certificate cannot be read: {0}")]
    BrokenCertificate(String),
    /// A certificate of another kind of key.
    #[error("expected RSA public key but found {0}")]
    NotRsa(String),
    /// A certificate after its end.
    #[error("failed to encrypt using an expired certificate on {on}")]
    Expired {
        /// The day, as `January 2, 2006`.
        on: String,
    },
    /// A certificate before its beginning.
    #[error("the certificate is not valid before {from}")]
    NotYetValid {
        /// The day, as `January 2, 2006`.
        from: String,
    },
    /// A file without a private key.
    #[error("{} holds no private key: neither PEM, nor a Secret with `tls.key`, nor a List of such", .0.display())]
    NoPrivateKey(PathBuf),
    /// A Secret in a key backup that holds no key.
    #[error("secret must contain a 'tls.data' key")]
    NoKeyInSecret,
    /// A private key that cannot be read.
    #[error("a private key in {} cannot be used: {reason}", file.display())]
    BrokenPrivateKey {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// A backup that cannot be opened.
    #[error("cannot open the backup {}: {reason}", file.display())]
    Backup {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: &'static str,
        /// What would help.
        hint: &'static str,
    },
    /// A file of private keys of age that cannot be used.
    #[error("cannot use the identity {}: {reason}", file.display())]
    Identity {
        /// The file.
        file: PathBuf,
        /// Why; never a line of it.
        reason: String,
        /// What would help.
        hint: &'static str,
    },
    /// A recipient of age that is none.
    #[error("line {number} of the recipients is {what}, not `age1…`")]
    NoHolder {
        /// The line, from 1.
        number: usize,
        /// What it is instead.
        what: &'static str,
    },
    /// A backup that was not encrypted, and so not written.
    #[error("the backup cannot be encrypted")]
    NotEncrypted,
    /// A scope of another name.
    #[error("must be one of: strict, namespace-wide, cluster-wide")]
    UnknownScope,
    /// A document that is not what was wanted.
    #[error("{place}: {complaint}")]
    Document {
        /// `FILE:LINE (document N)`.
        place: String,
        /// What is wrong.
        complaint: String,
        /// What would help.
        hint: Option<String>,
    },
    /// A Secret without items.
    #[error(
        "secret.data is empty in input Secret, assuming this is an error and aborting. To work with empty data, \
         --allow-empty-data can be used"
    )]
    Empty,
    /// A Secret without a name.
    #[error("missing metadata.name in input Secret")]
    NoName,
    /// A Secret that is bound to a namespace and has none.
    #[error("secret must declare a namespace")]
    NoNamespace,
    /// An item that is not base64.
    #[error("illegal base64 data at input byte {at} ({key})")]
    Base64 {
        /// The item.
        key: String,
        /// The byte at which it stops to be base64.
        at: usize,
    },
    /// The old form, one blob for all of a Secret.
    #[error("using deprecated 'data' field, use 'encryptedData' or flip the feature flag")]
    DeprecatedData,
    /// A template whose language is not spoken here.
    #[error("cannot render `spec.template.data.{key}`: {reason}")]
    Template {
        /// The item.
        key: String,
        /// What of it.
        reason: String,
    },
    /// An item that was not sealed anew.
    #[error("the item `{0}` was not sealed anew")]
    NotRenewed(String),
    /// Items that were sealed anew for another place.
    #[error("the items were sealed anew for another place: {other} and not {own}, or under another name")]
    RenewedElsewhere {
        /// The scope of the file.
        own: Scope,
        /// That of what came back.
        other: Scope,
    },
    /// More than one of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<Error>),
    /// An item that would be sealed under another scope than its neighbours.
    #[error("{} is sealed {file_scope}; an item sealed {asked} in it could not be unsealed", file.display())]
    OtherScope {
        /// The file.
        file: PathBuf,
        /// Its scope.
        file_scope: Scope,
        /// The one asked for.
        asked: Scope,
    },
}

impl From<crate::yaml::Error> for Error {
    fn from(error: crate::yaml::Error) -> Self {
        let place = error.place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        let place = format!("{}{place}", error.file.display());
        Self::Document { place, complaint: error.message, hint: error.hint }
    }
}

impl Error {
    /// A complaint about what stands at a place.
    pub(super) fn document(place: &str, complaint: impl Into<String>, hint: Option<&str>) -> Self {
        Self::Document { place: place.to_owned(), complaint: complaint.into(), hint: hint.map(str::to_owned) }
    }

    /// All of them as one; nothing where there are none.
    pub(super) fn all(mut errors: Vec<Self>) -> Result<(), Self> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several(errors)),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Document { hint, .. } => return hint.clone(),
            Self::Several(errors) => return errors.iter().find_map(Self::hint),
            Self::Backup { hint, .. } | Self::Identity { hint, .. } => (*hint).to_owned(),
            Self::NoHolder { .. } => "`age-keygen -y IDENTITY` prints the recipient of a private key".into(),
            Self::Randomness | Self::TooLarge | Self::Empty | Self::NotEncrypted => return None,
            Self::TooShort | Self::Base64 { .. } => "the value was cut or changed: seal it again".into(),
            Self::NoKey | Self::NoKeyFor(_) => {
                "it was sealed for another cluster, namespace, name or scope, or its key is not among these".into()
            }
            Self::KeySize { .. } | Self::UnusableKey | Self::NoCertificate | Self::BrokenCertificate(_) | Self::NotRsa(_) => {
                "fetch the controller's own: `kubeseal --fetch-cert`".into()
            }
            Self::Expired { .. } => "fetch the new one: the controller renews it every 30 days".into(),
            Self::NotYetValid { .. } => "check the clock of this machine".into(),
            Self::NoPrivateKey(_) | Self::NoKeyInSecret | Self::BrokenPrivateKey { .. } => {
                "back keys up with `kubectl get secret -n kube-system -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml`"
                    .into()
            }
            Self::UnknownScope => "leave it out for strict".into(),
            Self::NoName => "name it in `metadata.name` or with `--name`".into(),
            Self::NoNamespace => "name it in `metadata.namespace` or with `--namespace`".into(),
            Self::NotRenewed(_) => "seal its value again from where it comes from".into(),
            Self::RenewedElsewhere { .. } => {
                "controllers before v0.36 take the scope from the template: update it, or say the scope there as well"
                    .into()
            }
            Self::DeprecatedData => "seal its values again, one by one".into(),
            Self::Template { .. } => "the controller can render it: apply the SealedSecret instead".into(),
            Self::OtherScope { file_scope, .. } => format!("leave `--scope` out, or write `--scope {file_scope}`"),
        })
    }
}
