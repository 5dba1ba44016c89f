//! A user's gitleaks configuration: `.gitleaks.toml`, `.gitleaksignore` and `gitleaks:allow` comments, with the
//! semantics of gitleaks 8.30. gitleaks' own rules are not here.
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`Config`] | a configuration with all that it extends, and what its rules find in a text |
//! | [`Rule`], [`Match`], [`Place`] | what is looked for, what was found, and where |
//! | [`Origin`], [`Subject`] | what allowlists are asked about |
//! | [`Ignore`] | what a `.gitleaksignore` names |
//! | `reader`, `document` | TOML as gitleaks takes it, and the tables in it |
//! | `rule`, `allowlist`, `level` | what the tables mean, and one file over another |
//! | `re2`, `pattern`, `words`, `keywords` | patterns of Go and keywords, made ready and compiled late |
//! | `engine`, `required`, `fragment`, `lines`, `entropy` | the questions in their order, about one text |
//! | `encoded`, `decode` | percent and Unicode escapes, hexadecimal digits, base64 |
//!
//! # Where it differs
//!
//! Decisions are those of gitleaks, with these exceptions:
//! - `useDefault` is told to the caller, and rules that change a default rule count by their allowlists only.
//! - A file is one text. gitleaks cuts at about 100 kB, and a match or a required rule may not cross a cut.
//! - In a last line without a line feed, `gitleaks:allow` and `regexTarget = "line"` are about that line. gitleaks takes
//!   all text before it for that line too.
//! - An allowlist with `condition = "AND"` needs all that it names. `gitleaks dir` skips a file for its path alone.
//! - What overlaps no decoded text is not found again in it, and findings in decoded text stand where they are encoded.
//! - A Kelvin sign is no `k` and a long s no `s` where a pattern or a keyword is ASCII. In a text that is not UTF-8 each
//!   byte is a character.
//! - A repetition after flags (`a(?i)*`), and a pattern that needs more than 64 MB, are refused.
//! - Findings come in the order of the text.
//!
//! # Example
//!
//! ```
//! use std::path::Path;
//! use sealstrap::scan::gitleaks::Config;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let text = r#"
//! [[rules]]
//! id = "acme"
//! regex = 'acme_(\w{8})'
//! keywords = ["acme_"]
//! "#;
//! let config = Config::read(Path::new(".gitleaks.toml"), text, Path::new("."))?;
//! let found = config.findings("app.env", b"TOKEN=acme_0a1b2c3d\n", None)?;
//! assert_eq!((found[0].range.clone(), found[0].secret.clone()), (6..19, 11..19));
//! # Ok(()) }
//! ```

mod allowlist;
mod config;
mod decode;
mod document;
mod encoded;
mod engine;
mod entropy;
mod error;
mod fragment;
mod ignore;
mod keywords;
mod level;
mod lines;
mod pattern;
mod re2;
mod reader;
mod required;
mod rule;
#[cfg(test)]
mod tests;
mod words;

pub use allowlist::{Origin, Subject};
pub use config::Config;
pub use engine::Match;
pub use error::Error;
pub use ignore::{Ignore, fingerprint};
pub use lines::Place;
pub use rule::Rule;
