//! What is known of values that were sealed before: by the ledger of this machine, and by private keys at hand.

use crate::cli::caller::Caller;
use crate::ledger::{Ledger, Place};
use crate::plain::Plain;
use crate::report::Event;
use crate::seal::{Claim, Label, PrivateKeys, Recipient, SealedSecret, Witness};
use crate::settings::environment;

/// Who can vouch for sealed values.
pub(in crate::cli) struct Memory {
    ledger: Ledger,
    keys: PrivateKeys,
}

impl Memory {
    /// The ledger of this machine, and these keys.
    pub(in crate::cli) fn with(keys: PrivateKeys) -> Self {
        let folder = environment::state_folder().map(|folder| folder.join("sealstrap"));
        Self { ledger: Ledger::new(folder), keys }
    }

    /// Notes the items of a SealedSecret that were sealed just now.
    pub(in crate::cli) fn note<'v>(
        &self,
        recipient: &Recipient,
        sealed: &SealedSecret,
        values: impl Iterator<Item = (&'v String, &'v Plain)>,
    ) {
        let label = sealed.label();
        for (key, value) in values {
            if let Some(text) = sealed.item(key) {
                self.note_item(recipient, &label, key, text, Some(value));
            }
        }
    }

    /// Notes one item, with its value where that is known.
    pub(in crate::cli) fn note_item(
        &self,
        recipient: &Recipient,
        label: &Label,
        key: &str,
        sealed: &str,
        value: Option<&Plain>,
    ) {
        self.ledger.note(&place(recipient, label, key, sealed), value);
    }

    /// Whether an item is known to be sealed for this recipient already, whatever it holds.
    pub(in crate::cli) fn is_for(
        &self,
        recipient: &Recipient,
        label: &Label,
        key: &str,
        sealed: &str,
    ) -> bool {
        self.ledger.is_for(&place(recipient, label, key, sealed))
    }

    /// Keeps what was noted. Where that fails, the next run seals anew what it need not.
    pub(in crate::cli) fn save(&self, caller: &Caller) {
        if let Err(error) = self.ledger.save() {
            let message = format!(
                "cannot write the ledger of sealed values: {error}; unchanged values will be sealed anew"
            );
            caller.printer.event(&Event::Warning { message });
        }
    }
}

impl Witness for Memory {
    fn vouches(&self, claim: &Claim<'_>) -> bool {
        self.ledger.holds(&place(claim.recipient, claim.label, claim.key, claim.sealed), claim.plain)
            || self.keys.vouches(claim)
    }
}

fn place<'a>(recipient: &'a Recipient, label: &'a Label, key: &'a str, sealed: &'a str) -> Place<'a> {
    Place { recipient: recipient.fingerprint(), label: label.text(), key, sealed }
}
