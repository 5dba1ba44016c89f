//! What the verbs of External Secrets tell.

use super::super::words::{BAD, CARE, FAINT, GOOD, calm, counted, styled};
use super::Line;
use crate::report::{Event, Outcome};

/// Whether an event is one of them.
pub(super) fn knows(event: &Event) -> bool {
    matches!(
        event,
        Event::Generated { .. } | Event::Upgraded { .. } | Event::Pushed { .. } | Event::Examined { .. }
    )
}

/// The lines that tell it.
pub(super) fn tell(event: &Event) -> Vec<Line> {
    let line = match event {
        Event::Generated { from, file, outcome, secrets, values } => {
            generated(from, file, *outcome, *secrets, *values)
        }
        Event::Upgraded { file, outcome, objects } => {
            let of = counted(*objects, "object");
            format!("{} {}: {}{of} of the served version", mark(*outcome), calm(file), would(*outcome))
        }
        Event::Pushed { path, outcome, keys, .. } => {
            let keys: Vec<String> = keys.iter().map(|key| format!("`{}`", calm(key))).collect();
            let what = match outcome {
                Outcome::Held => "already so".to_owned(),
                Outcome::Failed => "not written".to_owned(),
                Outcome::NotReached => "not reached".to_owned(),
                Outcome::Changed => format!("{} written", keys.join(", ")),
                Outcome::Differs => format!("{} would be written", keys.join(", ")),
            };
            format!("{} {}: {what}", mark(*outcome), calm(path))
        }
        Event::Examined { files, unread, objects, paths, equal, errors, warnings, notes } => {
            let mut seen = vec![counted(*files, "file"), counted(*objects, "object")];
            seen.extend(paths.map(|paths| format!("{} of Vault read", counted(paths, "path"))));
            seen.extend(equal.map(|equal| format!("{} as in Vault", counted(equal, "Secret"))));
            seen.extend((*unread > 0).then(|| format!("{} not read", counted(*unread, "file"))));
            let found = [(*errors, "error"), (*warnings, "warning"), (*notes, "note")];
            let found: Vec<String> = found
                .iter()
                .filter(|(number, _)| *number > 0)
                .map(|(number, noun)| counted(*number, noun))
                .collect();
            let mark =
                if errors + warnings > 0 || *objects == 0 { styled(BAD, "✗") } else { styled(GOOD, "✔") };
            let nothing = if *objects == 0 { "nothing checked" } else { "nothing found" };
            let found = if found.is_empty() { nothing.to_owned() } else { found.join(", ") };
            format!("{mark} {}: {found}", seen.join(", "))
        }
        _ => return Vec::new(),
    };
    vec![Line::Talk(line)]
}

fn mark(outcome: Outcome) -> String {
    match outcome {
        Outcome::Held | Outcome::Changed => styled(GOOD, "✔"),
        Outcome::Differs => styled(CARE, "►"),
        Outcome::Failed => styled(BAD, "✗"),
        Outcome::NotReached => styled(FAINT, "-"),
    }
}

fn generated(from: &str, file: &str, outcome: Outcome, secrets: usize, values: usize) -> String {
    let from = if from == file { String::new() } else { format!(", from {}", calm(from)) };
    let what = match outcome {
        Outcome::Held => "unchanged".to_owned(),
        _ => format!("{}, {}", counted(secrets, "ExternalSecret"), counted(values, "value")),
    };
    format!("{} {}: {}{what}{from}", mark(outcome), calm(file), would(outcome))
}

fn would(outcome: Outcome) -> &'static str {
    if outcome == Outcome::Differs { "would change: " } else { "" }
}
