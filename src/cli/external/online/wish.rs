//! What ExternalSecrets ask for, compared between a file and the cluster, where an API server has filled in defaults.

use serde_json::Value;

/// The fields that say what is read, and through which store.
const FIELDS: [&str; 3] = ["data", "dataFrom", "secretStoreRef"];

/// What an API server fills in, of any version of the operator.
const DEFAULTS: [(&str, &str); 8] = [
    ("kind", "SecretStore"),
    ("conversionStrategy", "Default"),
    ("decodingStrategy", "None"),
    ("metadataPolicy", "None"),
    ("nullBytePolicy", "Ignore"),
    ("conflictPolicy", "Error"),
    ("priorityPolicy", "Strict"),
    ("strategy", "Extract"),
];

/// Whether two ExternalSecrets ask for the same.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    let of = |object: &Value, field: &str| bare(object.get("spec").and_then(|spec| spec.get(field)));
    FIELDS.iter().all(|field| of(one, field) == of(other, field))
}

/// A value without what says nothing more than its absence; nothing where that is all of it.
fn bare(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().map(|item| bare(Some(item)).unwrap_or_default()).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(map) => {
            let is_default = |key: &str, value: &Value| {
                DEFAULTS.iter().any(|(known, default)| *known == key && value == default)
            };
            let told = map.iter().filter(|(key, value)| !is_default(key, value));
            Some(told.filter_map(|(key, value)| Some((key.clone(), bare(Some(value))?))).collect())
        }
        other => Some(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_same;

    #[test]
    fn defaults_make_no_difference_and_all_else_does() {
        let entry = |reference| json!({"spec": {"data": [{"secretKey": "a", "remoteRef": reference}]}});
        let one = entry(json!({"key": "k8s/a", "property": "x"}));
        let filled = json!({
            "key": "k8s/a", "property": "x", "decodingStrategy": "None", "conversionStrategy": "Default",
            "metadataPolicy": "None", "nullBytePolicy": "Ignore", "version": null,
        });
        assert!(is_same(&one, &entry(filled)));
        for other in [
            json!({"key": "k8s/a", "property": "y"}),
            json!({"key": "k8s/a", "property": "x", "decodingStrategy": "Base64"}),
            json!({"key": "k8s/a", "property": "x", "version": "2"}),
        ] {
            assert!(!is_same(&one, &entry(other.clone())), "{other}");
        }
        assert!(is_same(&json!({"spec": {"data": []}}), &json!({"spec": {}})));
        assert!(!is_same(&one, &json!({"spec": {}})));
    }
}
