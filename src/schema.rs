//! JSON Schemas of the files that people write, and of the events that `--json` prints. They come from the
//! same types that read and write them.

use std::path::Path;

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::bootstrap::step::Step;
use crate::bootstrap::{Runbook, TaskFile};
use crate::report::Event;
use crate::settings::Settings;

/// The schemas by name, as pretty JSON with a line end.
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    [("settings", of::<Settings>()), ("task", task()), ("runbook", of::<Runbook>()), ("event", events())]
        .map(|(name, schema)| (name, format!("{schema:#}\n")))
        .into()
}

/// Writes all of them into a folder, over what is there.
///
/// # Errors
/// The folder cannot be written to.
pub fn write_all(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    all().into_iter().try_for_each(|(name, text)| std::fs::write(folder.join(file_name(name)), text))
}

/// The file that the schema of a name is kept in; that of the settings is named like theirs.
#[must_use]
pub fn file_name(name: &str) -> String {
    format!("{}.schema.json", if name == "settings" { "sealstrap" } else { name })
}

/// Files that are read: what has a default may be absent.
fn of<T: JsonSchema>() -> Value {
    SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>().to_value()
}

/// Events are written: what is always there is required.
fn events() -> Value {
    SchemaGenerator::new(SchemaSettings::draft2020_12().for_serialize())
        .into_root_schema_for::<Event>()
        .to_value()
}

/// The name of the definition of an expression.
const EXPRESSION: &str = "Expression";
/// The name of the definition of an entry of `ensure`, which may hold further ones.
const ENTRY: &str = "Entry";

/// A task file holds its steps before their expressions are rendered, so their types are added here:
/// wherever a step wants something else than free text, an expression may stand instead.
fn task() -> Value {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let step = generator.root_schema_for::<Step>().to_value();
    let mut schema = generator.into_root_schema_for::<TaskFile>().to_value();
    let mut definitions = step.get("$defs").and_then(Value::as_object).cloned().unwrap_or_default();
    definitions.values_mut().for_each(allow_expressions);
    definitions.insert(EXPRESSION.into(), expression());
    definitions.insert(ENTRY.into(), entry(&step));
    schema["properties"]["ensure"]["items"] = reference(ENTRY);
    schema["$defs"] = Value::Object(definitions);
    schema
}

fn reference(definition: &str) -> Value {
    json!({"$ref": format!("#/$defs/{definition}")})
}

fn expression() -> Value {
    json!({
        "description": "An expression over the settings, for example `{{ vault.prefix }}`.",
        "type": "string",
        "pattern": r"\{\{.*\}\}",
    })
}

/// One entry of `ensure`: exactly one kind of step, or entries of its own, and perhaps `when` and `forEach`
/// beside it.
fn entry(step: &Value) -> Value {
    let kinds = step.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let mut properties = beside();
    let mut one = vec![json!({"required": ["ensure"]})];
    for kind in kinds {
        let description = kind.get("description");
        for (name, schema) in kind.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let mut schema = schema.clone();
            if let (Some(schema), Some(description)) = (schema.as_object_mut(), description) {
                schema.insert("description".into(), description.clone());
            }
            properties.insert(name.clone(), schema);
            one.push(json!({"required": [name]}));
        }
    }
    json!({"type": "object", "properties": properties, "additionalProperties": false, "oneOf": one})
}

/// What an entry may hold beside a step.
fn beside() -> Map<String, Value> {
    let described = |description: &str, rest: Value| {
        let mut all = json!({"description": description});
        all.as_object_mut()
            .into_iter()
            .for_each(|all| all.extend(rest.as_object().cloned().unwrap_or_default()));
        all
    };
    Map::from_iter([
        (
            "when".to_owned(),
            described(
                "An expression; the entry is left out unless it is true.",
                json!({"type": ["string", "boolean"]}),
            ),
        ),
        (
            "forEach".to_owned(),
            described(
                "A list, mostly an expression; the entry stands once for each `item` of it.",
                json!({"type": ["string", "array"]}),
            ),
        ),
        (
            "ensure".to_owned(),
            described(
                "Entries that share `when` and `forEach`.",
                json!({"type": "array", "items": reference(ENTRY)}),
            ),
        ),
    ])
}

/// Lets an expression stand for each value inside a schema.
fn allow_expressions(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    if let Some(properties) = map.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(wrap);
    }
    for inner in ["items", "additionalProperties"] {
        map.get_mut(inner).filter(|schema| schema.is_object()).map(wrap).unwrap_or_default();
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        map.get_mut(choice).and_then(Value::as_array_mut).into_iter().flatten().for_each(allow_expressions);
    }
}

fn wrap(schema: &mut Value) {
    allow_expressions(schema);
    if takes_any_text(schema) {
        return;
    }
    let mut inner = schema.take();
    let mut outer = Map::new();
    if let Some(inner) = inner.as_object_mut() {
        // What editors show stays outside; what validates goes in.
        for note in ["description", "default"] {
            outer.extend(inner.remove(note).map(|value| (note.to_owned(), value)));
        }
    }
    outer.insert("anyOf".into(), json!([inner, reference(EXPRESSION)]));
    *schema = Value::Object(outer);
}

fn takes_any_text(schema: &Value) -> bool {
    let Some(map) = schema.as_object() else { return true };
    let narrowed = ["enum", "const", "pattern", "format"].iter().any(|word| map.contains_key(*word));
    let text = match map.get("type") {
        Some(Value::String(kind)) => kind == "string",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "string"),
        _ => false,
    };
    let anything = !["type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"]
        .iter()
        .any(|word| map.contains_key(*word));
    anything || (text && !narrowed)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::all;
    use crate::yaml::Tree;

    fn schema(name: &str) -> Value {
        let text = all().into_iter().find(|(other, _)| *other == name).unwrap().1;
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn each_says_which_dialect_it_is() {
        for (name, text) in all() {
            let schema: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
            assert!(text.ends_with("}\n"));
        }
    }

    #[test]
    fn every_reference_in_them_is_defined() {
        fn references(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(map) => {
                    found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    map.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        for (name, text) in all() {
            let schema: Value = serde_json::from_str(&text).unwrap();
            let mut found = Vec::new();
            references(&schema, &mut found);
            for reference in found {
                assert!(schema.pointer(&reference[1..]).is_some(), "{name}: {reference}");
            }
        }
    }

    #[test]
    fn the_entries_of_the_embedded_tasks_are_those_of_the_schema() {
        fn check(entries: &Value, allowed: &Value) {
            for entry in entries.as_array().unwrap() {
                for (name, value) in entry.as_object().unwrap() {
                    assert!(allowed.get(name).is_some(), "{name}");
                    if name == "ensure" {
                        check(value, allowed);
                    }
                }
            }
        }
        let schema = schema("task");
        let entry = &schema["$defs"]["Entry"];
        assert_eq!(entry["additionalProperties"], false);
        assert_eq!(
            entry["oneOf"].as_array().unwrap().len() + 2,
            entry["properties"].as_object().unwrap().len()
        );
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tasks/k8s/bootstrap");
        for file in std::fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            let tree = Tree::parse(&file, &std::fs::read_to_string(&file).unwrap()).unwrap();
            check(tree.value.get("ensure").unwrap_or(&Value::Array(Vec::new())), &entry["properties"]);
        }
    }

    #[test]
    fn an_expression_may_stand_where_a_step_wants_more_than_text() {
        let schema = schema("task");
        let allowed =
            |pointer: &str| schema.pointer(pointer).unwrap().to_string().contains("#/$defs/Expression");
        assert!(allowed("/$defs/GitWebhook/properties/ping"));
        assert!(allowed("/$defs/GitWebhook/properties/events"));
        assert!(allowed("/$defs/VaultToken/properties/keep"));
        assert!(!allowed("/$defs/GitWebhook/properties/url"));
    }
}
