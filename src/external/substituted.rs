//! What Flux fills in before it applies a manifest: `${NAME}` and the like, of which nobody else knows what comes of it.

/// Whether Flux substitutes a part of a text. `$${NAME}` is none: that is how one writes `${NAME}` itself.
///
/// ```
/// use sealstrap::external::is_substituted;
///
/// assert!(is_substituted("${APP}-volsync") && is_substituted("${INTERVAL:=1h0m0s}"));
/// assert!(!is_substituted("$APP") && !is_substituted("$${APP}") && !is_substituted("${"));
/// ```
#[must_use]
pub fn is_substituted(text: &str) -> bool {
    text.match_indices("${").any(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        let is_name = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        is_name && rest.contains('}') && !text[..at].ends_with('$')
    })
}
