//! Forms of values, in which the schemas of the kinds are written down, and the walk through a document along them.

use serde_json::{Map, Value};

use super::sheet::{Sheet, Trail};
use super::{Operator, Rule};
use crate::external::{Interval, is_substituted};
use crate::seal::names;
use crate::yaml::nearest;

/// The form of a value.
pub(super) enum Shape {
    /// Whatever it is.
    Any,
    Text,
    /// A text that is not empty.
    Filled,
    Bool,
    Integer,
    IntegerOrText,
    /// Bytes in base64.
    Bytes,
    /// The name of an object.
    Name,
    /// The name of a namespace.
    Namespace,
    /// The key of an item of a Secret.
    Key,
    /// A duration, which the operator writes in its own spelling.
    Interval,
    /// A duration that stays as it was written.
    Duration,
    /// Times as cron has them.
    Schedule,
    /// One of these words, each with the version it came with where that is not the first.
    Word(&'static [(&'static str, (u32, u32))]),
    /// A mapping of texts.
    Texts,
    List(&'static Shape),
    /// A list with something in it.
    Several(&'static Shape),
    Fields(&'static [Field]),
    /// Exactly one of these fields.
    One(&'static [Field]),
}

/// A field of a mapping.
pub(super) struct Field {
    name: &'static str,
    shape: Shape,
    required: bool,
    default: Option<(&'static str, Fills)>,
    since: (u32, u32),
}

/// Which versions fill a default in.
#[derive(Clone, Copy)]
pub(super) enum Fills {
    All,
    /// All; up to 1.1 in another spelling.
    Interval,
    Strategies,
    NullBytes,
}

pub(super) const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: false, default: None, since: (0, 0) }
}

impl Field {
    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// With a value that the API server fills in.
    pub(super) const fn or(self, default: &'static str, fills: Fills) -> Self {
        Self { default: Some((default, fills)), ..self }
    }

    pub(super) const fn since(self, major: u32, minor: u32) -> Self {
        Self { since: (major, minor), ..self }
    }

    fn filled_in(&self, operator: Operator) -> Option<&'static str> {
        let (default, fills) = self.default?;
        let does = match fills {
            Fills::Interval if !operator.knows((1, 2)) => return Some("1h"),
            Fills::All | Fills::Interval => true,
            Fills::Strategies => operator.fills_strategies(),
            Fills::NullBytes => operator.fills_null_bytes(),
        };
        does.then_some(default)
    }
}

/// Checks a value along its form.
pub(super) fn walk(sheet: &mut Sheet, at: &Trail, value: &Value, shape: &Shape, operator: Operator) {
    if value.as_str().is_some_and(is_substituted) {
        return;
    }
    match shape {
        Shape::Any => {}
        Shape::List(of) | Shape::Several(of) => match value.as_array() {
            Some(items) => {
                if items.is_empty() && matches!(shape, Shape::Several(_)) {
                    sheet.find(Rule::NotAllowed, at, format!("`{}` is empty", at.dotted()), "");
                }
                for (index, item) in items.iter().enumerate() {
                    walk(sheet, &at.index(index), item, of, operator);
                }
            }
            None => wrong(sheet, at, "a list"),
        },
        Shape::Texts => texts(sheet, at, value),
        Shape::Fields(known) | Shape::One(known) => match value.as_object() {
            Some(map) => {
                fields(sheet, at, map, known, operator);
                let count = map.values().filter(|value| !value.is_null()).count();
                if matches!(shape, Shape::One(_)) && count != 1 {
                    let names: Vec<_> = known.iter().map(|field| format!("`{}`", field.name)).collect();
                    let what = format!("`{}` has {count} fields, and takes exactly one", at.dotted());
                    sheet.find(Rule::OnlyOne, at, what, hint_of(&names));
                }
            }
            None => wrong(sheet, at, "a mapping"),
        },
        _ => scalar(sheet, at, value, shape, operator),
    }
}

/// A few names are worth a hint, forty are not.
fn hint_of(names: &[String]) -> String {
    if names.len() > 6 { String::new() } else { format!("write one of {}", names.join(", ")) }
}

fn fields(sheet: &mut Sheet, at: &Trail, map: &Map<String, Value>, known: &[Field], operator: Operator) {
    for (key, value) in map {
        let Some(field) = known.iter().find(|field| field.name == key) else {
            let near = nearest(key, known.iter().map(|field| field.name));
            let hint = near.map_or_else(|| "remove it".to_owned(), |near| format!("write `{near}`"));
            sheet.find(
                Rule::UnknownField,
                &at.key(key),
                format!("there is no field `{}`", at.key(key).dotted()),
                hint,
            );
            continue;
        };
        if !operator.knows(field.since) {
            let (major, minor) = field.since;
            let what =
                format!("`{}` came with {major}.{minor}; the operator is {operator}", at.key(key).dotted());
            sheet.find(Rule::TooNew, &at.key(key), what, "remove it, or renew the operator");
        }
        if !value.is_null() {
            walk(sheet, &at.key(key), value, &field.shape, operator);
        }
    }
    for field in known {
        if map.get(field.name).is_some_and(|value| !value.is_null()) {
            continue;
        }
        if let Some(default) = field.filled_in(operator).filter(|_| operator.knows(field.since)) {
            let what = format!("the API server writes `{}: {default}` here", field.name);
            let written = field.default.map_or(default, |(written, _)| written);
            let it = if written == default { "it".to_owned() } else { format!("`{written}`") };
            let hint = format!("write {it}, so that `{}` does not drift", at.key(field.name).dotted());
            sheet.find(Rule::MissingDefault, at, what, hint);
        } else if field.required {
            sheet.find(Rule::MissingField, at, format!("`{}` is missing", at.key(field.name).dotted()), "");
        }
    }
}

fn texts(sheet: &mut Sheet, at: &Trail, value: &Value) {
    let Some(map) = value.as_object() else { return wrong(sheet, at, "a mapping") };
    for (key, value) in map.iter().filter(|(_, value)| !value.is_string()) {
        if !value.is_null() {
            wrong(sheet, &at.key(key), "a text");
        }
    }
}

fn wrong(sheet: &mut Sheet, at: &Trail, wanted: &str) {
    let hint = if wanted == "a text" { "put it in quotes" } else { "" };
    sheet.find(Rule::WrongType, at, format!("`{}` is not {wanted}", at.dotted()), hint);
}

fn scalar(sheet: &mut Sheet, at: &Trail, value: &Value, shape: &Shape, operator: Operator) {
    match (shape, value) {
        (Shape::Bool, Value::Bool(_)) => {}
        (Shape::Bool, _) => wrong(sheet, at, "true or false"),
        (Shape::Integer | Shape::IntegerOrText, Value::Number(number)) if number.is_i64() => {}
        (Shape::Integer, _) => wrong(sheet, at, "a whole number"),
        (_, Value::String(written)) => word(sheet, at, written, shape, operator),
        (Shape::IntegerOrText, _) => wrong(sheet, at, "a whole number or a text"),
        _ => wrong(sheet, at, "a text"),
    }
}

fn word(sheet: &mut Sheet, at: &Trail, written: &str, shape: &Shape, operator: Operator) {
    let shown: String = written.chars().take(64).collect();
    let mut name = |rule, checked: Result<(), &str>, what: &str| {
        if let Err(why) = checked {
            sheet.find(rule, at, format!("the {what} `{shown}` {why}"), "");
        }
    };
    match shape {
        Shape::Name => name(Rule::BadName, names::object(written), "name"),
        Shape::Namespace => name(Rule::BadNamespace, names::namespace(written), "namespace"),
        Shape::Key => name(Rule::BadKey, names::key(written), "key"),
        Shape::Interval => interval(sheet, at, written, true),
        Shape::Duration => interval(sheet, at, written, false),
        Shape::Filled if written.is_empty() => {
            sheet.find(Rule::NotAllowed, at, format!("`{}` is empty", at.dotted()), "");
        }
        Shape::Schedule if !is_schedule(written) => {
            let what = format!("`{shown}` is no schedule of cron");
            sheet.find(Rule::NotAllowed, at, what, "write for example `0 22 * * 1-5` or `@daily`");
        }
        Shape::Bytes => {
            let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '\r' | '\n');
            if !written.chars().all(is_base64) {
                let what = format!("`{}` is not base64", at.dotted());
                sheet.find(Rule::WrongType, at, what, "write the PEM file in base64");
            }
        }
        Shape::Word(words) => one_of(sheet, at, written, words, operator),
        _ => {}
    }
}

fn one_of(sheet: &mut Sheet, at: &Trail, written: &str, words: &[(&str, (u32, u32))], operator: Operator) {
    let shown: String = written.chars().take(64).collect();
    match words.iter().find(|(word, _)| *word == written) {
        None => {
            let all: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            let what = format!("`{shown}` is no word for `{}`", at.dotted());
            let near = nearest(written, words.iter().map(|(word, _)| *word));
            let hint = near.map_or_else(|| hint_of(&all), |near| format!("write `{near}`"));
            sheet.find(Rule::NotAllowed, at, what, hint);
        }
        Some((_, since)) if !operator.knows(*since) => {
            let what = format!("`{shown}` came with {}.{}; the operator is {operator}", since.0, since.1);
            sheet.find(Rule::TooNew, at, what, "renew the operator");
        }
        Some(_) => {}
    }
}

/// Five fields, or a name for such (`^(@(annually|…)|@every [^\s]+.*|[^\s]+( [^\s]+){4})$`).
fn is_schedule(written: &str) -> bool {
    let named = ["annually", "yearly", "monthly", "weekly", "daily", "midnight", "hourly"];
    let is_filled = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    let every = written.strip_prefix("@every ");
    written.strip_prefix('@').is_some_and(|name| named.contains(&name))
        || every.is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace()))
        || written.split(' ').count() == 5 && written.split(' ').all(is_filled)
}

fn interval(sheet: &mut Sheet, at: &Trail, written: &str, is_spelled: bool) {
    match written.parse::<Interval>() {
        Err(_) => {
            let what = format!("`{}` is no duration", at.dotted());
            sheet.find(Rule::BadInterval, at, what, "write it as `1h0m0s`, `15m0s` or `0s`");
        }
        Ok(read) if is_spelled && read.to_string() != written => {
            let what = format!("the operator writes `{read}` for `{written}`");
            sheet.find(Rule::IntervalSpelling, at, what, format!("write `{read}`"));
        }
        Ok(_) => {}
    }
}
