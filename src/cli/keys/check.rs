//! Whether a backup is up to date: whether the key that the controller seals with now is in it.

use std::path::{Path, PathBuf};

use super::register_of;
use crate::cli::caller::Caller;
use crate::cli::keyring;
use crate::error::{Error, Exit};
use crate::report::Event;
use crate::seal::backup::Register;
use crate::seal::{Certificate, PrivateKeys};

/// Compares a backup with the certificate that the controller serves.
pub(super) fn check(
    file: &Path,
    identity: &[PathBuf],
    served: &Certificate,
    caller: &Caller,
) -> Result<Exit, Error> {
    let bytes = std::fs::read(file).map_err(Error::system(format!("read {}", file.display())))?;
    let held = if identity.is_empty() {
        by_register(file, &bytes, served)?
    } else {
        within(file, identity, served)?
    };
    let fingerprint = served.recipient.fingerprint();
    let (detail, hint) = match held {
        Held::Yes => (
            format!("{} holds the key that the controller seals with now, {fingerprint}", file.display()),
            None,
        ),
        Held::No => {
            let from =
                served.not_before.map(|from| format!(" since {}", from.strftime("%F"))).unwrap_or_default();
            let detail = format!(
                "{} lacks the key that the controller seals with{from}, {fingerprint}",
                file.display()
            );
            (detail, Some("back up again: `sealstrap keys backup --out FILE`"))
        }
        Held::OtherBackup => (
            format!(
                "{} is the register of another backup than {}",
                register_of(file).display(),
                file.display()
            ),
            Some("back up again, or look into the backup itself with `--identity FILE`"),
        ),
    };
    let sound = matches!(held, Held::Yes);
    caller.printer.idle();
    caller.printer.event(&Event::Checked {
        check: "backup of the sealing keys".into(),
        sound,
        detail,
        hint: hint.map(str::to_owned),
    });
    Ok(if sound { Exit::Done } else { Exit::No })
}

enum Held {
    Yes,
    No,
    OtherBackup,
}

fn by_register(file: &Path, bytes: &[u8], served: &Certificate) -> Result<Held, Error> {
    let register = register_of(file);
    let text = std::fs::read_to_string(&register).map_err(Error::system(format!(
        "read {}, which says what is in the backup; `--identity FILE` looks into the backup itself",
        register.display()
    )))?;
    let register = Register::read(&text)?;
    Ok(match (register.is_of(bytes), register.holds(served)) {
        (false, _) => Held::OtherBackup,
        (true, true) => Held::Yes,
        (true, false) => Held::No,
    })
}

fn within(file: &Path, identity: &[PathBuf], served: &Certificate) -> Result<Held, Error> {
    let mut keys = PrivateKeys::new();
    keys.add(file, &keyring::opened(file, &mut keyring::identities(identity)?)?)?;
    let wanted = served.recipient.fingerprint();
    let found = keys.iter().any(|key| key.recipient().fingerprint() == wanted);
    Ok(if found { Held::Yes } else { Held::No })
}
