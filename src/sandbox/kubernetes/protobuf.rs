//! The protobuf bodies that `kubectl create namespace`, `secret`, `configmap` and `serviceaccount` send, and
//! which it does not repeat as JSON when refused (`k8s.io/apimachinery/pkg/runtime/generated.proto`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The media type of such bodies.
pub(super) const MEDIA: &str = "application/vnd.kubernetes.protobuf";

/// The object in a body; nothing where it is of another kind or cut short.
pub(super) fn decode(body: &[u8]) -> Option<Value> {
    let envelope = Message::read(body.strip_prefix(b"k8s\0")?)?;
    let of_type = Message::read(envelope.bytes(1)?)?;
    let object = Message::read(envelope.bytes(2)?)?;
    let mut decoded = json!({"apiVersion": of_type.text(1)?, "kind": of_type.text(2)?});
    decoded["metadata"] = metadata(&Message::read(object.bytes(1)?)?)?;
    match (decoded["apiVersion"].as_str()?, decoded["kind"].as_str()?) {
        ("v1", "Namespace" | "ServiceAccount") => {}
        ("v1", "ConfigMap") => decoded["data"] = object.map(2, |value| text(value).map(Value::from))?,
        ("v1", "Secret") => {
            decoded["data"] = object.map(2, |value| Some(STANDARD.encode(value).into()))?;
            decoded["stringData"] = object.map(4, |value| text(value).map(Value::from))?;
            if let Some(kind) = object.text(3).filter(|kind| !kind.is_empty()) {
                decoded["type"] = kind.into();
            }
        }
        _ => return None,
    }
    Some(decoded)
}

fn metadata(message: &Message<'_>) -> Option<Value> {
    let string = |value: &[u8]| text(value).map(Value::from);
    let mut meta = json!({"labels": message.map(11, string)?, "annotations": message.map(12, string)?});
    for (number, name) in [(1, "name"), (2, "generateName"), (3, "namespace")] {
        if let Some(value) = message.text(number).filter(|value| !value.is_empty()) {
            meta[name] = value.into();
        }
    }
    let fields = meta.as_object_mut()?;
    fields.retain(|_, value| *value != json!({}));
    Some(meta)
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The fields of a message that have a length, by number.
struct Message<'a>(Vec<(u64, &'a [u8])>);

impl<'a> Message<'a> {
    fn read(mut rest: &'a [u8]) -> Option<Self> {
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let tag = varint(&mut rest)?;
            match tag & 7 {
                0 => drop(varint(&mut rest)?),
                1 => rest = rest.get(8..)?,
                2 => {
                    let length = usize::try_from(varint(&mut rest)?).ok()?;
                    fields.push((tag >> 3, rest.get(..length)?));
                    rest = &rest[length..];
                }
                5 => rest = rest.get(4..)?,
                _ => return None,
            }
        }
        Some(Self(fields))
    }

    fn bytes(&self, number: u64) -> Option<&'a [u8]> {
        self.0.iter().find(|field| field.0 == number).map(|field| field.1)
    }

    fn text(&self, number: u64) -> Option<&'a str> {
        text(self.bytes(number)?)
    }

    /// A map: entries of the same number, each with a key and a value.
    fn map(&self, number: u64, value: impl Fn(&[u8]) -> Option<Value>) -> Option<Value> {
        let entries = self.0.iter().filter(|field| field.0 == number);
        let pair = |field: &(u64, &'a [u8])| {
            let entry = Message::read(field.1)?;
            Some((entry.text(1)?.to_owned(), value(entry.bytes(2).unwrap_or_default())?))
        };
        entries.map(pair).collect()
    }
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
