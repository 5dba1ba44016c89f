//! What the verbs of sealing tell.

use super::super::words::{CARE, GOOD, calm, counted, styled};
use super::Line;
use crate::report::{Event, Outcome};

/// Whether an event is one of them.
pub(super) fn knows(event: &Event) -> bool {
    matches!(event, Event::Sealed { .. } | Event::Certificate { .. } | Event::Pinned { .. })
}

/// The lines that tell it.
pub(super) fn tell(event: &Event, verbose: bool) -> Vec<Line> {
    match event {
        Event::Sealed { from, file, cluster, outcome, sealed, kept } => {
            let from = if from == file { String::new() } else { format!(", from {}", calm(from)) };
            let for_whom =
                if cluster.is_empty() { String::new() } else { format!(", for {}", calm(cluster)) };
            let file = calm(file);
            match outcome {
                Outcome::Held if !verbose => {
                    vec![Line::Talk(format!("{} {file}: unchanged", styled(GOOD, "✔")))]
                }
                Outcome::Held => {
                    vec![Line::Talk(format!("{} {file}: unchanged{from}{for_whom}", styled(GOOD, "✔")))]
                }
                outcome => {
                    let (mark, done) = if *outcome == Outcome::Differs {
                        (styled(CARE, "►"), "would change: ")
                    } else {
                        (styled(GOOD, "✔"), "")
                    };
                    let values = values(*sealed, *kept);
                    vec![Line::Talk(format!("{mark} {file}: {done}{values}{from}{for_whom}"))]
                }
            }
        }
        Event::Certificate { .. } => certificate(event),
        Event::Pinned { file, setting, sha256, .. } => vec![
            Line::Talk(format!("{} {} is pinned", styled(GOOD, "✔"), calm(file))),
            Line::Data(format!("{setting}: {sha256}")),
        ],
        _ => Vec::new(),
    }
}

/// `2 values sealed, 1 unchanged`.
fn values(sealed: usize, kept: usize) -> String {
    match (sealed, kept) {
        (0, 0) => "changed".into(),
        (sealed, 0) => format!("{} sealed", counted(sealed, "value")),
        (sealed, kept) => format!("{} sealed, {kept} unchanged", counted(sealed, "value")),
    }
}

fn certificate(event: &Event) -> Vec<Line> {
    let Event::Certificate { cluster, from, sha256, key, bits, not_before, not_after, age_days } = event
    else {
        return Vec::new();
    };
    let day = |time: &Option<String>| time.as_ref().map(|time| time.chars().take(10).collect::<String>());
    let valid = match (day(not_before), day(not_after)) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        _ => "without end: a bare key".into(),
    };
    let mut rows = Vec::new();
    rows.extend((!cluster.is_empty()).then(|| ("cluster", cluster.clone())));
    rows.push(("from", from.clone()));
    rows.push(("SHA-256", sha256.clone()));
    rows.push(("key", format!("{key} (RSA {bits})")));
    rows.push(("valid", valid));
    rows.extend(age_days.map(|days| ("age", format!("{days} day{}", if days == 1 { "" } else { "s" }))));
    rows.into_iter().map(|(name, text)| Line::Data(format!("{name:8} {}", calm(&text)))).collect()
}
