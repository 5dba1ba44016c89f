//! The text forms of a private key, and the public half of each: OpenSSH, PKCS#8 (RFC 5958), PKCS#1
//! (RFC 8017), SEC 1 (RFC 5915).

use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::der::asn1::{AnyRef, BitStringRef, ContextSpecific, OctetStringRef};
use rsa::pkcs8::der::{self, Decode, Reader, SecretDocument, TagNumber};
use rsa::pkcs8::{ObjectIdentifier, PrivateKeyInfo};
use ssh_key::private::Ed25519Keypair;
use ssh_key::public::{EcdsaPublicKey, Ed25519PublicKey, KeyData, RsaPublicKey};
use ssh_key::{PrivateKey, PublicKey};

use super::pair::Unreadable;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

const NO_KEY: Unreadable = Unreadable::because("it is not a private key");
const BROKEN: Unreadable = Unreadable::because("it begins as a private key but cannot be read as one");
const OTHER_KIND: Unreadable =
    Unreadable::because("it is of a kind that Git hosts do not take; they take Ed25519, ECDSA and RSA");
const ENCRYPTED: Unreadable = Unreadable::because("it is encrypted with a passphrase")
    .try_this("take the passphrase off with `ssh-keygen -p -N '' -f FILE`");
const NO_PUBLIC_HALF: Unreadable = Unreadable::because("it is an ECDSA key without its public half")
    .try_this("rewrite it in OpenSSH's format with `ssh-keygen -p -N '' -f FILE`");

/// The public half of a private key.
pub(super) fn public_half(text: &str) -> Result<PublicKey, Unreadable> {
    let Some(label) = label(text) else { return Err(NO_KEY) };
    if label == "ENCRYPTED PRIVATE KEY" || text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(ENCRYPTED);
    }
    if label == "OPENSSH PRIVATE KEY" {
        return openssh(text);
    }
    if !["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"].contains(&label) {
        return Err(NO_KEY);
    }
    let (_, document) = SecretDocument::from_pem(text.trim()).map_err(|_| BROKEN)?;
    let data = match label {
        "PRIVATE KEY" => pkcs8(document.as_bytes())?,
        "RSA PRIVATE KEY" => rsa(rsa::RsaPrivateKey::from_pkcs1_der(document.as_bytes()).ok())?,
        _ => sec1(document.as_bytes())?,
    };
    Ok(PublicKey::new(data, ""))
}

/// The label of the first PEM block, if the text begins with one.
fn label(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix("-----BEGIN ")?.split_once("-----").map(|(label, _)| label)
}

fn openssh(text: &str) -> Result<PublicKey, Unreadable> {
    let key = PrivateKey::from_openssh(text.trim()).map_err(|_| BROKEN)?;
    if key.is_encrypted() {
        return Err(ENCRYPTED);
    }
    let data = key.public_key().key_data();
    if data.is_ed25519() || data.is_ecdsa() || data.is_rsa() {
        Ok(key.public_key().clone())
    } else {
        Err(OTHER_KIND)
    }
}

fn pkcs8(bytes: &[u8]) -> Result<KeyData, Unreadable> {
    let info = PrivateKeyInfo::from_der(bytes).map_err(|_| BROKEN)?;
    match info.algorithm.oid {
        RSA => rsa(rsa::RsaPrivateKey::from_pkcs1_der(info.private_key).ok()),
        EC => sec1(info.private_key),
        ED25519 => {
            // RFC 8410: an OCTET STRING in the OCTET STRING.
            let seed = OctetStringRef::from_der(info.private_key).map_err(|_| BROKEN)?;
            let seed: &[u8; 32] = seed.as_bytes().try_into().map_err(|_| BROKEN)?;
            Ok(KeyData::Ed25519(Ed25519PublicKey::from(&Ed25519Keypair::from_seed(seed))))
        }
        _ => Err(OTHER_KIND),
    }
}

fn rsa(key: Option<rsa::RsaPrivateKey>) -> Result<KeyData, Unreadable> {
    let public = key.ok_or(BROKEN)?.to_public_key();
    RsaPublicKey::try_from(public).map(KeyData::Rsa).map_err(|_| BROKEN)
}

/// The public half that an `ECPrivateKey` may carry in its field `[1]`; Go and OpenSSL write it.
fn sec1(bytes: &[u8]) -> Result<KeyData, Unreadable> {
    let point = AnyRef::from_der(bytes)
        .and_then(|any| any.sequence(public_point))
        .map_err(|_| BROKEN)?
        .ok_or(NO_PUBLIC_HALF)?;
    EcdsaPublicKey::from_sec1_bytes(point).map(KeyData::Ecdsa).map_err(|_| OTHER_KIND)
}

fn public_point<'a>(fields: &mut impl Reader<'a>) -> der::Result<Option<&'a [u8]>> {
    u8::decode(fields)?;
    OctetStringRef::decode(fields)?;
    ContextSpecific::<AnyRef<'_>>::decode_explicit(fields, TagNumber::N0)?;
    let point = ContextSpecific::<BitStringRef<'_>>::decode_explicit(fields, TagNumber::N1)?;
    Ok(point.and_then(|point| point.value.as_bytes()))
}
