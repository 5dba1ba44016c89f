//! Files of SOPS whose Secrets become something else.

use std::path::Path;

use serde_json::Value;

use super::text;
use crate::cli::sops;
use crate::error::Error;
use crate::plain::Plain;
use crate::yaml::{self, Document};

/// What stands in the place of a value that SOPS has encrypted.
const ENCRYPTED: &str = "ENC[";

/// The text of a file of SOPS in clear, where its documents are Secrets; nothing where it is another file.
///
/// # Errors
/// `sops` does not open it; it holds something else too, which would be left in clear.
pub(super) fn opened(file: &Path, before: &Plain) -> Result<Option<Plain>, Error> {
    let Some(written) = text(before).filter(|text| sops::is_sops(file, text)) else { return Ok(None) };
    let may_be_one = |kind: &String| kind == "Secret" || kind.starts_with(ENCRYPTED);
    if !kinds(file, &written)?.iter().any(may_be_one) {
        return Ok(None);
    }
    let opened = sops::opened(file)?;
    let kinds = match text(&opened) {
        Some(text) => kinds(file, &text)?,
        None => Vec::new(),
    };
    if let Some(other) = kinds.iter().find(|kind| *kind != "Secret") {
        if kinds.iter().all(|kind| kind != "Secret") {
            return Ok(None);
        }
        let other = if other.is_empty() { "something that is no object" } else { other };
        return Err(Error::Usage {
            complaint: format!("{} holds {other} beside Secrets, which would be in clear", file.display()),
            hint: "put it into a file of its own".into(),
        });
    }
    Ok(Some(opened))
}

/// The kinds of all objects, those in Lists among them.
fn kinds(file: &Path, text: &str) -> Result<Vec<String>, Error> {
    let kind = |value: &Value| value.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    let all = yaml::each(file, text)?.into_iter().flat_map(Document::taken_apart);
    Ok(all.map(|object| kind(&object.value)).collect())
}

/// A text that is made of a file of SOPS, without any comment where SOPS had encrypted some: those are in clear in it.
pub(super) fn without_encrypted_comments(file: &Path, written: &str, made: &str) -> Result<String, Error> {
    if !written.contains("#ENC[") {
        return Ok(made.to_owned());
    }
    let all: Vec<String> = yaml::documents(file, made)?.iter().map(yaml::to_string).collect();
    Ok(all.join("---\n"))
}
