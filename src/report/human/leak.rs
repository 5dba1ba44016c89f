//! Secrets that were found, for people: where, what, the line without the secret, and what to do.

use crate::report::words::{BAD, CARE, FAINT, GOOD, TITLE, calm, counted, styled};
use crate::report::{Coverage, Leak, Severity};

/// Where the texts of findings begin.
const COLUMN: usize = 8;

/// The lines of a leak; under the name of its file, where that is new.
pub(super) fn lines(leak: &Leak, is_new_file: bool) -> Vec<String> {
    let Leak { rule, severity, file, line, object, message, source, hint, .. } = leak;
    let mut lines = Vec::new();
    if is_new_file {
        // A line end in a name must not make a line of its own.
        lines.push(styled(TITLE, &calm(file).replace('\n', "\u{fffd}")));
    }
    let (style, word) = match severity {
        Severity::Error => (BAD, "error"),
        Severity::Warning => (CARE, "warning"),
        Severity::Note => (FAINT, "note"),
    };
    let object = object.as_ref().map(|object| format!("{object}: ")).unwrap_or_default();
    let text = calm(&format!("{object}{message}")).replace('\n', " ");
    lines.push(format!("  {line:>4}  {} {text} [{rule}]", styled(style, &format!("{word}:"))));
    if !source.trim().is_empty() {
        lines.push(format!("{:COLUMN$}{}", "", styled(FAINT, calm(source).trim())));
    }
    lines
        .extend(hint.iter().map(|hint| {
            format!("{:COLUMN$}{} {}", "", styled(GOOD, "hint:"), calm(hint).replace('\n', " "))
        }));
    lines
}

/// What was scanned, and what was found.
pub(super) fn coverage(seen: &Coverage) -> String {
    let Coverage {
        files, documents, values, doubts, binary, skipped, allowed, errors, warnings, notes, ..
    } = seen;
    let found = [(*errors, "error"), (*warnings, "warning"), (*notes, "note")];
    let mut found: Vec<String> = found
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| counted(number, noun))
        .collect();
    if found.is_empty() {
        found.push(if *files == 0 { "nothing scanned" } else { "no secret found" }.to_owned());
    }
    found.extend((*allowed > 0).then(|| format!("{allowed} allowed")));
    let mut seen = vec![counted(*files, "file"), counted(*documents, "document"), counted(*values, "value")];
    seen.extend((*doubts > 0).then(|| format!("{} not understood", counted(*doubts, "line"))));
    seen.extend((*binary > 0).then(|| format!("{} passed over", counted(*binary, "binary file"))));
    seen.extend((*skipped > 0).then(|| format!("{} not read", counted(*skipped, "file"))));
    let mark = match (errors, warnings) {
        // Nothing was scanned: that is not clean.
        (0, 0) if *files > 0 => styled(GOOD, "✔"),
        (0, _) => styled(CARE, "►"),
        _ => styled(BAD, "✗"),
    };
    format!("{mark} {}: {}", seen.join(", "), found.join(", "))
}
