//! How the form of a rule becomes a regular expression and the words to look for before it is used.

use super::rule::Form;

/// What may stand between the words of a name: `API_KEY`, `api-key`, `api.key`, `ApiKey`, and `__` for nested settings.
const BETWEEN: &str = "[-_.]{0,2}";
/// Short words are everywhere: a name is looked for by as many of its words as have this many letters together.
const RARE: usize = 4;
/// Longer words that are everywhere too.
const COMMON: &[&str] = &["access", "google", "home", "secret"];

/// The complete regular expression of a form, for bytes and without Unicode. Its group `secret` is the credential.
#[must_use]
pub fn pattern(form: &Form) -> String {
    match form {
        Form::Token { regex, .. } | Form::Block { regex, .. } if regex.contains("(?<secret>") => {
            (*regex).to_owned()
        }
        Form::Token { regex, .. } | Form::Block { regex, .. } => format!("(?<secret>{regex})"),
        Form::Named { names, value } => named(names, value),
    }
}

/// The words of which one stands in each match, in small letters; their case in the text does not matter.
#[must_use]
pub fn anchors(form: &Form) -> Vec<String> {
    match form {
        Form::Token { anchors, .. } => anchors.iter().map(|&anchor| anchor.to_owned()).collect(),
        Form::Block { anchor, .. } => vec![(*anchor).to_owned()],
        Form::Named { names, .. } => {
            let mut anchors: Vec<_> = names.iter().flat_map(|name| beginnings(name)).collect();
            anchors.sort_unstable();
            anchors.dedup();
            anchors
        }
    }
}

/// A name, what may follow it up to the sign between name and value, and the value up to what cannot belong to it.
fn named(names: &[&str], value: &str) -> String {
    let whole: Vec<_> = names.iter().map(|name| words(name).join(BETWEEN)).collect();
    let capital: Vec<_> = whole.iter().map(|name| capitalized(name)).collect();
    let (whole, capital) = (whole.join("|"), capital.join("|"));
    // It begins where a word begins, so that `dd_api_key` is not found in `add_api_key`.
    let name = format!(r"(?:(?:^|[^A-Za-z])(?i:{whole})|[a-z0-9](?:{capital}))[\w.-]{{0,20}}");
    let sign = r#"(?:\\?["'`])?[ \t]*(?::=|=>|[:=])[ \t]*(?:\\?["'`])?"#;
    format!(r"{name}{sign}(?<secret>{value})(?:[^\w.+/=-]|$)")
}

/// A name within one in camel case: its first letter a capital, the rest as it likes.
fn capitalized(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}(?i:{rest})", first.to_ascii_uppercase())
}

fn words(name: &str) -> Vec<&str> {
    name.split('_').collect()
}

/// The first words of a name that are rare together, in each way of writing them.
fn beginnings(name: &str) -> Vec<String> {
    let mut words = words(name).into_iter();
    let mut beginnings: Vec<_> = words.next().map(str::to_owned).into_iter().collect();
    let rare = |word: &str| if COMMON.contains(&word) { 0 } else { word.len() };
    let mut letters = beginnings.iter().map(|word| rare(word)).sum::<usize>();
    while letters < RARE
        && let Some(word) = words.next()
    {
        letters += rare(word);
        let longer = |begun: &String| ["", "_", "-", "."].map(|sign| format!("{begun}{sign}{word}"));
        beginnings = beginnings.iter().flat_map(longer).collect();
    }
    beginnings
}

#[cfg(test)]
mod tests {
    use regex::bytes::{Regex, RegexBuilder};

    use super::*;

    fn compiled(form: &Form) -> Regex {
        RegexBuilder::new(&pattern(form)).unicode(false).build().unwrap()
    }

    fn secret<'t>(regex: &Regex, text: &'t str) -> Option<&'t str> {
        let captures = regex.captures(text.as_bytes())?;
        std::str::from_utf8(captures.name("secret").unwrap().as_bytes()).ok()
    }

    #[test]
    fn a_token_without_a_group_is_its_own_secret() {
        let form = Form::Token { anchors: &["key-"], regex: r"\bkey-[0-9]{4}\b" };
        assert_eq!(secret(&compiled(&form), "a: key-1234, b"), Some("key-1234"));
    }

    #[test]
    fn a_group_is_the_secret() {
        let form = Form::Token { anchors: &["key-"], regex: r"\bkey-(?<secret>[0-9]{4})\b" };
        assert_eq!(secret(&compiled(&form), "key-1234"), Some("1234"));
    }

    #[test]
    fn a_name_is_found_however_it_is_written() {
        let form = Form::Named { names: &["acme_api_key"], value: "[a-f0-9]{4}" };
        let regex = compiled(&form);
        for text in [
            "ACME_API_KEY=12ab",
            "acme-api-key: 12ab",
            "acme.api.key = '12ab'",
            r#"{"acmeApiKey":"12ab"}"#,
            r#"{\"acmeApiKey\": \"12ab\"}"#,
            "prodAcmeApiKey: 12ab # the one in use",
            "PROD_ACME_API_KEY_2 := `12ab`",
            "ACME__API_KEY => 12ab,",
        ] {
            assert_eq!(secret(&regex, text), Some("12ab"), "{text}");
        }
    }

    #[test]
    fn neither_a_longer_value_nor_a_longer_word_is_found() {
        let form = Form::Named { names: &["acme_api_key"], value: "[a-f0-9]{4}" };
        let regex = compiled(&form);
        for text in
            ["acme_api_key: 12abc", "acme_api_key: 12ab.example", "macme_api_key: 12ab", "acme_api_key 12ab"]
        {
            assert_eq!(secret(&regex, text), None, "{text}");
        }
    }

    #[test]
    fn a_name_is_looked_for_by_words_that_are_rare() {
        let form = Form::Named { names: &["acme_api_key", "acme_token"], value: "x" };
        assert_eq!(anchors(&form), ["acme"]);
        let form = Form::Named { names: &["dd_api_key"], value: "x" };
        assert_eq!(anchors(&form), ["dd-api", "dd.api", "dd_api", "ddapi"]);
        let form = Form::Named { names: &["hetzner_token", "hetzner_dns"], value: "x" };
        assert_eq!(anchors(&form), ["hetzner"]);
        let form = Form::Named { names: &["secret_access_key"], value: "x" };
        assert!(anchors(&form).contains(&"secret-access_key".to_owned()));
    }
}
