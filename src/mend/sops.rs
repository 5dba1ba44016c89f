//! Values in clear in a file of SOPS: encrypted by the real `sops`, with the keys and by the rules that the file itself has.
//!
//! `sops` reads no file in which a value is in clear that its rules want encrypted. So each such value is taken out first;
//! what is left is what `sops` is given to read, and holds nothing in clear that is secret. An empty text stands in its
//! place, which `sops` leaves as it is and which adds nothing to the code over all values. Then each value is set where it
//! was. `sops set` writes the file anew: the data key, whom it is encrypted for, comments and order stay.
//!
//! The code is not looked at before. It does not hold where a value was written over an encrypted one; and so it is made
//! anew over all that the file says by then.

use std::path::Path;

use serde_json::Value;

use super::draft::Draft;
use super::refusal::No;
use super::tree::Tree;
use super::work::{Claim, Work};
use super::{Means, proof};
use crate::plain::Plain;
use crate::yaml::{self, Segment};

/// The real `sops`: it knows the keys of its files, and the services that hold them.
pub trait Sops {
    /// What the text of a file holds, in clear. Its code over all values counts only if `is_whole`.
    ///
    /// # Errors
    /// There is no `sops`, or it does not open the file.
    fn open(&self, file: &Path, text: &str, is_whole: bool) -> Result<Plain, Unopened>;

    /// The text of a file with a value, in JSON, at a place of its first document.
    ///
    /// # Errors
    /// There is no `sops`, or it does not open the file or set the value.
    fn set(&self, file: &Path, text: &str, way: &[Segment], value: Plain) -> Result<String, Unopened>;
}

/// Why `sops` does not do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unopened {
    /// Why, in a sentence.
    pub reason: String,
    /// The way on.
    pub hint: String,
}

impl From<Unopened> for No {
    fn from(Unopened { reason, hint }: Unopened) -> Self {
        Self::new(reason, hint)
    }
}

/// Values that are wiped in the end.
struct Values(Vec<Value>);

impl Drop for Values {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(yaml::wipe);
    }
}

/// Encrypts the values of a file that should be.
pub(super) fn mend(work: &mut Work, document: usize, claims: &[Claim]) -> Result<(), No> {
    let hint = No::of_rule("sops-unencrypted").hint;
    if document > 0 {
        let reason = "`sops` sets values in the first document of a file only";
        return Err(No::new(reason, hint));
    }
    let values = take_out(work, claims)?;
    let bare = work.draft.text().to_owned();
    if !proof::secrets(work.means, work.path, &bare).0.is_empty() {
        let reason = "others are in clear in its file too, which `sops` would be given to read";
        return Err(No::new(reason, hint));
    }
    for text in values.0.iter().filter_map(Value::as_str) {
        proof::not_in_comment(work.path, &bare, text)?;
    }
    let mut meant = opened(work, &bare, false)?;
    let mut text = bare.clone();
    for (claim, value) in claims.iter().zip(&values.0) {
        let (way, json) = (claim.site.path(), Plain::from(value.to_string()));
        text = work.means.sops.set(work.path, &text, &way, json)?;
        put(meant.0.first_mut(), &way, value);
    }
    if opened(work, &text, true)?.0 != meant.0 || rules(work.path, &text) != rules(work.path, &bare) {
        return Err(No::new("what `sops` made of its file does not hold the same", hint));
    }
    work.draft = Draft::open(work.path, &text)?;
    Ok(())
}

/// The values, with nothing in their places.
fn take_out(work: &mut Work, claims: &[Claim]) -> Result<Values, No> {
    let mut values = Values(Vec::new());
    for claim in claims {
        let path = claim.site.path();
        if claim.site.is_aliased {
            return Err(No::aliased());
        }
        let value = work.draft.value(0, &path).ok_or_else(No::unsafe_place)?;
        if !matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)) {
            return Err(No::unsafe_place());
        }
        values.0.push(value.clone());
        work.draft.set(0, &path, "")?;
    }
    Ok(values)
}

/// The documents of a file, in clear.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: what a file holds, compared with what it is to hold, and wiped"
)]
fn opened(work: &Work, text: &str, is_whole: bool) -> Result<Values, No> {
    let plain = work.means.sops.open(work.path, text, is_whole)?;
    let text = plain.expose_text().ok_or_else(No::unsafe_place)?;
    // What is wrong with it may quote a value.
    yaml::documents(work.path, &text).map(Values).map_err(|_| No::unsafe_place())
}

fn put(value: Option<&mut Value>, way: &[Segment], new: &Value) {
    let at = way.iter().try_fold(value, |value, segment| {
        let value = value?;
        Some(match segment {
            Segment::Key(key) => value.get_mut(key),
            Segment::Index(index) => value.get_mut(index),
        })
    });
    if let Some(Some(place)) = at {
        *place = new.clone();
    }
}

/// Whom each document is encrypted for, and which of its values.
fn rules(file: &Path, text: &str) -> Vec<Value> {
    let of = |mut document: Value| {
        let mut sops = document.get_mut("sops").map(Value::take).unwrap_or_default();
        if let Value::Object(map) = &mut sops {
            let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            map.retain(|key, value| {
                !["mac", "lastmodified", "version"].contains(&key.as_str()) && !is_empty(value)
            });
        }
        sops
    };
    yaml::documents(file, text).unwrap_or_default().into_iter().map(of).collect()
}

/// That nothing but `sops` has edited a file of SOPS, whose code over all values would not hold then; one file may be.
///
/// # Errors
/// Something has.
pub(super) fn is_edited_by_itself(
    before: &Tree,
    after: &Tree,
    means: &Means,
    but: Option<&Path>,
) -> Result<(), No> {
    let codes = |path: &Path, text: &str| -> Vec<Value> {
        if !text.contains("sops") {
            return Vec::new();
        }
        let documents = yaml::documents(path, text).unwrap_or_default();
        let is_over_all =
            |document: &&Value| document.pointer("/sops/mac_only_encrypted") != Some(&true.into());
        let code = |document: &Value| document.pointer("/sops/mac").cloned();
        documents.iter().filter(is_over_all).filter_map(code).collect()
    };
    for (path, text) in after.since(before).filter(|(path, _)| Some(*path) != but) {
        let old = before.text(path, means.read).unwrap_or_default();
        if old == text {
            continue;
        }
        let old = codes(path, &old);
        if codes(path, text).iter().any(|code| old.contains(code)) {
            let reason = format!("{} belongs to SOPS, which has a code over all of it", path.display());
            return Err(No::new(reason, "move the value with `sops edit`"));
        }
    }
    Ok(())
}
