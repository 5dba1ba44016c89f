//! `${NAME}` in manifests, replaced as Flux does it after a build (`postBuild.substitute`).
//!
//! Flux replaces in the text of each object; here it happens in the scalars of the parsed object, so that a value
//! cannot change the structure around it. The result is the same, except where Flux would break an object: labels,
//! annotations and other fields that are always text stay text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The label or annotation by which an object opts out.
const OPT_OUT: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// Keys below which Kubernetes allows only text.
const TEXT: [&str; 10] = [
    "annotations",
    "args",
    "binaryData",
    "command",
    "data",
    "labels",
    "matchLabels",
    "nodeSelector",
    "stringData",
    "value",
];

/// Replaces in all scalars of an object, and returns the expressions that could not be resolved.
pub(super) fn substitute(object: &mut Value, values: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    if !opts_out(object) {
        walk(object, values, false, &mut missing);
    }
    missing
}

/// Definitions of kinds are left alone too: their descriptions explain `${…}` to people.
fn opts_out(object: &Value) -> bool {
    let metadata = &object["metadata"];
    object["kind"] == "CustomResourceDefinition"
        || metadata["labels"][OPT_OUT] == "disabled"
        || metadata["annotations"][OPT_OUT] == "disabled"
}

fn walk(value: &mut Value, values: &BTreeMap<String, String>, text: bool, missing: &mut BTreeSet<String>) {
    match value {
        Value::String(scalar) => {
            if let Some(new) = replaced(scalar, values, missing) {
                *value = if text { Value::String(new) } else { typed(new) };
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| walk(item, values, text, missing)),
        Value::Object(map) => {
            let old = std::mem::take(map);
            let renamed = old.into_iter().map(|(key, mut value)| {
                walk(&mut value, values, text || TEXT.contains(&key.as_str()), missing);
                (replaced(&key, values, missing).unwrap_or(key), value)
            });
            *map = renamed.collect::<Map<_, _>>();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The scalar with its expressions replaced, where it has any.
fn replaced(text: &str, values: &BTreeMap<String, String>, missing: &mut BTreeSet<String>) -> Option<String> {
    if !text.contains("${") {
        return None;
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(escaped) = before.strip_suffix('$') {
            result.push_str(escaped);
            result.push_str("${");
            rest = &from[2..];
            continue;
        }
        result.push_str(before);
        let Some(length) = closing(&from[2..]) else {
            missing.insert(from.chars().take(20).collect());
            return Some(result);
        };
        let expression = &from[2..2 + length];
        match resolve(expression, values, missing) {
            Some(value) => result.push_str(&value),
            None => drop(missing.insert(expression.to_owned())),
        }
        rest = &from[2 + length + 1..];
    }
    result.push_str(rest);
    Some(result)
}

/// Where the brace that was opened before `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The value of `NAME`, `NAME:-default`, `NAME:=default`, `NAME-default` or `NAME=default`.
fn resolve(
    expression: &str,
    values: &BTreeMap<String, String>,
    missing: &mut BTreeSet<String>,
) -> Option<String> {
    let end = expression.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(expression.len());
    let (name, operation) = expression.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let value = values.get(name);
    if operation.is_empty() {
        return value.cloned();
    }
    let (default, value) = match operation.strip_prefix([':']) {
        Some(rest) => (rest.strip_prefix(['-', '='])?, value.filter(|value| !value.is_empty())),
        None => (operation.strip_prefix(['-', '='])?, value),
    };
    match value {
        Some(value) => Some(value.clone()),
        None => Some(replaced(default, values, missing).unwrap_or_else(|| default.to_owned())),
    }
}

/// A replaced scalar as YAML reads it without quotes, which is how it stands in the text that Flux replaces in.
fn typed(text: String) -> Value {
    match text.as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" | "~" => Value::Null,
        number if is_decimal(number) => serde_json::from_str(number).unwrap_or(Value::String(text)),
        _ => Value::String(text),
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::{Value, json};

    use super::substitute;

    fn values() -> BTreeMap<String, String> {
        [("DOMAIN", "example.com"), ("EMPTY", ""), ("PORT", "8200"), ("ON", "true")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    fn text(from: &str) -> (Value, BTreeSet<String>) {
        let mut object = json!({"spec": {"x": from}});
        let missing = substitute(&mut object, &values());
        (object["spec"]["x"].clone(), missing)
    }

    #[test]
    fn expressions_are_replaced_as_flux_does() {
        for (from, to) in [
            ("https://vault.${DOMAIN}:${PORT}", "https://vault.example.com:8200"),
            ("${NONE:-other}", "other"),
            ("${NONE:=other}", "other"),
            ("${NONE=other}", "other"),
            ("${NONE:-}", ""),
            ("x${EMPTY:-other}", "xother"),
            ("x${EMPTY-other}", "x"),
            ("x${EMPTY}", "x"),
            ("${NONE:=a-${DOMAIN}-b}", "a-example.com-b"),
            ("$${DOMAIN}", "${DOMAIN}"),
            ("$${NONE=${DOMAIN}}", "${NONE=example.com}"),
            ("$DOMAIN and $(DOMAIN) and $$", "$DOMAIN and $(DOMAIN) and $$"),
            ("a}${DOMAIN}", "a}example.com"),
        ] {
            assert_eq!(text(from), (json!(to), BTreeSet::new()), "{from}");
        }
    }

    #[test]
    fn what_cannot_be_resolved_is_named() {
        for (from, name) in [
            ("a ${NONE} b", "NONE"),
            ("${DOMAIN^^}", "DOMAIN^^"),
            ("${NONE:-${OTHER}}", "OTHER"),
            ("${ DOMAIN }", " DOMAIN "),
            ("${}", ""),
            ("${1}", "1"),
            ("${DOMAIN", "${DOMAIN"),
        ] {
            assert_eq!(text(from).1, BTreeSet::from([name.to_owned()]), "{from}");
        }
    }

    #[test]
    fn a_value_cannot_change_the_structure() {
        let mut object = json!({"a": "${X}"});
        let values = BTreeMap::from([("X".to_owned(), "b\nc: d # {e}".to_owned())]);
        substitute(&mut object, &values);
        assert_eq!(object, json!({"a": "b\nc: d # {e}"}));
    }

    #[test]
    fn a_replaced_scalar_is_typed_where_the_field_may_be_a_number() {
        let mut object = json!({
            "metadata": {"annotations": {"port": "${PORT}"}},
            "spec": {"port": "${PORT}", "on": "${ON}", "env": [{"value": "${PORT}"}], "version": "v${PORT}"}});
        assert!(substitute(&mut object, &values()).is_empty());
        assert_eq!(
            object,
            json!({
                "metadata": {"annotations": {"port": "8200"}},
                "spec": {"port": 8200, "on": true, "env": [{"value": "8200"}], "version": "v8200"}})
        );
    }

    #[test]
    fn keys_are_replaced_too() {
        let mut object = json!({"data": {"${DOMAIN}": "x"}});
        substitute(&mut object, &values());
        assert_eq!(object, json!({"data": {"example.com": "x"}}));
    }

    #[test]
    fn objects_that_opt_out_and_definitions_of_kinds_are_left_alone() {
        let annotated = json!({"metadata": {"annotations": {super::OPT_OUT: "disabled"}}, "x": "${NONE}"});
        let labelled = json!({"metadata": {"labels": {super::OPT_OUT: "disabled"}}, "x": "${NONE}"});
        let crd =
            json!({"kind": "CustomResourceDefinition", "spec": {"description": "e.g. ${var:position}"}});
        for object in [annotated, labelled, crd] {
            let mut copy = object.clone();
            assert!(substitute(&mut copy, &values()).is_empty());
            assert_eq!(copy, object);
        }
    }
}
