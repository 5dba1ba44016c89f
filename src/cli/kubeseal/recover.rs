//! Unsealing with private keys, for when the cluster is gone.

use std::path::Path;

use rand_core::OsRng;
use zeroize::Zeroizing;

use super::input::Input;
use super::{Failure, Job};
use crate::cli::files::read_all;
use crate::file::Audience;
use crate::seal::{PrivateKeys, SealedSecret};

impl Job<'_> {
    /// Unseals each SealedSecret of the input.
    pub(super) fn recover(&self, input: Input) -> Result<(), Failure> {
        let mut keys = PrivateKeys::new();
        for file in &self.flags.recovery_private_key {
            let file = Path::new(file);
            let opened = std::fs::File::open(file).and_then(|mut file| read_all(&mut file));
            keys.add(file, &opened.map_err(|error| Failure::of_system("open", file, &error))?)?;
        }
        let documents = input.documents()?;
        if documents.is_empty() {
            return Err(Failure::nothing_found());
        }
        let mut texts = Vec::new();
        for document in documents {
            let secret = SealedSecret::read(document)?.unseal(&keys, &mut OsRng)?;
            texts.push(secret.write(self.form()?));
        }
        let mut out = Zeroizing::new(String::with_capacity(texts.iter().map(|text| text.len()).sum()));
        for text in &texts {
            out.push_str(text);
        }
        self.put_out(out.as_bytes(), Audience::Owner)
    }
}
