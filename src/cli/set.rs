//! `sealstrap set`: one value in a file of SealedSecrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use rand_core::OsRng;

use super::caller::{Caller, in_runtime};
use super::keyring::Backups;
use super::sealing::memory::Memory;
use super::sealing::one_file::Which;
use super::sealing::recipient::{Recipients, Sealing, Target};
use crate::error::{Error, Exit};
use crate::plain::Plain;
use crate::seal::{self, Claim, SealedSecret, Witness, envelope, names};
use crate::source::{Generate, Source};

/// Seal one value into a file of SealedSecrets
///
/// Scope, namespace and name are those of the SealedSecret in the file; comments, order and all other documents stay as
/// they are. A value that is known not to have changed is left alone.
///
/// A line end behind a single line is left out, since hardly anybody means it; values of several lines, and bytes that
/// are no text, are sealed as they are.
///
/// Sources: `env:NAME`, `file:PATH`, `-` for standard input, `prompt`, `command:PROGRAM ARGUMENT…` (split at blanks, run
/// without a shell), `generate` for 32 random bytes in hexadecimal digits.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap set db-sealed.yaml password --from prompt
  sealstrap set db-sealed.yaml tls.key --from file:tls.key
  op read op://home/db/password | sealstrap set db-sealed.yaml password --from -
  sealstrap set all.yaml token --name api --namespace shop --from env:API_TOKEN")]
pub(super) struct Set {
    #[command(flatten)]
    which: Which,
    /// The key of the item
    #[arg(value_name = "KEY")]
    key: String,
    /// Where the value comes from
    #[arg(long, value_name = "SOURCE")]
    from: String,
    /// Seal the value byte for byte, with a line end behind it
    #[arg(long)]
    exact: bool,
    #[command(flatten)]
    recipients: Recipients,
    /// Keys of the recipient show whether the value has changed
    #[command(flatten)]
    backups: Backups,
}

impl Set {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let mut file = self.which.open()?;
        check(&self.key)?;
        let from = source(&self.from)?;
        let sealing = Sealing::of(caller)?;
        let target = sealing.target_of(&self.recipients)?;
        let memory = Memory::with(self.backups.open()?);
        let value = self.value(&from, sealing.folder())?;
        let (sealed, recipient) = (&file.now().sealed, &target.certificate.recipient);
        warn_of_another_key(caller, sealed, &self.key, &target);
        let label = sealed.label();
        let is_held = sealed.item(&self.key).is_some_and(|held| {
            memory.vouches(&Claim { recipient, label: &label, key: &self.key, sealed: held, plain: &value })
        });
        if is_held {
            return file.write(caller, &target.cluster, 0);
        }
        let text = STANDARD.encode(envelope::seal(recipient, &label, &value, &mut OsRng)?);
        file.file.set_item(file.entry, &self.key, &text)?;
        memory.note(recipient, &file.now().sealed, std::iter::once((&self.key, &value)));
        let exit = file.write(caller, &target.cluster, 1)?;
        memory.save(caller);
        Ok(exit)
    }

    fn value(&self, from: &Source, folder: &std::path::Path) -> Result<Plain, Error> {
        let value = match (from, from.read_at_once(folder)) {
            (_, Some(read)) => read?,
            (Source::Generate(generate), None) => generate_one(*generate)?,
            (source, None) => in_runtime(async { Ok(source.read_whole(folder).await?) })?,
        };
        Ok(if value.is_line_with_end() && !self.exact { value.without_line_end() } else { value })
    }
}

fn generate_one(generate: Generate) -> Result<Plain, Error> {
    let mut failed = false;
    let value =
        generate.make(|bytes| failed = rand_core::RngCore::try_fill_bytes(&mut OsRng, bytes).is_err());
    if failed { Err(seal::Error::Randomness.into()) } else { Ok(value) }
}

/// Refuses a key that Kubernetes would.
pub(super) fn check(key: &str) -> Result<(), Error> {
    names::key(key).map_err(|why| Error::Usage {
        complaint: format!("the key `{key}` {why}"),
        hint: "write for example `password` or `tls.key`".into(),
    })
}

fn warn_of_another_key(caller: &Caller, sealed: &SealedSecret, key: &str, target: &Target) {
    let size = target.certificate.recipient.size();
    let other = sealed
        .keys()
        .filter(|other| *other != key)
        .find_map(|other| sealed.modulus(other).filter(|found| *found != size));
    if let Some(other) = other {
        caller.warn(&format!(
            "the other values are sealed for a key of {} bits, and this certificate has one of {}: it may be another \
             cluster's",
            8 * other,
            8 * size
        ));
    }
}

/// A source, as it is typed. Not left to clap, which would repeat what it does not know.
fn source(text: &str) -> Result<Source, Error> {
    if let Some((kind, rest)) = text.split_once(':').filter(|(_, rest)| !rest.is_empty()) {
        match kind {
            "env" => return Ok(Source::Env(rest.to_owned())),
            "file" => return Ok(Source::File(rest.into())),
            "command" => return Ok(Source::Command(rest.split_whitespace().map(str::to_owned).collect())),
            _ => {}
        }
    }
    match text {
        "-" | "stdin" => Ok(Source::Stdin {}),
        "prompt" => Ok(Source::Prompt("value".into())),
        "generate" => Ok(Source::Generate(Generate { bytes: 32, encoding: crate::source::Encoding::Hex })),
        // What stands there may be the value itself, so it is not repeated.
        _ => Err(Error::Usage {
            complaint: "`--from` does not name a source".into(),
            hint: "write env:NAME, file:PATH, -, prompt, command:PROGRAM or generate; never the value itself"
                .into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_named_and_a_value_in_their_place_is_not_repeated() {
        assert_eq!(source("env:A").unwrap(), Source::Env("A".into()));
        assert_eq!(source("file:a:b").unwrap(), Source::File("a:b".into()));
        let command = vec!["pass".into(), "show".into(), "db".into()];
        assert_eq!(source("command:pass show db").unwrap(), Source::Command(command));
        assert_eq!(source("-").unwrap(), source("stdin").unwrap());
        for odd in ["s3cret", "vault:secret", ""] {
            let error = source(odd).unwrap_err();
            assert!(odd.is_empty() || !format!("{error:?}").contains(odd), "{error:?}");
        }
    }
}
