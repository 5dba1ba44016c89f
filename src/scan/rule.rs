//! What a credential looks like, by its issuer's own description.

/// One kind of credential.
#[derive(Debug)]
pub struct Rule {
    /// Its name, never changed once released: baselines, comments and settings name it.
    pub id: &'static str,
    /// Who issues it: `GitHub`.
    pub issuer: &'static str,
    /// What it is, with its article: `a personal access token (classic)`.
    pub what: &'static str,
    /// Where the issuer, or the best public source, describes the format.
    pub source: &'static str,
    /// How it is written.
    pub form: Form,
    /// What must hold of the secret besides, so that look-alikes stay silent.
    pub check: Check,
    /// Texts in which it is found. A `·` in them is left out before they are used: so no scanner, this one included,
    /// takes the list itself for a leak.
    pub examples: &'static [&'static str],
    /// Look-alikes in which it is not found.
    pub others: &'static [&'static str],
}

/// How a credential is written.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// A token that is known by a part of itself, within one line.
    Token {
        /// One of these stands in each match, in small letters; their case in the text does not matter.
        anchors: &'static [&'static str],
        /// The token: the group `secret` if there is one, else the whole match. Bytes, not Unicode.
        regex: &'static str,
    },
    /// A value without features of its own, known by the name it is assigned to: `DATADOG_API_KEY=…`, `"apiKey": "…"`.
    Named {
        /// One of these is part of the name, in small letters with `_` between words; `-`, `.`, `__`, nothing and
        /// capitals between the words are the same. The first words should be rare ones.
        names: &'static [&'static str],
        /// The value, whole.
        value: &'static str,
    },
    /// A block of several lines that begins with a fixed text.
    Block {
        /// The text, in small letters.
        anchor: &'static str,
        /// The block; `secret` as above.
        regex: &'static str,
    },
}

/// What must hold of a secret besides its form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Check {
    /// Nothing.
    Form,
    /// Shannon entropy of its characters in bits, at least.
    Entropy(f32),
    /// It is the base64 of a user, `:` and a password.
    UserAndPassword,
    /// A checksum that its issuer puts into it.
    Checksum(Checksum),
}

/// Checksums within tokens. Base 62 is written in digits, capitals, small letters; base 36 in digits and small letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// The last six characters are, in base 62, the CRC-32 of what stands between the last `_` before them and them.
    /// GitHub, npm, `NetBird`.
    Crc32Base62,
    /// What stands after the last `_` is, in base 62, the CRC-32 of all that stands before it. Matrix.
    Crc32Base62OfAll,
    /// The last seven characters are, in base 36, the CRC-32 of all before them. GitLab.
    Crc32Base36,
    /// The last eight characters are, in base 16, the CRC-32 of all before them. Atlassian.
    Crc32Hex,
    /// What stands after the last `_` are, in base 16, the bytes of the CRC-32 of all that stands before it, the lowest
    /// first. Grafana.
    Crc32HexReversed,
    /// Three parts in base64url, of which the first is a JSON object with `alg`.
    JsonWebToken,
    /// Bech32 (BIP 173) with the human-readable part before its last `1`: keys of age.
    Bech32,
}
