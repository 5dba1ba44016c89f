//! Secrets that were found, for people: where, what, the line without the secret, and what to do.

use crate::report::finding::{COLUMN, advice, head};
use crate::report::words::{BAD, CARE, FAINT, GOOD, calm, counted, styled};
use crate::report::{Commit, Coverage, Leak};

/// The lines of a leak; under the name of its file, where that is new.
pub(super) fn lines(leak: &Leak, is_new_file: bool) -> Vec<String> {
    let Leak { rule, severity, file, line, object, message, source, hint, commit, until, .. } = leak;
    let mut lines = head(is_new_file.then_some(file), *line, *severity, object.as_deref(), message, rule);
    if !source.trim().is_empty() {
        lines.push(format!("{:COLUMN$}{}", "", styled(FAINT, calm(source).trim())));
    }
    lines.extend(commit.iter().map(|commit| format!("{:COLUMN$}{}", "", span(commit, until.as_ref()))));
    lines.extend(hint.iter().map(|hint| advice(hint)));
    lines
}

/// Since when a secret is in a history, and until when.
fn span(commit: &Commit, until: Option<&Commit>) -> String {
    let told = |commit: &Commit| {
        let (id, date) = (
            commit.id.chars().take(10).collect::<String>(),
            commit.date.split('T').next().unwrap_or_default(),
        );
        calm(&format!("{id} ({date}, {})", commit.author)).into_owned()
    };
    let until = until.map_or_else(|| "and still there".to_owned(), |until| format!("until {}", told(until)));
    format!("in clear since {}, {until}", told(commit))
}

/// What was scanned, and what was found.
pub(super) fn coverage(seen: &Coverage) -> String {
    let mark = match (seen.errors, seen.warnings) {
        // Nothing was scanned: that is not clean.
        (0, 0) if seen.files > 0 && seen.missing == 0 => styled(GOOD, "✔"),
        (0, _) => styled(CARE, "►"),
        _ => styled(BAD, "✗"),
    };
    format!("{mark} {}: {}", seen.scanned().join(", "), found(seen).join(", "))
}

fn found(seen: &Coverage) -> Vec<String> {
    let all = [(seen.errors, "error"), (seen.warnings, "warning"), (seen.notes, "note")];
    let mut told: Vec<String> = all
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| counted(number, noun))
        .collect();
    if told.is_empty() {
        told.push(if seen.files == 0 { "nothing scanned" } else { "no secret found" }.to_owned());
    }
    let others = [(seen.allowed, "allowed"), (seen.known, "known"), (seen.mended, "mended")];
    told.extend(
        others.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")),
    );
    told
}
