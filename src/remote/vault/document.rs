//! The JSON document of a KV secret, kept key by key as it was read, so that values of others survive a
//! rewrite byte for byte: numbers of any size, booleans, lists.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use crate::plain::Plain;

/// JSON text by key, wiped when dropped.
#[derive(Default)]
pub(super) struct Document(BTreeMap<String, Zeroizing<String>>);

impl Document {
    /// The members of a JSON object; `null` is an empty one. Nothing where it is no object.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.trim() == "null" {
            return Some(Self::default());
        }
        let members = members(text)?.into_iter();
        Some(Self(members.map(|(key, value)| (key, Zeroizing::new(value.to_owned()))).collect()))
    }

    /// The values: strings as they are, `null` as an empty one as the operator does, anything else as its JSON text.
    pub(super) fn values(&self) -> BTreeMap<String, Plain> {
        self.0.iter().map(|(key, text)| (key.clone(), Self::plain(text))).collect()
    }

    /// A value of which the JSON text is given.
    pub(super) fn plain(text: &str) -> Plain {
        if text == "null" {
            return Plain::from(String::new());
        }
        let string = serde_json::from_str::<String>(text);
        Plain::from(string.unwrap_or_else(|_| text.to_owned()))
    }

    /// The JSON text of a member.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|text| text.as_str())
    }

    /// Whether all numbers of a member are the same to who takes them for floating-point ones.
    pub(super) fn is_exact_in_floats(&self, key: &str) -> bool {
        self.text(key).is_none_or(|text| numbers(text).all(is_float))
    }

    /// The document with these strings laid over it, as JSON text; the first key whose value is no text where
    /// there is one.
    pub(super) fn with(&self, set: &BTreeMap<String, Plain>) -> Result<Zeroizing<String>, String> {
        let strings = set.iter().map(|(key, value)| Ok((key, string(value).ok_or_else(|| key.clone())?)));
        let strings = strings.collect::<Result<BTreeMap<_, _>, String>>()?;
        let kept = self.0.iter().filter(|(key, _)| !set.contains_key(*key));
        let all = kept.chain(strings.iter().map(|(key, text)| (*key, text)));
        let length: usize = all.clone().map(|(key, text)| key.len() * 2 + text.len() + 8).sum();
        // Made in one piece: a string that grows leaves copies behind.
        let mut json = Zeroizing::new(String::with_capacity(length + 2));
        json.push('{');
        for (number, (key, text)) in all.enumerate() {
            json.push_str(if number == 0 { "" } else { "," });
            json.push_str(&serde_json::Value::from(key.as_str()).to_string());
            json.push(':');
            json.push_str(text);
        }
        json.push('}');
        Ok(json)
    }
}

#[expect(clippy::disallowed_methods, reason = "sink: the body of a write to Vault")]
fn string(value: &Plain) -> Option<Zeroizing<String>> {
    let text = value.expose_text()?;
    serde_json::to_string(&*text).ok().map(Zeroizing::new)
}

/// The numbers in a JSON text.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let outside = text.split(move |letter| {
        let was_quoted = quoted;
        (quoted, escaped) = match letter {
            _ if escaped => (quoted, false),
            '\\' => (quoted, true),
            '"' => (!quoted, false),
            _ => (quoted, false),
        };
        was_quoted || quoted || matches!(letter, ',' | ':' | '[' | ']' | '{' | '}') || letter.is_whitespace()
    });
    outside.filter(|part| part.starts_with(|first: char| first == '-' || first.is_ascii_digit()))
}

/// Whether Go writes a number as it stands when it has read it as a floating-point one: the fewest digits, and an exponent
/// only for what is large or small (`encoding/json`).
fn is_float(number: &str) -> bool {
    let plain = |read: f64| read == 0.0 || (1e-6..1e21).contains(&read.abs());
    number.parse().is_ok_and(|read: f64| plain(read) && read.to_string() == number)
}

/// Keys and JSON texts of an object's members.
pub(super) fn members(object: &str) -> Option<Vec<(String, &str)>> {
    serde_json::from_str::<IgnoredAny>(object).ok()?;
    let mut rest = object.trim_start().strip_prefix('{')?.trim_start();
    let mut all = Vec::new();
    while !rest.starts_with('}') {
        let (key, after) = rest.split_at(end(rest));
        let after = after.trim_start().strip_prefix(':')?.trim_start();
        let (value, after) = after.split_at(end(after));
        all.push((serde_json::from_str(key).ok()?, value));
        let after = after.trim_start();
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    Some(all)
}

/// The JSON text of one member.
pub(super) fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    members(object)?.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Where the JSON value ends that `text` begins with. `text` is part of valid JSON.
fn end(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        let ends = match byte {
            _ if escaped => {
                escaped = false;
                false
            }
            b'\\' => {
                escaped = true;
                false
            }
            b'"' => {
                quoted = !quoted;
                !quoted && depth == 0
            }
            _ if quoted => false,
            b'{' | b'[' => {
                depth += 1;
                false
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                depth == 0
            }
            // The end of a number or a word is seen only behind it.
            b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => false,
        };
        if ends {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::{Document, member, members};
    use crate::plain::Plain;

    #[test]
    fn values_of_others_survive_as_they_were_written() {
        let text = r#"{"n": 123456789012345678901234567890, "f":1.50,"b" :true,"l":[1,{"a":"]}"}],"s":"\u00e4\"","z":null}"#;
        let document = Document::read(text).unwrap();
        let set = BTreeMap::from([("b".to_owned(), Plain::from("x\"y".to_owned()))]);
        assert_eq!(
            *document.with(&set).unwrap(),
            r#"{"f":1.50,"l":[1,{"a":"]}"}],"n":123456789012345678901234567890,"s":"\u00e4\"","z":null,"b":"x\"y"}"#
        );
        let values = document.values();
        assert!(values["s"].same_as(&Plain::from("ä\"".to_owned())));
        assert!(values["z"].is_empty());
        assert!(values["l"].same_as(&Plain::from(r#"[1,{"a":"]}"}]"#.to_owned())));
    }

    #[test]
    fn numbers_that_floats_change_are_told() {
        for (text, is) in [
            ("5432", true),
            ("-0.5", true),
            ("9007199254740993", false),
            ("12345678901234567890", false),
            ("1.50", false),
            ("1e3", false),
            ("true", true),
            ("null", true),
            (r#""1.50 and 12345678901234567890""#, true),
            (r#"{"a\"1.50":["x",7,{"b":"-1.0"}]}"#, true),
            (r#"{"a":["x",7.0]}"#, false),
        ] {
            let document = Document::read(&format!(r#"{{"a":{text}}}"#)).unwrap();
            assert_eq!(document.is_exact_in_floats("a"), is, "{text}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_by_its_key() {
        let set = BTreeMap::from([("cert".to_owned(), Plain::new(vec![0xff]))]);
        assert_eq!(Document::default().with(&set).unwrap_err(), "cert");
    }

    #[test]
    fn no_object_is_no_document() {
        for text in ["", "[]", "3", r#"{"a":}"#, r#"{"a":1"#] {
            assert!(Document::read(text).is_none(), "{text}");
        }
        assert!(Document::read("null").unwrap().values().is_empty());
        assert_eq!(member(r#"{"data":{"data":null}}"#, "data"), Some(r#"{"data":null}"#));
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..4)
                    .prop_map(|all| Value::Object(all.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn members_are_those_that_serde_sees(object in prop::collection::btree_map(any::<String>(), json(), 0..5), pretty: bool) {
            let value = Value::Object(object.into_iter().collect::<Map<_, _>>());
            let text = if pretty { format!(" {value:#} ") } else { value.to_string() };
            let seen = members(&text).unwrap().into_iter()
                .map(|(key, text)| (key, serde_json::from_str::<Value>(text).unwrap()))
                .collect::<Map<_, _>>();
            prop_assert_eq!(Value::Object(seen), value);
        }
    }
}
