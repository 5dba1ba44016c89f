//! All keys that the controller uses, encrypted in one file, with a register of their certificates beside it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{check, register_of};
use crate::cli::caller::{Caller, in_runtime};
use crate::cli::keyring;
use crate::cli::sealing::controller::{Controller, ControllerFlags};
use crate::error::{Error, Exit};
use crate::file::{self, Audience};
use crate::plain::Plain;
use crate::remote::cluster::Secret;
use crate::report::Event;
use crate::seal::backup::{self, Lock, Register};
use crate::seal::{self, Certificate};

/// Back up all sealing keys that are in use, encrypted with age
///
/// The file is of age's own format, armored: `age -d` opens it too, and what comes out is what `kubectl apply` takes.
/// Nothing goes to the disk in clear. Beside it, in FILE.certs.pem, stand the public certificates of the keys: so
/// `--check` can say without any private key whether the backup is up to date. A backup that holds exactly the keys
/// of the controller is left as it is. The controller makes a new key each 30 days: back up again, or let CI check.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap keys backup --out keys.age --recipient age1…
  sealstrap keys backup --out keys.age --recipient recipients.txt
  sealstrap keys backup --out keys.age                        # asks for a passphrase
  sealstrap keys backup --check keys.age                      # ends with 1 where the newest key is not in it")]
pub(super) struct Backup {
    /// The file to write
    #[arg(long, value_name = "FILE", required_unless_present = "check")]
    out: Option<PathBuf>,
    /// Who can open it: a public key of age, or a file with one a line; without any, a passphrase is asked for
    #[arg(long, value_name = "age1…|FILE")]
    recipient: Vec<String>,
    /// Write it even where the one that is there holds these keys, for example for other recipients
    #[arg(long, requires = "out")]
    anew: bool,
    /// Tell whether the key that the controller seals with now is in this backup
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "recipient"])]
    check: Option<PathBuf>,
    /// The private key of age with which `--check` looks into the backup itself
    #[arg(long, value_name = "FILE", requires = "check")]
    identity: Vec<PathBuf>,
    #[command(flatten)]
    controller: ControllerFlags,
}

impl Backup {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let settings = caller.sealing()?;
        caller.printer.busy();
        if let Some(file) = &self.check {
            let connect =
                async { Controller::connect(&settings, &self.controller).await?.certificate().await };
            return check::check(file, &self.identity, &in_runtime(connect)?, caller);
        }
        let Some(out) = &self.out else { unreachable!("clap asks for it") };
        let recipients = recipients(&self.recipient)?;
        let read = async {
            let controller = Controller::connect(&settings, &self.controller).await?;
            let (keys, others) = controller.keys().await?;
            Ok((controller.namespace, keys, others))
        };
        let (namespace, keys, others) = in_runtime(read)?;
        if others > 0 {
            caller
                .printer
                .talk(&format!("keys that are switched off in the cluster, and left out: {others}"));
        }
        if !self.anew && is_held(out, &keys)? {
            let count = keys.len();
            caller.printer.idle();
            caller.printer.talk(&format!("{} holds all keys in use already ({count})", out.display()));
            return Ok(Exit::Done);
        }
        let lock = match recipients {
            Some(lock) => lock,
            None => passphrase(caller)?,
        };
        write(out, &namespace, keys, &lock, caller)?;
        Ok(Exit::Done)
    }
}

/// The recipients that are named; nothing where none is.
fn recipients(named: &[String]) -> Result<Option<Lock>, Error> {
    let mut all = Vec::new();
    for name in named {
        // A key that is typed by mistake is not repeated as the name of a file that is not there.
        let is_key = name.starts_with("age1") || name.starts_with("AGE-") || name.starts_with("ssh-");
        if is_key {
            all.append(&mut backup::holders(name)?);
        } else {
            let text = std::fs::read_to_string(name)
                .map_err(Error::system(format!("read the recipients {name}")))?;
            all.append(&mut backup::holders(&text)?);
        }
    }
    Ok((!all.is_empty()).then_some(Lock::Holders(all)))
}

/// Asks for a passphrase twice.
fn passphrase(caller: &Caller) -> Result<Lock, Error> {
    let refuse =
        |complaint: &str, hint: &str| Error::Usage { complaint: complaint.into(), hint: hint.into() };
    caller.printer.idle();
    if !caller.printer.can_ask() {
        return Err(refuse(
            "nobody is named who can open the backup, and there is no terminal to ask for a passphrase",
            "name a public key of age: `--recipient age1…`; `age-keygen` makes one",
        ));
    }
    let (first, second) = (keyring::ask("passphrase of the backup")?, keyring::ask("once more")?);
    if first.is_empty() || !first.same_as(&second) {
        return Err(refuse("the passphrases differ, or are empty", "type the same one twice"));
    }
    Ok(Lock::Passphrase(first))
}

/// Whether the backup that is there holds exactly these keys, by its register.
fn is_held(out: &Path, keys: &[(String, Secret)]) -> Result<bool, Error> {
    let Ok(bytes) = std::fs::read(out) else { return Ok(false) };
    let Ok(Ok(register)) = std::fs::read_to_string(register_of(out)).map(|text| Register::read(&text)) else {
        return Ok(false);
    };
    let mut all_held = register.is_of(&bytes) && register.certificates.len() == keys.len();
    for (name, secret) in keys {
        all_held = all_held && register.holds(&certificate(name, secret)?);
    }
    Ok(all_held)
}

#[expect(clippy::disallowed_methods, reason = "sink: the parser of certificates, which are public")]
fn certificate(name: &str, secret: &Secret) -> Result<Certificate, Error> {
    let pem = secret.data.get("tls.crt").ok_or_else(|| incomplete(name, "tls.crt"))?;
    Ok(Certificate::from_pem(pem.expose())?)
}

fn incomplete(name: &str, key: &str) -> Error {
    Error::Usage {
        complaint: format!("the Secret `{name}` has the label of a sealing key and no `{key}`"),
        hint: "the controller cannot use it: remove its label, or the Secret".into(),
    }
}

/// The backup first, then its register: an old register beside a new backup is seen to be one.
fn write(
    out: &Path,
    namespace: &str,
    keys: Vec<(String, Secret)>,
    lock: &Lock,
    caller: &Caller,
) -> Result<(), Error> {
    let (mut secrets, mut certificates): (Vec<seal::Secret>, Vec<(String, Plain)>) = Default::default();
    for (name, mut secret) in keys {
        certificate(&name, &secret)?;
        if !secret.data.contains_key("tls.key") {
            return Err(incomplete(&name, "tls.key"));
        }
        let pem =
            secret.data.get("tls.crt").map(Plain::duplicate).ok_or_else(|| incomplete(&name, "tls.crt"))?;
        certificates.push((name.clone(), pem));
        let mut held = seal::Secret::default();
        (held.name, held.namespace, held.kind) = (name, namespace.to_owned(), Some(secret.kind));
        (held.labels, held.annotations) = (secret.labels, secret.annotations);
        held.items.append(&mut secret.data);
        secrets.push(held);
    }
    let text = backup::encrypt(&backup::text(&secrets), lock)?;
    let name = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let names = certificates.iter().map(|(name, pem)| (name.as_str(), pem));
    let register = Register::write(&name, text.as_bytes(), names)?;
    caller.printer.idle();
    for (file, text, audience) in
        [(out.to_owned(), text, Audience::Owner), (register_of(out), register, Audience::Anybody)]
    {
        file::write(&file, text.as_bytes(), audience)
            .map_err(Error::system(format!("write {}", file.display())))?;
        caller.printer.event(&Event::Written { file: file.display().to_string() });
    }
    caller.printer.talk(&format!("keys in it: {}; keep what opens it elsewhere", secrets.len()));
    Ok(())
}
