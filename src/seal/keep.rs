//! Values that have not changed keep their ciphertext. Sealing is random, so without that each run would change each
//! line, and nobody could see in a diff what did change.

use rand_core::{CryptoRngCore, OsRng};

use super::secret::from_base64;
use super::{Error, Label, PrivateKeys, Recipient, Scope, SealedSecret, Secret, envelope};
use crate::plain::Plain;

/// That a sealed value holds a plain one, sealed for a recipient under a label.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Whom it is sealed for.
    pub recipient: &'a Recipient,
    /// What it is bound to.
    pub label: &'a Label,
    /// The item's key.
    pub key: &'a str,
    /// The sealed value, in base64 as it stands in the file.
    pub sealed: &'a str,
    /// The plain value.
    pub plain: &'a Plain,
}

/// Who knows of sealed values what they hold.
pub trait Witness {
    /// Whether the claim is known to be true. Not knowing is no.
    fn vouches(&self, claim: &Claim<'_>) -> bool;
}

/// Nobody knows anything.
impl Witness for () {
    fn vouches(&self, _: &Claim<'_>) -> bool {
        false
    }
}

/// Who holds the recipient's private key can look.
impl Witness for PrivateKeys {
    fn vouches(&self, claim: &Claim<'_>) -> bool {
        let (Some(key), Ok(sealed)) = (self.of(claim.recipient), from_base64(claim.sealed)) else {
            return false;
        };
        // The randomness blinds the exponentiation; it shows nowhere.
        envelope::unseal_with(key, claim.label, &sealed, &mut OsRng)
            .is_ok_and(|held| held.same_as(claim.plain))
    }
}

impl SealedSecret {
    /// As [`SealedSecret::seal`], but an item of `known` that the witness says to hold the value stays as it is. Gives
    /// the keys of the items that were sealed anew as well.
    ///
    /// # Errors
    /// As [`SealedSecret::seal`].
    pub fn seal_keeping(
        secret: &Secret,
        scope: Scope,
        recipient: &Recipient,
        known: &[&Self],
        witness: &(impl Witness + ?Sized),
        rng: &mut impl CryptoRngCore,
    ) -> Result<(Self, Vec<String>), Error> {
        let mut sealed = Self::without_items(secret, scope)?;
        let (label, mut anew) = (sealed.label(), Vec::new());
        let known: Vec<&&Self> = known.iter().filter(|known| known.label() == label).collect();
        for (key, plain) in &secret.items {
            let held = known
                .iter()
                .filter_map(|known| known.item(key))
                .find(|sealed| witness.vouches(&Claim { recipient, label: &label, key, sealed, plain }));
            if let Some(held) = held {
                sealed.items_mut().insert(key.clone(), held.to_owned());
            } else {
                sealed.insert(key, plain, recipient, rng)?;
                anew.push(key.clone());
            }
        }
        Ok((sealed, anew))
    }
}
