//! A certificate in the repository.

use jiff::Timestamp;

use super::read;
use crate::cli::sealing::place;
use crate::cli::sealing::recipient::{Known, Sealing};
use crate::error::{Error, Exit};
use crate::file::{self, Audience};
use crate::remote::web;
use crate::report::Event;
use crate::seal::Certificate;

pub(super) fn pin(
    sealing: &Sealing<'_>,
    from: Option<&str>,
    known: &Known,
    replace: bool,
) -> Result<Exit, Error> {
    let (pem, place) = match from {
        Some(named) => (place::read(named, sealing.folder())?, web::told(named)),
        None => (sealing.served(known)?, "what its controller serves".to_owned()),
    };
    let which = known.which(&place);
    let new = read(&pem, &which)?;
    new.check(Timestamp::now()).map_err(|source| Error::Certificate { which, source })?;
    if !replace {
        known.check_fingerprint(&new, &place)?;
    }
    let file = &known.pin;
    let shown = sealing.shown(file);
    let old = match std::fs::read(file) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::system(format!("read {shown}"))(error)),
    };
    let pinned = old.as_deref().map(Certificate::from_pem);
    match pinned {
        Some(Ok(pinned)) if pinned.sha256 == new.sha256 => {
            sealing.caller.printer.talk(&format!("{shown} holds it already"));
        }
        Some(pinned) if !replace => return Err(other(&shown, pinned.ok().as_ref(), &new)),
        _ => write(file, old.as_deref(), &pem).map_err(Error::system(format!("write {shown}")))?,
    }
    sealing.caller.printer.event(&Event::Pinned {
        file: shown,
        cluster: known.cluster.clone(),
        setting: setting(sealing, known),
        sha256: new.sha256,
    });
    Ok(Exit::Done)
}

fn write(file: &std::path::Path, old: Option<&[u8]>, pem: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    match old {
        Some(old) => file::replace(file, old, pem),
        None => file::create(file, pem, Audience::Anybody),
    }
}

/// Where in the settings its fingerprint belongs.
fn setting(sealing: &Sealing<'_>, known: &Known) -> String {
    if known.cluster == sealing.settings.cluster {
        return "sealing.fingerprint".into();
    }
    format!("sealing.clusters.{}.fingerprint", known.cluster)
}

fn other(file: &str, pinned: Option<&Certificate>, new: &Certificate) -> Error {
    let complaint = match pinned {
        Some(pinned) => {
            format!(
                "{file} pins another certificate: SHA-256 {}, and this one has {}",
                pinned.sha256, new.sha256
            )
        }
        None => format!("{file} is there and holds no certificate"),
    };
    let hint = "where the controller has renewed its key, write it over with `--replace`; else find out who serves this one";
    Error::Usage { complaint, hint: hint.into() }
}
