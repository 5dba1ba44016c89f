//! Private keys in PEM.

use crate::scan::rule::{Check, Form, Rule};

/// A PEM block (RFC 7468) with the headers of RFC 1421: in lines of their own, or with escaped ends of lines within a
/// string, in quotes, as a comment. The end may be missing. Where the key is always written in one way, its own beginning
/// is known. The header is put together here, so that nobody takes this file for a key.
macro_rules! pem {
    ($kind:literal, $begin:literal) => {
        concat!(
            "-----BEGIN ",
            $kind,
            r##"-----(?:[\s"'`+,#*]|\\+[nrt]?)*(?:[A-Z][A-Za-z-]{2,20}: [^\n\\"]{1,80}(?:[\s"'`+,#*]|\\+[nrt]?)+)*"##,
            $begin,
            r##"[A-Za-z0-9+/]{40,}={0,2}(?:(?:[\s"'`+,#*]|\\+[nrt]?)+[A-Za-z0-9+/]{16,}={0,2})*"##,
            r##"(?:(?:[\s"'`+,#*]|\\+[nrt]?)+(?:[A-Za-z0-9+/=]{1,76}(?:[\s"'`+,#*]|\\+[nrt]?)+){0,2}-----END "##,
            $kind,
            "-----)?"
        )
    };
}

/// How such a block begins, in small letters.
macro_rules! begin {
    ($kind:literal) => {
        concat!("-----begin ", $kind, "-----")
    };
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "rsa-private-key",
        issuer: "PKCS #1",
        what: "an RSA private key",
        source: "https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2",
        form: Form::Block { anchor: begin!("rsa private key"), regex: pem!("RSA PRIVATE KEY", "") },
        check: Check::Form,
        examples: &[
            "-----BE·GIN RSA PRIVATE KEY-----\nI9dhqyuACCmsBsK0A2rR/n/P1SVWMxlv7BSDlO5pW7N+mDOAbgdXFJILrteivLcd\nt0NZxrgpOeVWNvQptY8PfxQpMCws415lB+1vtzBpDEEQ0Q8J4DE5E5OzMwj4yqGc\n-----E·ND RSA PRIVATE KEY-----",
            "tls.key: |\n  -----BE·GIN RSA PRIVATE KEY-----\n  6x6//lOIlta8JV0o/NiGzdcUuUnOlU16+Nq48prNmlJiusd0tnytS49+49Pvh8Af\n  vc+hM9buGaQ3wm5IOWyW6iioDaLT2XM0V38Srf77bFptuIJ6+vnP6Jzm+i9ZfngC\n  -----E·ND RSA PRIVATE KEY-----",
            r#""key": "-----BE·GIN RSA PRIVATE KEY-----\nH5K5r1ZNIevFv0NyiA1fA6cvBb9RePTpFoR1GfdyJMnUYwK2ljKvu2Z8v2KNj/U5\nLpIF9w8wyr9ARWIMIyGqyKNSDK+DzVGS7fujrjFXznZYoaRR4zNsPtZ9wgpfRXwH\n-----E·ND RSA PRIVATE KEY-----\n""#,
            "-----BE·GIN RSA PRIVATE KEY-----\nTHtVoTUrwOj20ncgHoyB0p6rzHqYGR2+4zUitZRye69Sqj6V0PywHlBKe1wxfWSO\nypFqIkba32zFZw9zo8WKBnzuxYbc5ZcLXOGZDnsrACyBL+cwXXXcvn+Sk72Xn9hY",
        ],
        others: &[
            "-----BE·GIN RSA PRIVATE KEY-----\n...",
            "it begins with -----BE·GIN RSA PRIVATE KEY----- and ends with its end",
        ],
    },
    Rule {
        id: "ec-private-key",
        issuer: "SEC 1",
        what: "a private key of an elliptic curve",
        source: "https://www.rfc-editor.org/rfc/rfc5915",
        form: Form::Block { anchor: begin!("ec private key"), regex: pem!("EC PRIVATE KEY", "") },
        check: Check::Form,
        examples: &[
            "-----BE·GIN EC PRIVATE KEY-----\nV2PWz7AN5hQIrqut4IKF03r3RJC/xj/d+rsA5LGP8COnwl1m8eUsgkvVROASE0Rz\nHJvlI5EuORaHA1BNGlAzPImCIbW/gYhP26CFIGeQ/EyHnHqJjnmO+2aMJ0Cpoj+5\n-----E·ND EC PRIVATE KEY-----",
        ],
        others: &["-----BE·GIN EC PRIVATE KEY-----\n..."],
    },
    Rule {
        id: "dsa-private-key",
        issuer: "OpenSSL",
        what: "a DSA private key",
        source: "https://docs.openssl.org/3.0/man1/openssl-dsa/",
        form: Form::Block { anchor: begin!("dsa private key"), regex: pem!("DSA PRIVATE KEY", "") },
        check: Check::Form,
        examples: &[
            "-----BE·GIN DSA PRIVATE KEY-----\nyylKnk52rQeS1B/vjupWn6vCDt6mAhyovr7QQM8u3Esjriv0FaH7fb/0HJQL0skn\nFRsvP9yRY/6lnADFE/MB4mPrdmjPq3V9ZEu2DujnT+0qVpxVU8D8aYJpLGbI/gq+\n-----E·ND DSA PRIVATE KEY-----",
        ],
        others: &["-----BE·GIN DSA PRIVATE KEY-----\n..."],
    },
    Rule {
        id: "pkcs8-private-key",
        issuer: "PKCS #8",
        what: "a private key",
        source: "https://www.rfc-editor.org/rfc/rfc7468#section-10",
        form: Form::Block { anchor: begin!("private key"), regex: pem!("PRIVATE KEY", "M") },
        check: Check::Form,
        examples: &[
            "-----BE·GIN PRIVATE KEY-----\nMOdYNCeifMY3MMD9i0GR46rz1+PUztp+cRAuXz6Faq0djTYw6E6vdncHV0E4rdQw\n7oxfO/Pfq3zNX6v4Nho3va+JsDSkjkJ8DxgKJgZVTNsmHvPVTarGaBXVp5hyxuVE\n-----E·ND PRIVATE KEY-----",
        ],
        others: &["-----BE·GIN PRIVATE KEY-----\n..."],
    },
    Rule {
        id: "pkcs8-encrypted-private-key",
        issuer: "PKCS #8",
        what: "a private key encrypted with a password",
        source: "https://www.rfc-editor.org/rfc/rfc7468#section-11",
        form: Form::Block {
            anchor: begin!("encrypted private key"),
            regex: pem!("ENCRYPTED PRIVATE KEY", "M"),
        },
        check: Check::Form,
        examples: &[
            "-----BE·GIN ENCRYPTED PRIVATE KEY-----\nMnWA8ZWgCwlbMpBo5VCkXcs0ZWJFsU/aer7IK1LcWpr+ZjPGWbpdrL2gEanXVWLh\nEczT8AFovpUPLxnsHtjCkiSJNRVteYsXXGegfwzZPdDINh5B0YUvfNbHO16iDc+P\n-----E·ND ENCRYPTED PRIVATE KEY-----",
        ],
        others: &["-----BE·GIN ENCRYPTED PRIVATE KEY-----\n..."],
    },
    Rule {
        id: "openssh-private-key",
        issuer: "OpenSSH",
        what: "a private key",
        source: "https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key",
        form: Form::Block {
            anchor: begin!("openssh private key"),
            regex: pem!("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEA"),
        },
        check: Check::Form,
        examples: &[
            "-----BE·GIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAiPJ8tQ/n92h2b2kkCt0c4XuLs8C++ue9JW0a1+cyqBAt\n5rfw4TbVBIG+fEs7sNqt+o5m14kISzsPonNHEFEegc80cU61GSvQ0HRNXdB/VgkR\n-----E·ND OPENSSH PRIVATE KEY-----",
        ],
        others: &["-----BE·GIN OPENSSH PRIVATE KEY-----\n..."],
    },
    Rule {
        id: "pgp-private-key",
        issuer: "OpenPGP",
        what: "a private key",
        source: "https://www.rfc-editor.org/rfc/rfc9580#section-6.2",
        form: Form::Block {
            anchor: begin!("pgp private key block"),
            regex: pem!("PGP PRIVATE KEY BLOCK", ""),
        },
        check: Check::Form,
        examples: &[
            "-----BE·GIN PGP PRIVATE KEY BLOCK-----\nE+62o0yXLpRpgKGhACku6L3l4kaifAtmxYSIMHauF+yg+98u5JZRrRlanJqXQQGE\ndqo/2HWEFe4UOD/wLgGUvDXrgmdU+GdiapGboCEqO2xagyAZjocYet0cOO0daBrQ\n-----E·ND PGP PRIVATE KEY BLOCK-----",
        ],
        others: &["-----BE·GIN PGP PRIVATE KEY BLOCK-----\n..."],
    },
    Rule {
        id: "ed25519-private-key",
        issuer: "Talos",
        what: "an Ed25519 private key",
        source: "https://github.com/siderolabs/crypto/blob/main/x509/ed25519.go",
        form: Form::Block { anchor: begin!("ed25519 private key"), regex: pem!("ED25519 PRIVATE KEY", "") },
        check: Check::Form,
        examples: &[
            "-----BE·GIN ED25519 PRIVATE KEY-----\nuolBrWVHbDZ+w/Qtw/iTmqJ9hWjUUXXKGjVWUd6Qn6gHUUPVyv1lIWxLzjcngTnU\n-----E·ND ED25519 PRIVATE KEY-----",
        ],
        others: &["-----BE·GIN ED25519 PRIVATE KEY-----\n..."],
    },
    Rule {
        id: "cosign-private-key",
        issuer: "Sigstore",
        what: "a private key of cosign",
        source: "https://docs.sigstore.dev/cosign/key_management/signing_with_self-managed_keys/",
        form: Form::Block {
            anchor: begin!("encrypted sigstore private key"),
            regex: pem!("ENCRYPTED SIGSTORE PRIVATE KEY", "eyJ"),
        },
        check: Check::Form,
        examples: &[
            "-----BE·GIN ENCRYPTED SIGSTORE PRIVATE KEY-----\neyJErC/+//6JpoZFGlKpe4005d2rNpaBr8DVj5jndCxa6kfBt3hiW278b0i/W2pi\n2RtDdEyZ86rqyuru2NNKwuggUr3LpGLIhPEP8PQ/V+2KZxfd7Off1p1f0WDEuyaY\n-----E·ND ENCRYPTED SIGSTORE PRIVATE KEY-----",
        ],
        others: &["-----BE·GIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n..."],
    },
    Rule {
        id: "nebula-host-key",
        issuer: "Nebula",
        what: "a private key of a host",
        source: "https://github.com/slackhq/nebula/blob/master/cert/pem.go",
        form: Form::Block {
            anchor: begin!("nebula x25519 private key"),
            regex: pem!("NEBULA X25519 PRIVATE KEY", ""),
        },
        check: Check::Form,
        examples: &[
            "-----BE·GIN NEBULA X25519 PRIVATE KEY-----\nYjBSZlq+JFl0WGbabJZdTCwG2NALCaBINoR0XPQoPKo=\n-----E·ND NEBULA X25519 PRIVATE KEY-----",
        ],
        others: &["-----BE·GIN NEBULA X25519 PRIVATE KEY-----\n..."],
    },
    Rule {
        id: "nebula-ca-key",
        issuer: "Nebula",
        what: "a private key of an authority",
        source: "https://github.com/slackhq/nebula/blob/master/cert/pem.go",
        form: Form::Block {
            anchor: begin!("nebula ed25519 private key"),
            regex: pem!("NEBULA ED25519 PRIVATE KEY", ""),
        },
        check: Check::Form,
        examples: &[
            "-----BE·GIN NEBULA ED25519 PRIVATE KEY-----\nMSIdJNg+ASZD/iIF+I9cMzZUnkcoc82UjefmyGL/HGhJpkGrvdgAP6VXbY2INjxj\nbXO5YCaHEmhLgETWvi4exg==\n-----E·ND NEBULA ED25519 PRIVATE KEY-----",
        ],
        others: &["-----BE·GIN NEBULA ED25519 PRIVATE KEY-----\n..."],
    },
    Rule {
        id: "openvpn-static-key",
        issuer: "OpenVPN",
        what: "a static key",
        source: "https://openvpn.net/community-resources/static-key-mini-howto/",
        form: Form::Block {
            anchor: begin!("openvpn static key v1"),
            regex: r#"-----BEGIN OpenVPN Static key V1-----(?:[\s"'#]|\\+[nrt]?)*(?:[0-9a-f]{32}(?:[\s"'#]|\\+[nrt]?)*){16}"#,
        },
        check: Check::Form,
        examples: &[
            "-----BE·GIN OpenVPN Static key V1-----\n8a0cf27ba4efca1052845d658d3116b6\n28fdbb8880a60e6aff388dc0e6f5c9bf\n6836300c5f126b1bd90245afcd9677f0\ne028fbf6b88a6ab868a8df36b02d1d8f\n3282b1545c7f711bd5592e36dea29ea0\n881f4a2b78737e047f2acccbdd72a8e8\n4cf74bf024d68211857a8b058a54a026\n566b69312b608bdadefa2e129f338213\nf9f885bbf3e8928aee757d5ffb603935\n948a613695fec7583fdcd888f11966c8\n726a78f0e02730bf6bcae9e7f4429264\nc6001ec483e81321d23049248d7ffa11\n8e98db506ced586e8eab4c5eda549f44\na5dbd910cb513419f18926d356826ec2\nd38a13da800ceb3bca7663f075299ca4\n1367e193c6f0d2a831c2a132e0522432\n-----E·ND OpenVPN Static key V1-----",
        ],
        others: &["-----BE·GIN OpenVPN Static key V1-----\n..."],
    },
];
