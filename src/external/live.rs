//! Secrets that come from elsewhere than a file of manifests.

use std::path::Path;

use serde_json::Value;
use zeroize::Zeroizing;

use super::Error;
use crate::seal::Secret;
use crate::yaml;

/// Reads a Secret as an API server answers with it. What the server adds stays out; the object is wiped.
///
/// # Errors
/// What is no Secret, or not formed like one; `place` says where it comes from.
pub fn from_live(mut object: Value, place: &str) -> Result<Secret, Error> {
    let text = Zeroizing::new(object.to_string());
    yaml::wipe(&mut object);
    let document = yaml::each(Path::new(place), &text)?.into_iter().next();
    let document = document.ok_or_else(|| Error::refused(place, "there is no object", ""))?;
    Ok(Secret::read(document)?)
}
