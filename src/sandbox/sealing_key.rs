//! A key pair to seal with, as the controller makes one: RSA, with a certificate that it signed itself. Made anew for
//! each sandbox, it opens nothing anywhere else.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rand_core::OsRng;
use rsa::RsaPrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};
use rsa::pkcs1v15::SigningKey;
use rsa::signature::{SignatureEncoding, Signer};
use sha2::Sha256;
use x509_cert::certificate::{Certificate, TbsCertificate, Version};
use x509_cert::der::asn1::{Any, BitString, ObjectIdentifier, UtcTime};
use x509_cert::der::{self, Encode};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};
use zeroize::Zeroizing;

/// `sha256WithRSAEncryption` (RFC 8017 §A.2.4).
const SIGNATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

/// The smallest that sealing takes: a rehearsal is to be quick.
const BITS: usize = 2048;

/// As long as the controller's own: ten years.
const LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// A key pair in PEM.
pub(super) struct SealingKey {
    /// The certificate.
    pub(super) certificate: String,
    /// The private key, PKCS#1.
    pub(super) private: Zeroizing<String>,
}

impl SealingKey {
    /// Makes one that is valid from now on; nothing where there is no randomness.
    pub(super) fn generate() -> Option<Self> {
        let key = RsaPrivateKey::new(&mut OsRng, BITS).ok()?;
        let private = key.to_pkcs1_pem(LineEnding::LF).ok()?;
        Some(Self { certificate: pem(&certificate(key).ok()?), private })
    }
}

/// A certificate of the oldest version, which is the one without extensions; its names are empty, as the controller's.
fn certificate(key: RsaPrivateKey) -> der::Result<Vec<u8>> {
    let algorithm = AlgorithmIdentifierOwned { oid: SIGNATURE, parameters: Some(Any::null()) };
    let now = Duration::from_secs(u64::try_from(Timestamp::now().as_second()).unwrap_or_default());
    let time = |at| Ok::<_, der::Error>(Time::UtcTime(UtcTime::from_unix_duration(at)?));
    let tbs_certificate = TbsCertificate {
        version: Version::V1,
        serial_number: SerialNumber::new(&[1])?,
        signature: algorithm.clone(),
        issuer: Name::default(),
        validity: Validity { not_before: time(now)?, not_after: time(now + LIFE)? },
        subject: Name::default(),
        subject_public_key_info: SubjectPublicKeyInfoOwned::from_key(key.to_public_key())
            .map_err(|_| der::ErrorKind::Failed)?,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: None,
    };
    let signature = SigningKey::<Sha256>::new(key).sign(&tbs_certificate.to_der()?);
    let signature = BitString::from_bytes(&signature.to_vec())?;
    Certificate { tbs_certificate, signature_algorithm: algorithm, signature }.to_der()
}

/// RFC 7468.
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    lines + "-----END CERTIFICATE-----\n"
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::SealingKey;
    use crate::plain::Plain;
    use crate::seal::{Certificate, PrivateKeys};

    #[test]
    fn its_certificate_and_its_private_key_are_one_pair() {
        let made = SealingKey::generate().unwrap();
        let certificate = Certificate::from_pem(made.certificate.as_bytes()).unwrap();
        certificate.check(Timestamp::now()).unwrap();
        let mut keys = PrivateKeys::new();
        keys.add("key".as_ref(), &Plain::from(made.private.to_string())).unwrap();
        let key = keys.iter().next().unwrap();
        assert_eq!(key.recipient().fingerprint(), certificate.recipient.fingerprint());
    }
}
