//! Secrets of a file made ExternalSecrets.

use serde_json::Value;

use super::{Error, Layout, Push, external_secret, push};
use crate::seal::Manifest;

/// What a file becomes.
#[derive(Debug)]
pub struct Generated {
    /// The file with an ExternalSecret in the place of each Secret; all else in it stays.
    pub text: String,
    /// The ExternalSecrets, in their order.
    pub objects: Vec<Value>,
    /// What has to lie in Vault, one for each of them.
    pub pushes: Vec<Push>,
}

/// Makes an ExternalSecret of each Secret of a file. The values are taken out of the manifest. Secrets without values
/// are left as they are.
///
/// # Errors
/// All that is wrong with the Secrets at once, as [`super::of_secret`]; two Secrets at one path; a file in which the
/// change would mean something else. Paths of several files are compared with [`super::one_path_each`].
pub fn generate(manifest: &mut Manifest, layout: &Layout) -> Result<Generated, Error> {
    let (mut objects, mut pushes, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for found in &mut manifest.secrets {
        match external_secret::of_secret(std::mem::take(&mut found.secret), &found.place, layout) {
            Ok((object, push)) => {
                objects.push(object);
                pushes.push(push);
            }
            Err(Error::Several(all)) => errors.extend(all),
            Err(error) => errors.push(error),
        }
    }
    errors.extend(push::one_path_each(&pushes).err());
    Error::all(errors)?;
    Ok(Generated { text: manifest.with_objects(&objects)?, objects, pushes })
}
