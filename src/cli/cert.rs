//! `sealstrap cert`: the certificates that values are sealed with.

mod check;
mod pin;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::caller::Caller;
use super::sealing::place;
use super::sealing::recipient::{Known, Sealing};
use crate::error::{Error, Exit};
use crate::file::{self, Audience};
use crate::remote::web;
use crate::report::Event;
use crate::seal::Certificate;

/// Fetch, show, check and pin the certificates to seal with
///
/// A pinned certificate lies in the repository, `keys/sealing.pem` or `keys/sealing-CLUSTER.pem`, so that everybody
/// seals with the same one and needs no cluster for it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap cert pin                    # write keys/sealing.pem, and say its fingerprint
  sealstrap cert check                  # in CI: 1 where the controller has a newer one
  sealstrap cert show --cluster cloud")]
pub(super) struct Cert {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the certificate that the controller serves
    #[command(
        after_help = "Examples:\n  sealstrap cert fetch > cert.pem\n  sealstrap cert fetch --cluster cloud --out cloud.pem"
    )]
    Fetch {
        #[command(flatten)]
        of: Of,
        /// Write it to this file
        #[arg(short, long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show fingerprints, size, age and end of the certificate that is sealed with
    #[command(
        after_help = "Examples:\n  sealstrap cert show\n  sealstrap cert show cert.pem\n  sealstrap cert show --json | jq -r .sha256"
    )]
    Show {
        /// A certificate to show instead: a PEM file or an address
        #[arg(value_name = "FILE|URL", conflicts_with = "cluster")]
        from: Option<String>,
        #[command(flatten)]
        of: Of,
    },
    /// Compare the pinned certificate with the one that the controller serves
    #[command(
        after_help = "Examples:\n  sealstrap cert check\n  sealstrap cert check --cluster cloud\n\nExit codes: 0 it is the same; 1 it has ended, was superseded or is another cluster's; 2 it could not be asked."
    )]
    Check {
        #[command(flatten)]
        of: Of,
    },
    /// Write the certificate that the controller serves into the repository
    #[command(
        after_help = "Examples:\n  sealstrap cert pin\n  sealstrap cert pin --cluster cloud --replace\n  sealstrap cert pin cert.pem"
    )]
    Pin {
        /// A certificate to pin instead: a PEM file or an address
        #[arg(value_name = "FILE|URL")]
        from: Option<String>,
        #[command(flatten)]
        of: Of,
        /// Write it over another one that is pinned
        #[arg(long)]
        replace: bool,
    },
}

/// Of which cluster.
#[derive(Debug, Args)]
struct Of {
    /// A cluster of the settings, instead of their own
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
}

impl Cert {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let sealing = Sealing::of(caller)?;
        match self.what {
            What::Fetch { of, out } => fetch(&sealing, &of.known(&sealing)?, out),
            What::Show { from, of } => show(&sealing, from.as_deref(), &of.known(&sealing)?),
            What::Check { of } => check::check(&sealing, &of.known(&sealing)?),
            What::Pin { from, of, replace } => {
                pin::pin(&sealing, from.as_deref(), &of.known(&sealing)?, replace)
            }
        }
    }
}

impl Of {
    fn known(&self, sealing: &Sealing<'_>) -> Result<Known, Error> {
        self.cluster.as_ref().map_or_else(|| Ok(sealing.own()), |name| sealing.known(name))
    }
}

fn fetch(sealing: &Sealing<'_>, known: &Known, out: Option<PathBuf>) -> Result<Exit, Error> {
    let pem = sealing.served(known)?;
    read(&pem, &known.which("what its controller serves"))?;
    let Some(file) = out else {
        sealing.caller.printer.bytes(&pem);
        return Ok(Exit::Done);
    };
    file::write(&file, &pem, Audience::Anybody)
        .map_err(Error::system(format!("write {}", file.display())))?;
    sealing.caller.printer.event(&Event::Written { file: file.display().to_string() });
    Ok(Exit::Done)
}

fn show(sealing: &Sealing<'_>, from: Option<&str>, known: &Known) -> Result<Exit, Error> {
    let (pem, place, cluster) = if let Some(named) = from {
        (place::read(named, sealing.folder())?, web::told(named), "")
    } else {
        let (pem, place) = sealing.pem(known)?;
        (pem, place, known.cluster.as_str())
    };
    let refused = |source| Error::Certificate { which: format!("the certificate `{place}`"), source };
    let all = if from.is_some() {
        Certificate::chain(&pem).or_else(|_| Certificate::from_pem_or_key(&pem).map(|one| vec![one]))
    } else {
        Certificate::chain(&pem)
    };
    for certificate in all.map_err(refused)? {
        sealing.caller.printer.event(&event(&certificate, &place, cluster, Timestamp::now()));
    }
    Ok(Exit::Done)
}

fn event(certificate: &Certificate, from: &str, cluster: &str, now: Timestamp) -> Event {
    let days = certificate.not_before.map(|from| (now.as_second() - from.as_second()).div_euclid(86_400));
    Event::Certificate {
        cluster: cluster.to_owned(),
        from: from.to_owned(),
        sha256: certificate.sha256.clone(),
        key: certificate.recipient.fingerprint().to_owned(),
        bits: certificate.recipient.size() * 8,
        not_before: certificate.not_before.map(|time| time.to_string()),
        not_after: certificate.not_after.map(|time| time.to_string()),
        age_days: days,
    }
}

/// A certificate, whatever its days.
fn read(pem: &[u8], which: &str) -> Result<Certificate, Error> {
    let refused = |source| Error::Certificate { which: which.to_owned(), source };
    Certificate::from_pem(pem).map_err(refused)
}
