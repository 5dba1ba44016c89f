//! Private keys in text that is no PEM.

use crate::scan::rule::{Check, Checksum, Form, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "putty-private-key",
        issuer: "PuTTY",
        what: "a private key",
        source: "https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html",
        form: Form::Block {
            anchor: "putty-user-key-file-",
            regex: r"PuTTY-User-Key-File-[23]: [\s\S]*?Private-Lines: \d{1,3}(?:\s+|\\+[nr])[A-Za-z0-9+/]{40,64}={0,2}(?:(?:\s+|\\+[nr])+[A-Za-z0-9+/]{1,64}={0,2})*(?:(?:\s+|\\+[nr])+Private-MAC: [0-9a-f]{40,64})?",
        },
        check: Check::Form,
        examples: &[
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: deploy\nPublic-Lines: 2\nPCIrZXWVV4W5hcRBzamE8vJoEj6ltcBwbExadlAkiJTPk/fkIXfYaWbQ3QYoHbsy\nOgNUOYJkrhRwBnJv\nPrivate-Lines: 1\nDvpo·KxhCS6CRKEJd55n9zgZNsi9q8osmYT2ZblUgKgr08+d=\nPrivate-MAC: 91a53ac68a0591c1c4397817bf9f8610230b9c48b16868e9db4d46d3e2da4762",
        ],
        others: &["PuTTY-User-Key-File-3: ssh-ed25519\n..."],
    },
    Rule {
        id: "age-secret-key",
        issuer: "age",
        what: "a secret key",
        source: "https://github.com/C2SP/C2SP/blob/main/age.md",
        form: Form::Token {
            anchors: &["age-secret-key-"],
            regex: r"\bAGE-SECRET-KEY-(?:PQ-)?1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b",
        },
        check: Check::Checksum(Checksum::Bech32),
        examples: &[
            "# public key: age1...\nAGE-SE·CRET-KEY-1LRGKMTHK5GMXJ4GAWJK8E5NA2GZX0DJTKQ9K4V08VR9GLSMUDHVSDQH5KG",
        ],
        others: &["AGE-SECRET-KEY-1MVY5·79UXX92ZKFKLCMNMVPJRF4V3EUL0AD8ETFXZ3HRVNFVXEWHS4QV65Q"],
    },
    Rule {
        id: "wireguard-private-key",
        issuer: "WireGuard",
        what: "a private key",
        source: "https://www.wireguard.com/quickstart/",
        form: Form::Token {
            anchors: &["privatekey", "private_key", "private-key"],
            regex: r#"(?i:private[_-]?key)["']?[ \t]*[:=][ \t]*["']?(?<secret>[ACEGIKMOQSUWYacegikmoqsuwy02468+][A-P][A-Za-z0-9+/]{39}[E-HU-Xk-n0-3][AEIMQUYcgkosw048]=)(?:[^\w+/=-]|$)"#,
        },
        check: Check::Form,
        examples: &[
            "PrivateKey = wF6QH+·g6rwxCwNmHZd7yIcWpYrld1x+b6AMmi0elu1w=",
            "WIREGUARD_PRIVATE_KEY: QHkLOV·fJGCHjfrf9OjaGt4AnfY8P3+LbAXgV2nedRmw=",
        ],
        others: &[
            "PublicKey = EXywAJ·ynuWmnCe+EpDIQTttug1HGj7prWDsYWx2ATzY=",
            "PrivateKey = /8mH1/·mvlb6ZVNf2hvRfzqG6H4CNnBsERur3/5olgjI=",
        ],
    },
    Rule {
        id: "wireguard-preshared-key",
        issuer: "WireGuard",
        what: "a preshared key",
        source: "https://www.wireguard.com/protocol/",
        form: Form::Token {
            anchors: &["presharedkey", "preshared_key", "preshared-key"],
            regex: r#"(?i:preshared[_-]?key)["']?[ \t]*[:=][ \t]*["']?(?<secret>[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)(?:[^\w+/=-]|$)"#,
        },
        check: Check::Form,
        examples: &["PresharedKey = lACgat·uIhZVqntLHnWsNq+UM2UvSxPTeL/5hPO+npno="],
        others: &["PresharedKey = (hidden)"],
    },
    Rule {
        id: "json-web-key",
        issuer: "JOSE",
        what: "a private or symmetric key as JSON",
        source: "https://www.rfc-editor.org/rfc/rfc7518#section-6",
        form: Form::Token {
            anchors: &[r#""d""#, r#""k""#],
            regex: r#""[dk]"\s*:\s*"(?<secret>[\w-]{43,700})""#,
        },
        check: Check::Entropy(4.0),
        examples: &[
            r#"{"kty":"OKP","crv":"Ed25519","x":"N0Ah82AYGDV7v_reT7rXAMSCTO1TqMd-em_c3B-JUVh","d":"crg5·IL2P9cMVb1yh80WAbeuecyALNRNBHytRxQiXbql"}"#,
        ],
        others: &[r#"{"d": "short"}"#],
    },
    Rule {
        id: "minisign-secret-key",
        issuer: "minisign",
        what: "a secret key, also of signify",
        source: "https://jedisct1.github.io/minisign/#secret-key-format",
        form: Form::Token {
            anchors: &["rwrty0iy", "rwrcs"],
            regex: r"\b(?<secret>RWRTY0Iy[A-Za-z0-9+/]{203}=|RWRCS[A-Za-z0-9+/]{134}=)",
        },
        check: Check::Form,
        examples: &[
            "untrusted comment: minisign encrypted secret key\nRWRTY0IyGC2/·BVm0rriKU1yxKlWk6WBOjp1hwK0F1XvTreQIuce0UbpBpBZAjW5O7xsLxKG8akzikIgNuzNNhrhIzfeveTFU39LrjuNvOokXoUJd+Jj0b/lxz5Cl15flky6L/8NE43kIbZ6Fo+XYI73BwVXuYnfp0aG99we+jJP4sE0w/I14FmF+m1fM1pgZZWxuYZA6C+Qz9h09jNH=",
        ],
        others: &["RWRTY0Iykey"],
    },
    Rule {
        id: "pkcs12-bundle",
        issuer: "PKCS #12",
        what: "a bundle with private keys, in base64",
        source: "https://www.rfc-editor.org/rfc/rfc7292",
        form: Form::Token {
            anchors: &["ibazcc"],
            regex: r"\b(?<secret>MI[I-L][0-9A-Za-z/+]{2}[AQgw]IBAzCC[A-Za-z0-9+/]{100,}={0,2})",
        },
        check: Check::Form,
        examples: &[
            "keystore.p12: MIIQKAIBAzCCgBP0·1Y0mV4u9/oxTka+3tbWsH+gyyB4k58VwvQ6xFSY55pVWNwiVOFlug+bQFLZJ/3YLHrIJ5z8G/62ov/kEzm7atoLke62hmMVLm0y7Uv9E3W==",
        ],
        others: &["MIIQaAIBAzCC"],
    },
    Rule {
        id: "der-private-key",
        issuer: "PKCS #8",
        what: "a private key without a header, in base64, also of PKCS #1 and SEC 1",
        source: "https://www.rfc-editor.org/rfc/rfc5958",
        form: Form::Token {
            anchors: &[
                "ibadanbgkqhkig9w0baqefaasc",
                "ibaakcaqea",
                "ibaakcayea",
                "ibaakcagea",
                "mighageambmgbyqgsm49ageg",
                "mhccaqeei",
                "mc4caqawbqydk2vwbciei",
            ],
            regex: r"\b(?<secret>MII[A-Za-z0-9+/]{3}IBA(?:DANBgkqhkiG9w0BAQEFAASC|AKCA[QYg]EA)[A-Za-z0-9+/]{100,}={0,2}|MHcCAQEEI[A-Za-z0-9+/]{150,}={0,2}|MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg[A-Za-z0-9+/]{100,}={0,2}|MC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/]{43})(?:[^\w+/=-]|$)",
        },
        check: Check::Form,
        examples: &[
            "JWT_PRIVATE_KEY=MIIEvQIBADANBgkqhkiG9w0BAQEFAASCsMQi·mh5bw4FdYzqo1zWkvxvXnX0H5GsWJKP27Lwkdn0eN4u86NkgKA+G03hLuGrd0udxg+fhNjyuUwDxH7tg5dBCIFM0npHkzc4TU+oMQ6U+axyi+iLHZB0tCy5+NwexJpaU9/Q6sFuNIh1ZL3Njcel7EedZtRaJbnX0IQFOhxQ72/7PvO2DieE5fbVDiNeuuGMy0bBNp5bnTzXRUKCP4dH8s9bS+g575UcoeDroHrI6Iaa0hDzOb02p5FIbV42tBPIKzkQqZDdQ3rUskQ3klR8qgXKo2KRVuLgkOL5bML2kh6jG9YoBPh4vRD/FAGHvDS6V2OD4wpmRG+Co1fcVOIDzobqPEWu7QD+mvLSawfgon4Vfz8Uzw1vokoqeQHLAnuxev2xfVFxOvLCSuvAfVjlvn4rJLK4O8hzp0gQBna8UlagqfMJIeGZ++2t7mK1anXqIl7x5qefW1DR0isMDyu2WdIvHHUpdWzHrS1iza0bVoBNfdWyaIjdcjbYUn7V4MUyXCukHkk7njqZUGalvtt00N25z9lR5Hggp8E4lDyoLuEzfDBpqOP8c1IXjJQo1fKXwQsh7agp8Z8FWozDJIf/2SA/Z3B8qrGitDAZdT0lP6AGZB+Avd6QyZ6YMWQNoeXpPc38h4DFwfKjozYbNNSpSROO1N+gT1x3B2KqC7orPyhamGp7NlmdIQO+yy9ufLZ6W3YeEjKnVfaucI8A2JDZz6Sc4EM5c7njxxX8obf5gjRuPlY9iXDYP7cv3KriEwx3XeZkdhry1sLiorV3NtsueUjG8NeHb==",
            "signing: MC4CAQAwBQYDK2VwBCIEIMf2t·GX8GHy4RWSAxMzEJxlV+Vpq3WjjJMvhzxXd7C5U",
            "rsa: MIIEpAIBAAKCAQEAwV6r·39wtUhKmoKNuIIKIbW+EUPdNHhM0eJ1dXaSiGPhi7RblU4DsgVsc7Zt9l0c3PeUHQPkQCmi0AmwqSqH8Ha7yGaOXsOIIXwzAsZQy5ulpZT",
        ],
        others: &["MC4CAQAwBQYDK2VwBCIEI"],
    },
    Rule {
        id: "base64-private-key",
        issuer: "PEM",
        what: "a private key with its header, in base64",
        source: "https://www.rfc-editor.org/rfc/rfc7468",
        form: Form::Token {
            anchors: &[
                "ls0tls1crudjtibsu0egufjjvkfursbl",
                "ls0tls1crudjtibfqybquklwqvrfietf",
                "ls0tls1crudjtibeu0egufjjvkfursbl",
                "ls0tls1crudjtibpuevou1niifbssvzbveugs0vz",
                "ls0tls1crudjtibquklwqvrfietf",
                "ls0tls1crudjtibftknswvburuqgufjjvkfursbl",
                "ls0tls1crudjtibfrdi1nte5ifbssvzbveugs0vz",
                "ls0tls1crudjtibqr1agufjjvkfursblrvkgqkxp",
            ],
            regex: r"\b(?<secret>LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFURSBL|BFQyBQUklWQVRFIEtF|BEU0EgUFJJVkFURSBL|BPUEVOU1NIIFBSSVZBVEUgS0VZ|BQUklWQVRFIEtF|BFTkNSWVBURUQgUFJJVkFURSBL|BFRDI1NTE5IFBSSVZBVEUgS0VZ|BQR1AgUFJJVkFURSBLRVkgQkxP)[A-Za-z0-9+/]{20,}={0,2})",
        },
        check: Check::Form,
        examples: &[
            "key: LS0tLS·1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpvYTBCRG5tSlhxR0d2Q21pS1V3R0lQTWcrdjZuazFWbEw4WFpLSjBmUDZnZWxWT0orbllSNldmanBTcTg1bE1lCkQxQVQwMW9PSEZ5K25KcmlnUXBFSjVqSk12SGlKQjZrSmNCcnY1c3prYnptRnZPWnh4WVNtMjIwCi0tLS0tRU5EIFJTQSBQUklWQVRFIEtFWS0tLS0t",
            "privateKey: LS0tLS·1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk5lanBMTWxocDNoL0x1TFlPaURNbHpWSkx0R1FRdlVlNTk0cEU5S1hpU2pLaWFaWU8zUGtlQWdDZkI0NStTWDgKbGM2Z2lzMVp5bXF4amtiRkdSOVBpczNORDUyK2FLYnhZZG5kcUtaKysxT3VUV0NOSTQ3TTErNy9ycjZQbkpISwp6a0FiUlE9PQotLS0tLUVORCBQUklWQVRFIEtFWS0tLS0t",
        ],
        others: &[
            "caBundle: LS0tLS·1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmZGbndibFdGQ21lSExUVkx2UXUvci80S0hENmhCMUU4cWtkdm5hTTlienNqMjAxa00xSnc4N2VTcSt2aFgxWGRDTFZFOE9oWSt1YXQzY3ByQzBrYUNkM1ZaR3l4STZKQUZhQlBFb1NINzZ1M01zeUlKbWJQckt3elFoQUZydXUzekZLUWpHdS85VFVYMk9rNkk3M2FNczZVUXNWN0tMQkR5WGplMVZyWHBwa1UvWEIwUEJhREVKSm9kbEZGOVBZcStIL3BCb2hL",
        ],
    },
    Rule {
        id: "dnssec-private-key",
        issuer: "BIND",
        what: "a private key that signs zones",
        source: "https://bind9.readthedocs.io/en/latest/dnssec-guide.html",
        form: Form::Block {
            anchor: "private-key-format: v1.",
            regex: r"Private-key-format: v1\.\d[\s\S]*?\n\s*Private(?:Key|Exponent): (?<secret>[A-Za-z0-9+/]{40,}={0,2})",
        },
        check: Check::Form,
        examples: &[
            "Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: gUgqYB·87c4FP++TSj+iE9i2UBOu+ekZ/DZwS2g2IpjY=",
        ],
        others: &["Private-key-format: v1.3\nAlgorithm: 13"],
    },
    Rule {
        id: "tor-onion-key",
        issuer: "Tor",
        what: "a private key of an onion service",
        source: "https://spec.torproject.org/control-spec/commands.html#add_onion",
        form: Form::Token {
            anchors: &["ed25519-v3:"],
            regex: r"\b(?<secret>ED25519-V3:[A-Za-z0-9+/]{86}==)",
        },
        check: Check::Form,
        examples: &[
            "ADD_ONION ED25519-V3:ny3d·iQUsTMlz3TC529G0pRbOKpVWvEIBVGadFfO8qm6pFxnsDO9626QlG0Hg6CNs+Q+Z78lGNPwDofBCNZt1pe== Port=80",
        ],
        others: &["ADD_ONION NEW:ED25519-V3 Port=80"],
    },
    Rule {
        id: "vapid-private-key",
        issuer: "Web Push",
        what: "a VAPID private key",
        source: "https://www.rfc-editor.org/rfc/rfc8292",
        form: Form::Named { names: &["vapid_private_key"], value: "[A-Za-z0-9_-]{43}=?" },
        check: Check::Form,
        examples: &["VAPID_PRIVATE_KEY=KFsM·ZxYA0CNyQjteGT_5Pz7Oj13DknZERBW-_wjxscD"],
        others: &["vapid_private_key: mastodon"],
    },
];
