//! Names with values, and words of commands.

use super::Place;
use super::look::{Look, Scope, way};
use crate::scan::verdict::{Expect, judge};
use crate::yaml::outline::{Id, Outline, Shape};

/// The value of a map that has a `name` too, which is judged by that name: a variable of a container, a parameter of a
/// chart.
pub(super) fn entry(look: &mut Look, outline: &Outline, id: Id, scope: &Scope) -> Option<Id> {
    let value = outline.get(id, "value")?;
    let name = outline.text_at(id, &["name"]).filter(|name| !name.is_empty())?;
    outline.scalar(value)?;
    let in_list = outline.parent(id).and_then(|list| outline.key(list));
    let place = match in_list.as_deref() {
        Some("parameters" | "fileParameters" | "helmParameters") => Place::HelmParameter,
        _ => Place::EnvLiteral,
    };
    look.named(outline, value, &name, &scope.at(place));
    Some(value)
}

/// Words of a command: `--password=…`, and `--password` before a word.
pub(super) fn arguments(look: &mut Look, outline: &Outline, id: Id, scope: &Scope) {
    let is_command =
        matches!(outline.key(id).as_deref(), Some("args" | "command" | "extraArgs" | "arguments"));
    if !is_command {
        return;
    }
    let scope = &scope.at(Place::Argument);
    let mut before = None;
    for item in outline.children(id) {
        if !matches!(outline.shape(item), Shape::Scalar(_)) {
            continue;
        }
        let text = outline.scalar(item).unwrap_or_default();
        let flag = text.strip_prefix("--").or_else(|| text.strip_prefix('-'));
        match (flag, before.take()) {
            (Some(flag), _) => match flag.split_once('=') {
                Some((name, value)) => {
                    let verdict = judge(Expect::ByName, name, value);
                    look.tell(outline, item, scope, verdict, value.as_bytes());
                }
                None => before = Some(flag.to_owned()),
            },
            (None, Some(name)) => {
                look.named(outline, item, &name, scope);
            }
            (None, None) => look.inner(outline, item, &text, scope),
        }
    }
}

/// Variables as words `NAME=value`, as Docker and Compose take them.
pub(super) fn variables(look: &mut Look, outline: &Outline, id: Id, scope: &Scope) {
    let is_environment = matches!(
        outline.key(id).as_deref(),
        Some("env" | "environment" | "envs" | "extraEnv" | "envVars" | "variables" | "args" | "build_args")
    );
    if !is_environment {
        return;
    }
    let scope = &scope.at(Place::EnvLiteral);
    for item in outline.children(id).filter(|item| matches!(outline.shape(*item), Shape::Scalar(_))) {
        let text = outline.scalar(item).unwrap_or_default();
        let is_name =
            |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
        let Some((name, value)) = text.split_once('=').filter(|(name, _)| is_name(name)) else { continue };
        let way = format!("{}.{name}", way(outline, id, scope));
        let word = (name, value, text.len() - value.len());
        look.word((outline, item), word, way, scope, Expect::ByName);
    }
}
