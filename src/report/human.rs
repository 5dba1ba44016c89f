//! Events as lines for people: one line a task, what changed and what was already so.

mod external;
mod leak;
mod sealing;

use std::collections::HashMap;

use super::words::{BAD, CARE, FAINT, GOOD, TITLE, WORK, calm, counted, made, planned, short, styled, took};
use super::{Change, Event, Kind, Outcome, finding};

/// Where the texts of tasks begin.
const COLUMN: usize = 30;
/// Where the summaries of a list begin; full names are longer.
const LIST_COLUMN: usize = 44;

/// A line, and what kind of talk it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// What was asked for: to standard output.
    Data(String),
    /// How it goes: to standard error, unless it is to be quiet.
    Talk(String),
    /// What nobody should miss: to standard error.
    Warning(String),
    /// What is waited for: a line where no spinner shows it.
    Wait(String),
}

/// Remembers what one line needs of several events.
#[derive(Debug, Default)]
pub(super) struct Human {
    /// Whether beginnings are told as well as ends.
    verbose: bool,
    changes: HashMap<String, Vec<Change>>,
    waits: HashMap<String, (String, String)>,
    /// The file of the last finding: its name stands above its findings once.
    file: String,
}

impl Human {
    /// Has heard nothing yet.
    pub(super) fn new(verbose: bool) -> Self {
        Self { verbose, ..Self::default() }
    }

    /// The lines that tell the event.
    pub(super) fn tell(&mut self, event: &Event) -> Vec<Line> {
        match event {
            Event::TaskPlanned { task, summary: _, changes, after } => plan(task, changes, after),
            Event::Changed { task, change } => {
                self.changes.entry(task.clone()).or_default().push(change.clone());
                Vec::new()
            }
            Event::Waiting { task, object, reason, seconds: _ } => self.wait(task, object, reason),
            Event::TaskStarted { task } if self.verbose => {
                vec![Line::Talk(format!("{} {}", styled(WORK, "►"), short(task)))]
            }
            Event::TaskStarted { .. } | Event::Failed { .. } => Vec::new(),
            Event::TaskFinished { task, outcome, millis } => self.finished(task, *outcome, *millis),
            Event::Checked { check, sound, detail, hint } => checked(check, *sound, detail, hint.as_deref()),
            Event::Found { file, .. } => {
                let is_new = std::mem::replace(&mut self.file, file.clone()) != *file;
                finding::lines(event, is_new).into_iter().map(Line::Data).collect()
            }
            Event::Leak(leak) => {
                let is_new = std::mem::replace(&mut self.file, leak.file.clone()) != leak.file;
                leak::lines(leak, is_new).into_iter().map(Line::Data).collect()
            }
            Event::Mend { diff, .. } => diff.lines().map(|line| Line::Data(line.to_owned())).collect(),
            Event::AppFile { file, is_new, outcome, diff } => {
                app_file(file, *is_new, *outcome, diff.as_deref())
            }
            Event::Scanned(coverage) => vec![Line::Talk(leak::coverage(coverage))],
            Event::Verified { .. } => vec![Line::Talk(finding::coverage(event))],
            Event::Serving { environment } => {
                environment.iter().map(|(name, value)| Line::Data(export(name, value))).collect()
            }
            other if external::knows(other) => external::tell(other),
            other if sealing::knows(other) => sealing::tell(other, self.verbose),
            other => single(other).into_iter().collect(),
        }
    }

    fn wait(&mut self, task: &str, object: &str, reason: &str) -> Vec<Line> {
        let now = (object.to_owned(), reason.to_owned());
        if self.waits.insert(task.to_owned(), now.clone()) == Some(now) {
            return Vec::new();
        }
        vec![Line::Wait(format!("{} {}", styled(WORK, "◎"), waiting(object, reason)))]
    }

    fn finished(&mut self, task: &str, outcome: Outcome, millis: u64) -> Vec<Line> {
        self.waits.remove(task);
        let changes = self.changes.remove(task).unwrap_or_default();
        let (mark, text) = match outcome {
            Outcome::Held => (styled(GOOD, "✔"), "already so".to_owned()),
            Outcome::Changed if changes.is_empty() => {
                (styled(GOOD, "✔"), format!("changed in {}", took(millis)))
            }
            Outcome::Changed => (styled(GOOD, "✔"), format!("{} in {}", made(&changes), took(millis))),
            Outcome::Differs => (styled(CARE, "►"), "differs".to_owned()),
            Outcome::Failed if changes.is_empty() => (styled(BAD, "✗"), "failed".to_owned()),
            Outcome::Failed => (styled(BAD, "✗"), format!("failed, having {}", made(&changes))),
            Outcome::NotReached => (styled(FAINT, "-"), "not reached".to_owned()),
        };
        vec![Line::Talk(row(&mark, short(task), &text))]
    }
}

/// Events that are one line, whatever came before.
fn single(event: &Event) -> Option<Line> {
    Some(match event {
        Event::RunStarted { runbook, cluster, tasks, plan_only } => {
            let doing = if *plan_only {
                format!("looking at {}", counted(*tasks, "task"))
            } else {
                "changing what differs".to_owned()
            };
            Line::Talk(format!("{} {runbook} on {cluster}: {doing}", styled(WORK, "►")))
        }
        Event::RunFinished { held, changed, changes, millis, plan_only } => {
            Line::Talk(summed(*held, *changed, *changes, *millis, *plan_only))
        }
        Event::Warning { message } => {
            Line::Warning(format!("{}: {}", styled(CARE, "warning"), calm(message)))
        }
        Event::Section { title } => Line::Talk(format!("\n{}", styled(TITLE, &format!("== {title}")))),
        Event::Exists { object } => Line::Data(format!("  {}", calm(object))),
        Event::Counted { writes } => {
            let mark = if *writes == 0 { styled(GOOD, "✔") } else { styled(BAD, "✗") };
            Line::Talk(format!("{mark} the second run made {}", counted(*writes, "write")))
        }
        Event::Listed { kind, name, summary, own } => Line::Data(listed(*kind, name, summary, *own)),
        Event::Written { file } => Line::Talk(format!("{} wrote {file}", styled(GOOD, "✔"))),
        Event::Gone { file, change: None } => {
            Line::Talk(format!("{} removed {}", styled(GOOD, "✔"), calm(file)))
        }
        Event::Gone { file, change: Some(change) } => Line::Talk(untracked(file, change)),
        _ => return None,
    })
}

/// What Git has forgotten is known to all who have a clone.
fn untracked(file: &str, change: &[String]) -> String {
    format!(
        "{} Git does not track {file} any more: it stays here, and others lose it with their next pull.\n  The history \
         still has it. If it was ever pushed, change: {}",
        styled(GOOD, "✔"),
        change.join(", "),
        file = calm(file),
    )
}

/// A file of an application; what it would be is data.
fn app_file(file: &str, is_new: bool, outcome: Outcome, diff: Option<&str>) -> Vec<Line> {
    if let Some(diff) = diff {
        return diff.lines().map(|line| Line::Data(calm(line).into_owned())).collect();
    }
    let done = match (outcome, is_new) {
        (Outcome::Held, _) => format!("{}: already so", calm(file)),
        (_, true) => format!("wrote {}", calm(file)),
        (_, false) => format!("added it to {}", calm(file)),
    };
    vec![Line::Talk(format!("{} {done}", styled(GOOD, "✔")))]
}

/// ``waiting for HelmRelease `x`: Progressing: 1 of 3``, also what the spinner says.
pub(super) fn waiting(object: &str, reason: &str) -> String {
    let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    calm(&format!("waiting for {object}{reason}")).replace('\n', " ")
}

fn row(mark: &str, name: &str, text: &str) -> String {
    format!("{mark} {:COLUMN$} {text}", calm(name))
}

fn plan(task: &str, changes: &[Change], after: &[String]) -> Vec<Line> {
    if changes.is_empty() {
        return vec![Line::Data(row(&styled(GOOD, "✔"), short(task), "already so"))];
    }
    let head = row(&styled(CARE, "►"), short(task), &counted(changes.len(), "change"));
    let changes = changes.iter().map(|change| format!("    {}", planned(change, after)));
    std::iter::once(head).chain(changes).map(Line::Data).collect()
}

fn checked(name: &str, sound: bool, detail: &str, hint: Option<&str>) -> Vec<Line> {
    let mark = if sound { styled(GOOD, "✔") } else { styled(BAD, "✗") };
    let detail = if sound { calm(detail).into_owned() } else { format!("not sound: {}", calm(detail)) };
    let mut lines = vec![Line::Data(row(&mark, name, &detail))];
    lines.extend(
        hint.map(|hint| Line::Data(format!("{:width$}hint: {}", "", calm(hint), width = COLUMN + 3))),
    );
    lines
}

fn summed(held: usize, differed: usize, changes: usize, millis: u64, plan_only: bool) -> String {
    let (tasks, time) = (counted(held + differed, "task"), took(millis));
    if differed == 0 {
        return format!("{tasks}: all already so, nothing to change, in {time}");
    }
    let done = if plan_only { "to change" } else { "changed" };
    format!("{tasks}: {held} already so, {differed} {done} ({}) in {time}", counted(changes, "change"))
}

fn listed(kind: Kind, name: &str, summary: &str, own: bool) -> String {
    let kind = match kind {
        Kind::Task => "task",
        Kind::Runbook => "runbook",
    };
    let own = if own { " (yours)" } else { "" };
    format!("{kind:7} {:LIST_COLUMN$} {}{own}", calm(name), calm(summary))
}

/// A line that a POSIX shell takes.
fn export(name: &str, value: &str) -> String {
    format!("export {name}='{}'", value.replace('\'', r"'\''"))
}
