//! Whether an object that is there says all that another one would.

use serde_json::Value;

/// The fields in which `theirs` says something else than `ours`, or nothing; what it says beyond that does not count.
pub(super) fn lacks(theirs: &Value, ours: &Value) -> Vec<String> {
    let mut fields = Vec::new();
    compare(theirs, ours, "", &mut fields);
    fields
}

fn compare(theirs: &Value, ours: &Value, at: &str, fields: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (key, value) in ours {
                let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                match theirs.get(key) {
                    Some(found) => compare(found, value, &at, fields),
                    None if is_nothing(value) => {}
                    None => fields.push(at),
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            let is_there = |item: &Value| theirs.iter().any(|found| lacks(found, item).is_empty());
            let missing = ours.iter().enumerate().filter(|(_, item)| !is_there(item));
            fields.extend(missing.map(|(index, _)| format!("{at}[{index}]")));
        }
        (Value::Null, ours) if is_nothing(ours) => {}
        (theirs, ours) if theirs == ours => {}
        _ => fields.push(at.to_owned()),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn more_is_no_difference_and_less_or_other_is() {
        let ours = json!({"a": 1, "b": {"c": [{"d": 1}, {"e": 2}]}, "values": {}});
        assert!(lacks(&ours, &ours).is_empty());
        let more = json!({"a": 1, "x": 0, "b": {"c": [{"e": 2, "y": 0}, {"d": 1}, 3]}, "values": {"z": 1}});
        assert!(lacks(&more, &ours).is_empty());
        let silent = json!({"a": 1, "b": {"c": [{"d": 1}, {"e": 2}]}});
        assert!(lacks(&silent, &ours).is_empty());
        let other = json!({"a": 2, "b": {"c": [{"d": 1}]}, "values": null});
        assert_eq!(lacks(&other, &ours), ["a", "b.c[1]"]);
        assert_eq!(lacks(&json!({"b": 1}), &ours), ["a", "b"]);
    }
}
