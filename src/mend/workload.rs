//! Variables and arguments of containers: taken from a Secret, which is sealed in a file beside.

use serde_json::{Value, json};

use super::refusal::No;
use super::secret::is_filled_in;
use super::site;
use super::store::{Store, beside};
use super::work::{Claim, Left, Work};
use crate::plain::Plain;
use crate::yaml::Segment;

/// The kinds that have containers, and the ways to their pods.
const WORKLOADS: [(&str, &[&str]); 9] = [
    ("Pod", &["spec"]),
    ("PodTemplate", &["template", "spec"]),
    ("Deployment", &["spec", "template", "spec"]),
    ("StatefulSet", &["spec", "template", "spec"]),
    ("DaemonSet", &["spec", "template", "spec"]),
    ("ReplicaSet", &["spec", "template", "spec"]),
    ("ReplicationController", &["spec", "template", "spec"]),
    ("Job", &["spec", "template", "spec"]),
    ("CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
];

/// The way to the pods of a kind that has some.
pub(super) fn pod(kind: &str) -> Option<&'static [&'static str]> {
    WORKLOADS.iter().find(|(known, _)| *known == kind).map(|(_, way)| *way)
}

/// What is behind the way to a container.
fn in_container<'w>(kind: &str, way: &'w [Segment]) -> Option<&'w [Segment]> {
    match way.strip_prefix(&site::path(pod(kind)?)[..])? {
        [Segment::Key(list), Segment::Index(_), rest @ ..]
            if ["containers", "initContainers", "ephemeralContainers"].contains(&list.as_str()) =>
        {
            Some(rest)
        }
        _ => None,
    }
}

/// Whether a way within an object leads to the value of a container's variable.
pub(super) fn is_variable(kind: &str, way: &[Segment]) -> bool {
    matches!(in_container(kind, way), Some([Segment::Key(env), Segment::Index(_), Segment::Key(value)])
        if env == "env" && value == "value")
}

/// Whether a way within an object leads to a word of a container's command.
pub(super) fn is_argument(kind: &str, way: &[Segment]) -> bool {
    matches!(in_container(kind, way), Some([Segment::Key(words), Segment::Index(_)])
        if words == "args" || words == "command")
}

/// Moves values of a workload to the Secret `NAME-env`.
pub(super) fn mend(
    work: &mut Work,
    document: usize,
    object: &[Segment],
    claims: &[Claim],
) -> Result<Left, No> {
    let (namespace, name) = work.landing(document, object)?;
    let file = beside(work, "-env");
    let kind = [object, &["kind".into()]].concat();
    let kind = work.draft.value(document, &kind).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut store = Store::of(work, (&namespace, &format!("{name}-env")), &kind, &file)?;
    let mut left = Left::new();
    for claim in claims {
        let made = match claim.site.way.last() {
            Some(Segment::Key(_)) => variable(work, document, &mut store, claim),
            _ => argument(work, document, &mut store, claim),
        };
        left.extend(made.err().map(|no| (claim.number, no)));
    }
    store.keep(work, |_| ())?;
    Ok(left)
}

/// `value: x` becomes `valueFrom`.
fn variable(work: &mut Work, document: usize, store: &mut Store, claim: &Claim) -> Result<(), No> {
    let (path, entry) = (claim.site.path(), claim.site.above(1));
    let name = [entry.clone(), vec!["name".into()]].concat();
    let name = work.draft.value(document, &name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let value = text(work, document, &path)?;
    literal(&name, &value)?;
    let other = format!("{}.{name}", container_name(work, document, &claim.site.above(3)));
    let key = store.key(&value, [name.clone(), other]).ok_or_else(|| taken(store, &name))?;
    let from = json!({"secretKeyRef": {"name": store.name(), "key": key}});
    work.draft.put(document, &path, "valueFrom", &from)?;
    store.take(key, value);
    Ok(())
}

/// The value in an argument becomes a variable, which Kubernetes fills in.
fn argument(work: &mut Work, document: usize, store: &mut Store, claim: &Claim) -> Result<(), No> {
    let (path, container) = (claim.site.path(), claim.site.above(2));
    let argument = work.draft.value(document, &path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (head, flag) = split(work, document, &path, &argument).ok_or_else(No::unsafe_place)?;
    if argument.contains(char::is_whitespace) || runs_a_shell(work.draft.value(document, &container)) {
        let reason = "a shell may read this command, and would read the value as a part of it";
        return Err(No::new(reason, "have the program read it from a variable"));
    }
    let value = Plain::from(argument[head.len()..].to_owned());
    literal(&flag, &value)?;
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    let name = format!("ARGUMENT_{}", flag.chars().map(letter).collect::<String>());
    let list = [container, vec!["env".into()]].concat();
    let env = work.draft.value(document, &list).and_then(Value::as_array);
    if env.into_iter().flatten().any(|entry| entry["name"] == *name) {
        let reason = format!("the container has a variable `{name}` already");
        return Err(No::new(reason, "name one of the two otherwise"));
    }
    let key = store.key(&value, [name.clone()]).ok_or_else(|| taken(store, &name))?;
    let entry = json!({"name": name, "valueFrom": {"secretKeyRef": {"name": store.name(), "key": key}}});
    let before = work.draft.clone();
    let made = work.draft.set(document, &path, &format!("{head}$({name})"));
    if let Err(no) = made.and_then(|()| work.draft.push(document, &list, &entry)) {
        work.draft = before;
        return Err(no);
    }
    store.take(key, value);
    Ok(())
}

/// What of an argument stands before the value, and the name of its flag: `--password=` of `--password=x`; nothing
/// where the flag is the argument before it.
fn split(work: &Work, document: usize, path: &[Segment], argument: &str) -> Option<(String, String)> {
    let name = |flag: &str| Some(flag.trim_start_matches('-').to_owned()).filter(|name| !name.is_empty());
    if argument.starts_with('-') {
        let (flag, _) = argument.split_once('=')?;
        return Some((format!("{flag}="), name(flag)?));
    }
    let (Segment::Index(index), list) = path.split_last()? else { return None };
    let before = [list, &[index.checked_sub(1)?.into()]].concat();
    let flag = work.draft.value(document, &before)?.as_str()?;
    Some((String::new(), name(flag.strip_prefix('-')?)?))
}

/// Whether a container runs a shell that takes a text as its program.
fn runs_a_shell(container: Option<&Value>) -> bool {
    const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "ksh"];
    let list =
        |key: &str| container.and_then(|container| container.get(key)?.as_array()).into_iter().flatten();
    let words = || list("command").chain(list("args")).filter_map(Value::as_str);
    let is_shell = |word: &str| SHELLS.contains(&word.rsplit('/').next().unwrap_or(word));
    let takes_a_text = |word: &str| {
        word.strip_prefix('-')
            .is_some_and(|flags| flags.ends_with('c') && flags.bytes().all(|b| b.is_ascii_lowercase()))
    };
    words().any(is_shell)
        || words().any(takes_a_text) && words().any(|word| word.contains(char::is_whitespace))
}

/// Refuses a value that is not all there is, or that Kubernetes fills in where it stands.
#[expect(clippy::disallowed_methods, reason = "sink: a look at a value, of which nothing is kept")]
fn literal(name: &str, value: &Plain) -> Result<(), No> {
    let text = value.expose_text().unwrap_or_default();
    if is_filled_in(name, value) || text.contains("$(") || text.contains("$$") {
        return Err(No::expression());
    }
    Ok(())
}

fn text(work: &Work, document: usize, path: &[Segment]) -> Result<Plain, No> {
    let value = work.draft.value(document, path).and_then(Value::as_str);
    let text =
        value.ok_or_else(|| No::new("Kubernetes takes texts here, and this is none", "put it in quotes"))?;
    Ok(Plain::from(text.to_owned()))
}

fn container_name(work: &Work, document: usize, container: &[Segment]) -> String {
    let path = [container, &["name".into()]].concat();
    work.draft.value(document, &path).and_then(Value::as_str).unwrap_or("container").to_owned()
}

fn taken(store: &Store, name: &str) -> No {
    let reason = format!("`{}` has another value under the key `{name}` already", store.name());
    No::new(reason, "name one of the variables otherwise")
}
