//! Forms by which a value shows what it is: ciphertext, references, expressions, public things.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::Verdict;

/// The verdict that the form of a whole value gives; none where it may be a secret.
pub(super) fn of(text: &str) -> Option<Verdict> {
    if text.is_empty() || text == "~" || text == "null" {
        return Some(Verdict::Empty);
    }
    if is_sops(text) || is_vault_file(text) {
        return Some(Verdict::Encrypted);
    }
    if is_reference(text) {
        return Some(Verdict::Reference);
    }
    is_public(text).then_some(Verdict::Public)
}

/// A value that SOPS has encrypted: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`.
#[must_use]
pub fn is_sops(text: &str) -> bool {
    let inner = text.strip_prefix("ENC[AES256_GCM,").and_then(|rest| rest.strip_suffix(']'));
    let has = |inner: &str, part: &str| inner.split(',').any(|field| field.starts_with(part));
    inner.is_some_and(|inner| ["data:", "iv:", "tag:", "type:"].iter().all(|part| has(inner, part)))
}

/// A value as sealed-secrets makes it: base64 of two bytes with the length of the RSA block, that block, and an
/// AES-GCM ciphertext with its tag.
#[must_use]
pub fn is_sealed(text: &str) -> bool {
    /// Lengths of RSA blocks in bytes: keys of 2048 to 8192 bits.
    const BLOCKS: std::ops::RangeInclusive<usize> = 256..=1024;
    const TAG: usize = 16;
    // Four letters hold three bytes: the first two are the length.
    let head = text.get(..4).and_then(|head| BASE64_STANDARD.decode(head).ok());
    let Some(head) = head.filter(|head| head.len() == 3) else { return false };
    let block = usize::from(u16::from_be_bytes([head[0], head[1]]));
    let size = text.trim_end_matches('=').len() * 3 / 4;
    let is_base64 = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    BLOCKS.contains(&block) && block % 8 == 0 && size >= 2 + block + TAG && is_base64
}

/// Ciphertext in a file format of its own.
fn is_vault_file(text: &str) -> bool {
    ["$ANSIBLE_VAULT;", "-----BEGIN AGE ENCRYPTED FILE-----", "-----BEGIN PGP MESSAGE-----"]
        .iter()
        .any(|head| text.starts_with(head))
}

/// References of argocd-vault-plugin, 1Password, vals, Bank-Vaults, Vals in Helm, AWS.
fn is_reference(text: &str) -> bool {
    const HEADS: &[&str] = &[
        "op://",
        // Where `scan --fix --take-out` has put a value.
        "sealstrap://",
        "ref+",
        "vault:",
        "secretref+",
        "awssm://",
        "arn:aws:secretsmanager:",
        "arn:aws:ssm:",
        "gcp:secretmanager:",
        "projects/",
        "azkv://",
        "keyvault://",
        "bws://",
        "doppler://",
        "akeyless:",
        "infisical://",
        ">>vault:",
        "secretKeyRef:",
    ];
    // In a block a line end stands behind it.
    let text = text.trim_end();
    let is_path = text.starts_with("<path:") && text.ends_with('>') && text.contains('#');
    let is_bracketed = text.starts_with('<') && text.ends_with('>') && !text[1..].contains('<');
    let is_word = !text.contains(char::is_whitespace);
    is_path || is_word && (is_bracketed || HEADS.iter().any(|head| text.starts_with(head)))
}

/// Certificates and public keys with nothing beside them; hashes of images.
fn is_public(text: &str) -> bool {
    const SSH: [&str; 5] = ["ssh-ed25519 ", "ssh-rsa ", "ecdsa-sha2-", "sk-ssh-ed25519", "ssh-dss "];
    let is_ssh = |line: &str| SSH.iter().any(|head| line.starts_with(head));
    let is_word = !text.contains(char::is_whitespace);
    let is_hash = |hex: &str| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digest = is_word && text.rsplit_once("sha256:").is_some_and(|(_, hex)| is_hash(hex));
    let age = is_word && text.starts_with("age1") && text.len() == 62;
    digest || age || is_public_pem(text) || full_lines(text).all(is_ssh) || is_known_hosts(text)
}

/// Lines with something in them that is no comment.
fn full_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// PEM of public things alone.
fn is_public_pem(text: &str) -> bool {
    let mut label: Option<&str> = None;
    let is_fine = full_lines(text).all(|line| {
        let begins = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----"));
        if let Some(begun) = begins {
            label = Some(begun);
        }
        let Some(inside) = label else { return false };
        if line.starts_with("-----END ") {
            label = None;
        }
        let ends = ["CERTIFICATE", "CERTIFICATE REQUEST", "PUBLIC KEY", "PARAMETERS", "CRL"];
        ends.iter().any(|end| inside.ends_with(end))
    });
    is_fine && text.starts_with("-----BEGIN ")
}

/// Lines of `known_hosts`: hosts, a kind of key, the key.
fn is_known_hosts(text: &str) -> bool {
    let is_line = |line: &str| {
        let mut words = line.split_whitespace().skip_while(|word| word.starts_with('@'));
        let (_, kind, key) =
            (words.next(), words.next().unwrap_or_default(), words.next().unwrap_or_default());
        (kind.starts_with("ssh-") || kind.starts_with("ecdsa-sha2-")) && key.starts_with("AAAA")
    };
    full_lines(text).all(is_line)
}

/// What is left of a text without its expressions.
pub(super) struct Rest<'t> {
    /// What expressions there are; none where there are none.
    pub(super) kind: Option<Verdict>,
    /// Variables with the defaults that are written in them.
    pub(super) defaults: Vec<(&'t str, &'t str)>,
}

/// Finds `{{ … }}`, `{% … %}`, `${…}`, `$(…)`, `$NAME`, `%NAME%`, `@NAME@` and `<NAME>`.
pub(super) fn without_expressions(text: &str) -> Rest<'_> {
    let mut rest = Rest { kind: None, defaults: Vec::new() };
    let bytes = text.as_bytes();
    // Behind the last closing braces no template ends.
    let last = text.rfind("}}").max(text.rfind("%}")).unwrap_or_default();
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'{', b'$', &bytes[at..]).map(|found| at + found) {
        let template =
            [("{{", "}}"), ("{%", "%}")].into_iter().find(|(open, _)| text[found..].starts_with(open));
        at = found + 1;
        if let Some((_, close)) = template.filter(|_| found < last) {
            if let Some(end) = text[found..].find(close) {
                rest.kind = Some(Verdict::Template);
                at = found + end + close.len();
            }
        } else if bytes[found] == b'$' {
            at = variable(text, found, &mut rest);
        }
    }
    let framed = |mark: char| {
        let inner = text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        inner.is_some_and(|name| {
            name.len() > 2
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        })
    };
    if rest.kind.is_none() && (framed('%') || framed('@')) {
        rest.kind = Some(Verdict::Substitution);
    }
    rest
}

/// A variable of Flux, a shell, Kubernetes or GitHub Actions at a `$`; where it ends.
fn variable<'t>(text: &'t str, at: usize, rest: &mut Rest<'t>) -> usize {
    let after = &text[at + 1..];
    let close = match after.as_bytes().first() {
        Some(b'{') => matching(after, b'{', b'}'),
        Some(b'(') => matching(after, b'(', b')'),
        // A whole value `$NAME`; within a text a `$` is more often a letter of a password.
        Some(byte) if at == 0 && (byte.is_ascii_alphabetic() || *byte == b'_') => {
            let is_name =
                after.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
            if is_name {
                rest.kind = Some(Verdict::Substitution);
            }
            return text.len();
        }
        _ => None,
    };
    let Some(close) = close else { return at + 1 };
    let inner = &after[1..close];
    let name = inner.split([':', '-', '=', ' ', '/', '#', '%', '?', '+', '|']).next().unwrap_or_default();
    let is_name = !name.is_empty() || inner.starts_with('{');
    if !is_name {
        return at + 1;
    }
    rest.kind.get_or_insert(Verdict::Substitution);
    let default = [":-", ":=", "-", "="].iter().find_map(|mark| inner[name.len()..].strip_prefix(mark));
    if let Some(default) = default.filter(|default| !default.is_empty()) {
        rest.defaults.push((name, default.trim_matches(['"', '\''])));
    }
    at + 1 + close + 1
}

/// Where the bracket closes that a text begins with, in the same line.
fn matching(text: &str, open: u8, close: u8) -> Option<usize> {
    /// Longer expressions are none.
    const LONGEST: usize = 1024;
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate().take(LONGEST) {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        } else if byte == b'\n' {
            return None;
        }
    }
    None
}
