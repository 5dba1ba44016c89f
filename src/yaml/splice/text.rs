//! Lines and gaps of a text, by byte positions.

/// Where the line that holds `at` begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |found| found + 1)
}

/// Where the line that holds `at` ends, before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    match text[at..].find('\n') {
        Some(found) if found > 0 && text.as_bytes()[at + found - 1] == b'\r' => at + found - 1,
        Some(found) if at > 0 && found == 0 && text.as_bytes()[at - 1] == b'\r' => at - 1,
        Some(found) => at + found,
        None => text.len(),
    }
}

/// Characters between the beginning of the line and `at`.
pub(super) fn column(text: &str, at: usize) -> usize {
    text[line_start(text, at)..at].chars().count()
}

/// The white space that begins the line of `at`.
pub(super) fn margin(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Whether only white space stands before `at` on its line.
pub(super) fn begins_line(text: &str, at: usize) -> bool {
    text[line_start(text, at)..at].chars().all(|c| matches!(c, ' ' | '\t' | '\u{feff}'))
}

/// Whether only white space or a comment follows `at` on its line.
pub(super) fn ends_line(text: &str, at: usize) -> bool {
    let rest = &text[at..line_end(text, at)];
    let bare = rest.trim_start_matches([' ', '\t']);
    bare.is_empty() || (bare.starts_with('#') && bare.len() < rest.len())
}

/// The first place at or after `at` that is neither white space nor comment.
pub(super) fn skip_blank(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let bare = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}']);
        at += rest.len() - bare.len();
        if !bare.starts_with('#') {
            return at;
        }
        at = line_end(text, at);
    }
}

/// The line break that lines around `at` end with.
pub(super) fn line_break(text: &str, at: usize) -> &'static str {
    let next = text[at..].find('\n').map(|found| at + found);
    let near = next.or_else(|| text[..at].rfind('\n'));
    match near {
        Some(found) if found > 0 && text.as_bytes()[found - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}
