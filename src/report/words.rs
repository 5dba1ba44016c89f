//! Words: verbs in their tenses, counts, lengths of time, and names as people read them.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};

use super::{Change, Verb};

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const WORK: Style = AnsiColor::Cyan.on_default();
pub(super) const CARE: Style = AnsiColor::Yellow.on_default();
pub(super) const TITLE: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();

/// How many objects of one kind a finished task names before it only counts them.
const NAMED: usize = 4;

/// The text in a style; the writer drops the style where it is not wanted.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// `1 task`, `2 tasks`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `0.3 s`, `2 min 5 s`.
pub(super) fn took(millis: u64) -> String {
    if millis < 60_000 {
        return format!("{}.{} s", millis / 1000, millis % 1000 / 100);
    }
    format!("{} min {} s", millis / 60_000, millis % 60_000 / 1000)
}

/// The task's name without the folder that all tasks of the reference flow share.
pub(super) fn short(task: &str) -> &str {
    task.strip_prefix("k8s:bootstrap:").unwrap_or(task)
}

/// The text without control characters: what a remote says must not steer the terminal.
pub(super) fn calm(text: &str) -> Cow<'_, str> {
    let wild = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(wild) { Cow::Owned(text.replace(wild, "\u{fffd}")) } else { Cow::Borrowed(text) }
}

impl Verb {
    /// As it reads after "will" or "cannot".
    #[must_use]
    pub fn infinitive(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Run => "run",
            Self::Wait => "wait for",
        }
    }

    pub(super) fn sign(self) -> String {
        match self {
            Self::Create => styled(GOOD, "+"),
            Self::Update => styled(CARE, "~"),
            Self::Replace => styled(CARE, "±"),
            Self::Delete => styled(BAD, "-"),
            Self::Run => styled(WORK, "▶"),
            Self::Wait => styled(WORK, "…"),
        }
    }

    pub(super) fn past(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Update => "updated",
            Self::Replace => "replaced",
            Self::Delete => "deleted",
            Self::Run => "ran",
            Self::Wait => "waited for",
        }
    }
}

/// A change that is to be made: ``+ create Secret `kube-system/vault-token` (token)``.
pub(super) fn planned(change: &Change, after: &[String]) -> String {
    let Change { verb, object, details } = change;
    let details =
        if details.is_empty() { String::new() } else { format!(" ({})", calm(&details.join(", "))) };
    let (will, once) = if after.is_empty() {
        ("", String::new())
    } else {
        let makers = after.iter().map(|task| short(task)).collect::<Vec<_>>();
        let has = if makers.len() == 1 { "has" } else { "have" };
        ("will ", format!(", once {} {has} run", makers.join(" and ")))
    };
    format!("{} {will}{} {}{details}{once}", verb.sign(), verb.infinitive(), calm(object))
}

/// The changes that a task has made, in one line; neighbours of one kind share their verb and noun.
pub(super) fn made(changes: &[Change]) -> String {
    let mut groups: Vec<(Verb, &str, Vec<&str>)> = Vec::new();
    for change in changes {
        let noun_ends = change.object.find('`').unwrap_or(change.object.len());
        let (noun, name) = change.object.split_at(noun_ends);
        match groups.last_mut() {
            Some((verb, of, names)) if *verb == change.verb && *of == noun && !name.is_empty() => {
                names.push(name);
            }
            _ => groups.push((change.verb, noun, vec![name])),
        }
    }
    let told = groups.iter().map(|(verb, noun, names)| format!("{} {noun}{}", verb.past(), some_of(names)));
    calm(&told.collect::<Vec<_>>().join("; ")).into_owned()
}

fn some_of(names: &[&str]) -> String {
    if names.len() <= NAMED + 1 {
        return names.join(", ");
    }
    format!("{} and {} more", names[..NAMED].join(", "), names.len() - NAMED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_kind_share_verb_and_noun() {
        let namespace = |name: &str| Change::new(Verb::Create, format!("Namespace `{name}`"));
        let few = [namespace("a"), namespace("b"), Change::new(Verb::Update, "policy `p`")];
        assert_eq!(made(&few), "created Namespace `a`, `b`; updated policy `p`");
        let many = ["a", "b", "c", "d", "e", "f"].map(namespace);
        assert_eq!(made(&many), "created Namespace `a`, `b`, `c`, `d` and 2 more");
    }

    #[test]
    fn objects_without_a_name_stand_alone() {
        let twice = [Change::new(Verb::Run, "helmfile"), Change::new(Verb::Run, "helmfile")];
        assert_eq!(made(&twice), "ran helmfile; ran helmfile");
    }

    #[test]
    fn lengths_of_time_are_read_at_a_glance() {
        assert_eq!(
            [0, 2149, 59_999, 60_000, 125_400].map(took),
            ["0.0 s", "2.1 s", "59.9 s", "1 min 0 s", "2 min 5 s"]
        );
    }

    #[test]
    fn a_remote_cannot_steer_the_terminal() {
        assert_eq!(calm("\u{1b}[2Jgone"), "\u{fffd}[2Jgone");
        assert!(matches!(calm("plain\ntext"), Cow::Borrowed(_)));
    }
}
