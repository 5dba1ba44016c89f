//! Findings as lines for people, grouped by file, and what they cover.

use super::words::{BAD, CARE, FAINT, GOOD, TITLE, calm, counted, styled};
use super::{Event, Severity};

/// Where the texts of findings begin.
pub(super) const COLUMN: usize = 8;

/// The lines of a finding; under the name of its file, where that is new.
pub(super) fn lines(event: &Event, is_new_file: bool) -> Vec<String> {
    let Event::Found { rule, severity, file, line, object, message, hint } = event else { return Vec::new() };
    let mut lines = head(is_new_file.then_some(file), *line, *severity, object.as_deref(), message, rule);
    lines.extend(hint.iter().map(|hint| advice(hint)));
    lines
}

/// The name of a file, and what was found in one of its lines.
pub(super) fn head(
    file: Option<&String>,
    line: usize,
    severity: Severity,
    object: Option<&str>,
    message: &str,
    rule: &str,
) -> Vec<String> {
    let (style, word) = match severity {
        Severity::Error => (BAD, "error"),
        Severity::Warning => (CARE, "warning"),
        Severity::Note => (FAINT, "note"),
    };
    let object = object.map(|object| format!("{object}: ")).unwrap_or_default();
    let text = calm(&format!("{object}{message}")).replace('\n', " ");
    let told = format!("  {line:>4}  {} {text} [{rule}]", styled(style, &format!("{word}:")));
    // A line end in a name must not make a line of its own.
    file.map(|file| styled(TITLE, &calm(file).replace('\n', "\u{fffd}"))).into_iter().chain([told]).collect()
}

/// What to do about it, under what was found.
pub(super) fn advice(hint: &str) -> String {
    format!("{:COLUMN$}{} {}", "", styled(GOOD, "hint:"), calm(hint).replace('\n', " "))
}

/// What was looked at, and what was found.
pub(super) fn coverage(event: &Event) -> String {
    let Event::Verified { files, unread, sealed_secrets, items, opened, errors, warnings, notes } = event
    else {
        return String::new();
    };
    let (errors, warnings, notes) = (*errors, *warnings, *notes);
    let mark = match (errors, warnings) {
        // Nothing was looked at: that is not clean.
        (0, 0) if *sealed_secrets == 0 => styled(BAD, "✗"),
        (0, 0) => styled(GOOD, "✔"),
        (0, _) => styled(CARE, "►"),
        _ => styled(BAD, "✗"),
    };
    let mut seen =
        vec![counted(*files, "file"), counted(*sealed_secrets, "SealedSecret"), counted(*items, "item")];
    seen.extend((*unread > 0).then(|| format!("{} not read", counted(*unread, "file"))));
    seen.extend(opened.map(|opened| format!("{opened} opened")));
    let found = [(errors, "error"), (warnings, "warning"), (notes, "note")];
    let found: Vec<String> =
        found.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| counted(*number, noun)).collect();
    let nothing = if *sealed_secrets == 0 { "nothing verified" } else { "nothing found" };
    let found = if found.is_empty() { nothing.to_owned() } else { found.join(", ") };
    format!("{mark} {}: {found}", seen.join(", "))
}
