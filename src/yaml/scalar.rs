//! What a scalar means: in files of ours by the core schema of YAML 1.2, in manifests as `kubectl` takes it.

use serde_json::{Number, Value};

/// Whose rules tell a text from a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// YAML 1.2.2 §10.3, the core schema: `yes` and `0755` stay what they look like.
    Ours,
    /// YAML 1.1 as sigs.k8s.io/yaml reads it for kubectl: `yes` is true, `0755` is 493.
    Kubectl,
}

/// The meaning of a plain scalar. `None` where it is a number that JSON cannot hold.
pub(super) fn plain(text: &str, dialect: Dialect) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Value::Null),
        "true" | "True" | "TRUE" => return Some(true.into()),
        "false" | "False" | "FALSE" => return Some(false.into()),
        _ => {}
    }
    match dialect {
        Dialect::Ours => number_of_1_2(text),
        Dialect::Kubectl => boolean_of_1_1(text).map_or_else(|| number_of_1_1(text), |b| Some(b.into())),
    }
}

fn boolean_of_1_1(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn number_of_1_2(text: &str) -> Option<Value> {
    let based = |prefix: &str, radix| text.strip_prefix(prefix).and_then(|rest| digits(rest, radix));
    let integer = based("0o", 8).or_else(|| based("0x", 16)).or_else(|| {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let magnitude = digits(unsigned, 10)?;
        signed(magnitude, text.starts_with('-'))
    });
    match integer {
        Some(number) => Some(Value::Number(number)),
        None if is_endless(text) => None,
        None if looks_like_float(text) => float(text),
        None => Some(text.into()),
    }
}

fn number_of_1_1(text: &str) -> Option<Value> {
    if is_endless(text) {
        return None;
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) || is_date(text) {
        return Some(text.into());
    }
    let joined = text.replace('_', "");
    let (negative, unsigned) = match joined.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, joined.strip_prefix('+').unwrap_or(&joined)),
    };
    match integer_of_1_1(unsigned).and_then(|magnitude| signed(magnitude, negative)) {
        Some(number) if !text.starts_with('.') => Some(Value::Number(number)),
        // Underscores join digits of integers and floats alike, but not of a float that begins with a point.
        _ if text.starts_with('.') && !looks_like_float(text) => Some(text.into()),
        _ if looks_like_float(&joined) => float(&joined).map(whole),
        _ => Some(text.into()),
    }
}

/// Go's integer literals: `0x`, `0o`, `0b`, and a leading zero for octal.
fn integer_of_1_1(unsigned: &str) -> Option<Number> {
    let lower = unsigned.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = lower.strip_prefix(prefix) {
            return digits(rest, radix);
        }
    }
    match lower.strip_prefix('0') {
        Some(rest) if !rest.is_empty() => digits(rest, 8),
        _ => digits(&lower, 10),
    }
}

fn digits(text: &str, radix: u32) -> Option<Number> {
    // `from_str_radix` would take a second sign.
    (!text.is_empty() && text.chars().all(|c| c.is_digit(radix)))
        .then(|| u64::from_str_radix(text, radix).ok().map(Number::from))
        .flatten()
}

fn signed(magnitude: Number, negative: bool) -> Option<Number> {
    if !negative {
        return Some(magnitude);
    }
    let value = -i128::from(magnitude.as_u64()?);
    i64::try_from(value).ok().map(Number::from)
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, YAML 1.2.2 §10.3.2.
fn looks_like_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let sound = match mantissa.split_once('.') {
        Some((whole, part)) => {
            all_digits(whole) && all_digits(part) && !(whole.is_empty() && part.is_empty())
        }
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    sound
        && exponent.is_none_or(|e| {
            let e = e.strip_prefix(['-', '+']).unwrap_or(e);
            !e.is_empty() && all_digits(e)
        })
}

fn float(text: &str) -> Option<Value> {
    text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
}

/// Go writes a float without a fraction as an integer, and API servers expect integers so.
fn whole(value: Value) -> Value {
    /// The largest float below which every integer has its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value.as_f64() {
        #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 2^53")]
        Some(float) if float.fract() == 0.0 && float.abs() < EXACT => (float as i64).into(),
        _ => value,
    }
}

fn is_endless(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// `2001-12-14…`: a date to YAML 1.1, and a text to kubectl.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 5 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-'
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Dialect, plain};

    fn kubectl(text: &str) -> Value {
        plain(text, Dialect::Kubectl).unwrap()
    }

    fn ours(text: &str) -> Value {
        plain(text, Dialect::Ours).unwrap()
    }

    #[test]
    fn a_manifest_means_what_it_means_to_kubectl() {
        for yes in ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"] {
            assert_eq!(kubectl(yes), json!(true), "{yes}");
        }
        for no in ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false"] {
            assert_eq!(kubectl(no), json!(false), "{no}");
        }
        for (text, value) in [
            ("0755", json!(493)),
            ("-0755", json!(-493)),
            ("0o14", json!(12)),
            ("0x1F", json!(31)),
            ("0b101", json!(5)),
            ("1_000", json!(1000)),
            ("08", json!(8)),
            ("1.0", json!(1)),
            ("12e03", json!(12000)),
            ("1.5", json!(1.5)),
            ("18446744073709551615", json!(u64::MAX)),
            ("~", Value::Null),
        ] {
            assert_eq!(kubectl(text), value, "{text}");
        }
    }

    #[test]
    fn texts_that_resemble_other_things_stay_texts() {
        for text in [
            "2001-12-14",
            "2001-12-14T21:59:43Z",
            "1:30",
            "1.2.3",
            "v1",
            "oN",
            "10Gi",
            "0x",
            "0xfg",
            "-",
            "+",
            "..",
            "1e",
            "._1",
            "0o9",
            "127.0.0.1",
            "--1",
            "+-1",
        ] {
            assert_eq!(kubectl(text), json!(text), "{text}");
        }
        for text in ["yes", "on", "off", "y", "1_000", "0b101", "1:30"] {
            assert_eq!(ours(text), json!(text), "{text}");
        }
    }

    #[test]
    fn our_own_files_follow_the_core_schema() {
        assert_eq!(ours("0755"), json!(755));
        assert_eq!(ours("0o17"), json!(15));
        assert_eq!(ours("0xff"), json!(255));
        assert_eq!(ours("-12"), json!(-12));
        assert_eq!(ours("2.x"), json!("2.x"));
        assert_eq!(ours("1.5e3"), json!(1500.0));
    }

    #[test]
    fn a_number_that_json_cannot_hold_is_none() {
        for text in [".inf", "-.INF", "+.Inf", ".nan"] {
            assert!(plain(text, Dialect::Kubectl).is_none(), "{text}");
            assert!(plain(text, Dialect::Ours).is_none(), "{text}");
        }
    }
}
