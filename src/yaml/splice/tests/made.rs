//! Made documents: mixed styles, comments, blank lines, steps of indentation, line ends.

use proptest::prelude::*;

/// A value and how it is laid out; numbers choose between layouts.
#[derive(Debug, Clone)]
enum Made {
    Plain(String),
    Single(String),
    Double(String),
    Literal(Vec<String>, bool),
    Number(u16),
    Nothing,
    Empty(bool),
    Map(Vec<(String, Self, u8)>, u8),
    List(Vec<(Self, u8)>, u8),
}

fn leaf() -> impl Strategy<Value = Made> {
    let word = "[a-z/][a-zA-Z0-9+/]{1,12}=?";
    prop_oneof![
        4 => word.prop_map(Made::Plain),
        1 => "[ -~]{0,12}".prop_map(Made::Single),
        1 => "[ -~é\n]{0,12}".prop_map(Made::Double),
        1 => (prop::collection::vec("([a-z#:]{1,6}( [a-z#]{1,3})?)?", 0..3), any::<bool>())
            .prop_map(|(lines, clip)| Made::Literal(lines.into_iter().chain(["z".to_owned()]).collect(), clip)),
        1 => any::<u16>().prop_map(Made::Number),
        1 => Just(Made::Nothing),
        1 => any::<bool>().prop_map(Made::Empty),
    ]
}

fn made() -> impl Strategy<Value = Made> {
    leaf().prop_recursive(4, 24, 5, |inner| {
        let pairs = prop::collection::btree_map("[a-m][a-z_.-]{1,5}", (inner.clone(), any::<u8>()), 1..5);
        let pairs =
            pairs.prop_map(|map| map.into_iter().map(|(key, (value, look))| (key, value, look)).collect());
        prop_oneof![
            3 => (pairs.in_some_order(), any::<u8>()).prop_map(|(pairs, look)| Made::Map(pairs, look)),
            1 => (prop::collection::vec((inner, any::<u8>()), 1..4), any::<u8>())
                .prop_map(|(items, look)| Made::List(items, look)),
        ]
    })
}

/// Half of the mappings stand in alphabetical order.
trait InSomeOrder: Strategy + Sized {
    fn in_some_order(self) -> BoxedStrategy<Self::Value>;
}

impl<S: Strategy<Value = Vec<(String, Made, u8)>> + 'static> InSomeOrder for S {
    fn in_some_order(self) -> BoxedStrategy<Self::Value> {
        let turn = |(mut pairs, turn): (Vec<(String, Made, u8)>, bool)| {
            if turn {
                pairs.reverse();
            }
            pairs
        };
        (self, any::<bool>()).prop_map(turn).boxed()
    }
}

pub(super) fn document() -> impl Strategy<Value = String> {
    let root = made().prop_filter("a mapping", |made| matches!(made, Made::Map(..)));
    (root, any::<u8>()).prop_map(|(root, look)| {
        let mut out = String::new();
        if look & 1 > 0 {
            out += "# the file\n";
        }
        if look & 2 > 0 {
            out += "--- # one\n";
        }
        if look & 4 > 0 {
            out += "# begins\n\n";
        }
        write_block(&mut out, &root, 0, false);
        if look & 8 > 0 {
            out += "# ends\n...\n";
        }
        if look & 16 > 0 {
            out += "---\nother: 1 # document\n";
        }
        if look & 32 > 0 && !out.contains('|') {
            out.pop();
        }
        if look & 64 > 0 { out.replace('\n', "\r\n") } else { out }
    })
}

fn write_block(out: &mut String, made: &Made, indent: usize, mut inline: bool) {
    let spaces = " ".repeat(indent);
    let mut before = |out: &mut String, look: u8| {
        if !std::mem::take(&mut inline) {
            out.push_str(if look & 1 > 0 { "\n" } else { "" });
            for _ in 0..(look >> 1) & 1 {
                out.extend([format!("{spaces}# above\n")]);
            }
            *out += &spaces;
        }
    };
    match made {
        Made::Map(pairs, look) => {
            for (key, value, own) in pairs {
                before(out, *own);
                let key = match look & 3 {
                    0 => format!("'{key}'"),
                    1 => format!("\"{key}\""),
                    _ => key.clone(),
                };
                out.extend([format!("{key}:")]);
                write_value(out, value, indent, *own, false);
            }
        }
        Made::List(items, _) => {
            for (item, own) in items {
                before(out, *own);
                out.push('-');
                write_value(out, item, indent, *own, true);
            }
        }
        _ => {}
    }
}

/// What follows a colon or a dash.
fn write_value(out: &mut String, made: &Made, indent: usize, look: u8, is_item: bool) {
    let comment = if look & 4 > 0 { " # right" } else { "" };
    let step = 1 + usize::from(look >> 3 & 3);
    let flows = matches!(made, Made::Map(_, l) | Made::List(_, l) if l & 0x70 == 0) && !has_literal(made);
    match made {
        Made::Literal(lines, clip) => {
            out.extend([format!(" |{}{comment}\n", if *clip { "" } else { "-" })]);
            let lines = lines.iter().skip_while(|line| line.is_empty());
            lines.for_each(|line| {
                let line = if line.is_empty() {
                    String::new()
                } else {
                    format!("{}{line}", " ".repeat(indent + step))
                };
                out.extend([format!("{line}\n")]);
            });
        }
        Made::Map(..) | Made::List(..) if flows => {
            let broken = (look & 0x20 > 0).then_some(indent + step);
            out.extend([format!(" {}{comment}\n", flow(made, broken))]);
        }
        Made::Map(..) if is_item => {
            out.push(' ');
            write_block(out, made, indent + 2, true);
        }
        Made::Map(..) => {
            out.extend([format!("{comment}\n")]);
            write_block(out, made, indent + step, false);
        }
        Made::List(..) => {
            out.extend([format!("{comment}\n")]);
            write_block(out, made, indent + if is_item { step } else { step - 1 }, false);
        }
        Made::Nothing => out.extend([format!("{comment}\n")]),
        _ => out.extend([format!(" {}{comment}\n", flow(made, None))]),
    }
}

fn has_literal(made: &Made) -> bool {
    match made {
        Made::Literal(..) => true,
        Made::Map(pairs, _) => pairs.iter().any(|(_, value, _)| has_literal(value)),
        Made::List(items, _) => items.iter().any(|(item, _)| has_literal(item)),
        _ => false,
    }
}

/// On one line, or one entry a line.
fn flow(made: &Made, broken: Option<usize>) -> String {
    let wrap = |open: &str, entries: Vec<String>, close: &str, look: u8| match broken {
        Some(indent) => {
            let line = format!("\n{}", " ".repeat(indent));
            let comma = if look & 1 > 0 { "," } else { "" };
            format!(
                "{open}{line}{}{comma}\n{}{close}",
                entries.join(&format!(", # c{line}")),
                " ".repeat(indent)
            )
        }
        None if look & 2 > 0 => format!("{open} {} {close}", entries.join(", ")),
        None => format!("{open}{}{close}", entries.join(", ")),
    };
    match made {
        Made::Plain(text) => text.clone(),
        Made::Single(text) => format!("'{}'", text.replace('\'', "''")),
        Made::Double(text) => serde_json::to_string(text).unwrap(),
        Made::Number(number) => number.to_string(),
        Made::Nothing | Made::Literal(..) => "null".into(),
        Made::Empty(map) => if *map { "{}" } else { "[]" }.into(),
        Made::Map(pairs, look) => {
            let pairs = pairs.iter().map(|(key, value, _)| format!("{key}: {}", flow(value, None)));
            wrap("{", pairs.collect(), "}", *look)
        }
        Made::List(items, look) => {
            wrap("[", items.iter().map(|(item, _)| flow(item, None)).collect(), "]", *look)
        }
    }
}
