//! PEM blocks in a text that may hold other things between them (RFC 7468 §2, §5.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// A block: its label, and its bytes.
pub(super) struct Block<'t> {
    pub(super) label: &'t str,
    /// Whether it has headers, as old encrypted keys have.
    pub(super) has_headers: bool,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// The blocks of a text. What is no whole block is passed over.
pub(super) fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once("-----BEGIN ")?;
            rest = after;
            let Some((label, body)) = after.split_once("-----") else { continue };
            let Some((body, end)) = body.split_once(&format!("-----END {label}-----")) else { continue };
            if label.contains('\n') || body.contains("-----BEGIN ") {
                continue;
            }
            let Some((has_headers, bytes)) = decode(body) else { continue };
            rest = end;
            return Some(Block { label, has_headers, bytes });
        }
    })
}

/// The bytes of a block's body, and whether headers stood before them.
fn decode(body: &str) -> Option<(bool, Zeroizing<Vec<u8>>)> {
    let body = body.trim();
    let headers = body.split_once("\n\n").or_else(|| body.split_once("\r\n\r\n"));
    let (has_headers, body) = match headers {
        Some((before, after)) if before.contains(':') => (true, after),
        _ => (false, body),
    };
    let mut joined = Zeroizing::new(String::with_capacity(body.len()));
    joined.extend(body.split_ascii_whitespace());
    let mut bytes = Zeroizing::new(Vec::with_capacity(joined.len()));
    STANDARD.decode_vec(joined.as_bytes(), &mut bytes).ok()?;
    Some((has_headers, bytes))
}
