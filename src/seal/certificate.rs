//! Certificates of the controller: the key to seal with, and until when it may be used.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Reader, SliceReader};
use x509_cert::spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::time::Time;

use super::{Error, Recipient, pem};

/// `rsaEncryption` (RFC 8017 §A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-ecPublicKey` (RFC 5480 §2.1.1).
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// A certificate to seal with, or a bare public key, which never expires.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Whom it seals for.
    pub recipient: Recipient,
    /// From when it may be used; nothing for a bare key.
    pub not_before: Option<Timestamp>,
    /// Until when it may be used; nothing for a bare key.
    pub not_after: Option<Timestamp>,
    /// The SHA-256 of the certificate (of the key where it is bare) in DER, as lower-case hexadecimal digits.
    pub sha256: String,
}

impl Certificate {
    /// The first certificate of a PEM text, as the controller serves it. Certificates of a chain after it must be
    /// readable too, whatever their keys; other blocks, and text between blocks, are passed over.
    ///
    /// # Errors
    /// No certificate, a broken one, a first one whose key is not RSA of 2048 to 8192 bits.
    pub fn from_pem(text: &[u8]) -> Result<Self, Error> {
        let blocks = certificates(text);
        for block in &blocks {
            CertificateInner::<Raw>::from_der(block).map_err(|error| broken(&error))?;
        }
        Self::from_der(blocks.first().ok_or(Error::NoCertificate)?)
    }

    /// All certificates of a PEM text, each to seal with; at least one.
    ///
    /// # Errors
    /// As [`Certificate::from_pem`], of any of them.
    pub fn chain(text: &[u8]) -> Result<Vec<Self>, Error> {
        let all: Vec<Self> =
            certificates(text).iter().map(|der| Self::from_der(der)).collect::<Result<_, _>>()?;
        if all.is_empty() { Err(Error::NoCertificate) } else { Ok(all) }
    }

    /// Whether a PEM text holds a certificate that can be read, whatever its key.
    #[must_use]
    pub fn is_in(text: &[u8]) -> bool {
        certificates(text).iter().any(|der| CertificateInner::<Raw>::from_der(der).is_ok())
    }

    /// As [`Certificate::from_pem`], taking a bare `PUBLIC KEY` where there is no certificate. Nobody has said until
    /// when such a key is to be used, so this is not for keys that are fetched anew each time.
    ///
    /// # Errors
    /// As [`Certificate::from_pem`].
    pub fn from_pem_or_key(text: &[u8]) -> Result<Self, Error> {
        let readable = String::from_utf8_lossy(text);
        let bare = pem::blocks(&readable).find(|block| block.label == "PUBLIC KEY");
        match (Self::from_pem(text), bare) {
            (Err(Error::NoCertificate), Some(block)) => Self::bare(&block.bytes),
            (certificate, _) => certificate,
        }
    }

    fn bare(der: &[u8]) -> Result<Self, Error> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|error| broken(&error))?;
        let key = info.subject_public_key.as_bytes().unwrap_or_default();
        let recipient = recipient(info.algorithm.oid, key)?;
        Ok(Self { recipient, not_before: None, not_after: None, sha256: hex(der) })
    }

    fn from_der(der: &[u8]) -> Result<Self, Error> {
        // Serial numbers and names are of no interest here, so they may be as odd as they like.
        let read = CertificateInner::<Raw>::from_der(der).map_err(|error| broken(&error))?;
        let SubjectPublicKeyInfoOwned { algorithm, subject_public_key } =
            read.tbs_certificate.subject_public_key_info;
        let validity = read.tbs_certificate.validity;
        Ok(Self {
            recipient: recipient(algorithm.oid, subject_public_key.raw_bytes())?,
            not_before: timestamp(validity.not_before),
            not_after: timestamp(validity.not_after),
            sha256: hex(der),
        })
    }

    /// Refuses a certificate after its end, as kubeseal does; there is no way around it.
    ///
    /// # Errors
    /// [`Error::Expired`].
    pub fn check_end(&self, now: Timestamp) -> Result<(), Error> {
        match self.not_after {
            Some(end) if now > end => Err(Error::Expired { on: day(end) }),
            _ => Ok(()),
        }
    }

    /// Refuses a certificate outside its time.
    ///
    /// # Errors
    /// [`Error::Expired`], [`Error::NotYetValid`].
    pub fn check(&self, now: Timestamp) -> Result<(), Error> {
        match self.not_before {
            Some(begin) if now < begin => Err(Error::NotYetValid { from: day(begin) }),
            _ => self.check_end(now),
        }
    }
}

/// The certificates of a PEM text, in DER.
fn certificates(text: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(text);
    let blocks = pem::blocks(&text).filter(|block| block.label == "CERTIFICATE" && !block.has_headers);
    blocks.map(|block| block.bytes.to_vec()).collect()
}

/// The key of a certificate (RFC 8017 §A.1.1).
fn recipient(algorithm: ObjectIdentifier, key: &[u8]) -> Result<Recipient, Error> {
    if algorithm != RSA {
        let name =
            if algorithm == EC { "an ECDSA key".into() } else { format!("a key of algorithm {algorithm}") };
        return Err(Error::NotRsa(name));
    }
    let read = |reader: &mut SliceReader<'_>| {
        reader.sequence(|fields| {
            let (modulus, exponent) = (UintRef::decode(fields)?, UintRef::decode(fields)?);
            Ok((modulus.as_bytes().to_vec(), exponent.as_bytes().to_vec()))
        })
    };
    let (modulus, exponent) =
        SliceReader::new(key).and_then(|mut reader| read(&mut reader)).map_err(|error| broken(&error))?;
    Recipient::new(&modulus, &exponent)
}

fn broken(error: &x509_cert::der::Error) -> Error {
    Error::BrokenCertificate(error.to_string())
}

fn timestamp(time: Time) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(time.to_unix_duration().as_secs()).ok()?).ok()
}

/// A day as Go's layout `January 2, 2006` writes it, in UTC as certificates are.
fn day(time: Timestamp) -> String {
    time.strftime("%B %-d, %Y").to_string()
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}
