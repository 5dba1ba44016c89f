//! `sealstrap scan --fix`: what was found is sealed where it stands, or moved to Vault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use rand_core::OsRng;

use super::desk::Desk;
use super::haul::{Haul, Place};
use crate::cli::caller::Caller;
use crate::cli::external::layout::LayoutFlags;
use crate::cli::external::pushing::{self, Manner};
use crate::cli::sealing::recipient::{Recipients, Sealing};
use crate::cli::sealing::scope_of;
use crate::error::Error;
use crate::external;
use crate::mend::{self, Keep, Means, Mended, Wound};
use crate::report::Event;
use crate::scan::{self, Finding, Policy};

/// How what is found is mended.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_field_names, reason = "a flag has the name of what it does")]
#[command(next_help_heading = "Mending")]
pub(super) struct Fix {
    /// Seal what is found where it stands: Secrets become SealedSecrets; variables and arguments of containers, literals
    /// of generators and values of a HelmRelease are taken from one in a file beside. Comments and all else stay. What is
    /// not sure is left, and told with the reason. With --staged, what was staged is staged again
    #[arg(long, conflicts_with_all = ["history", "since", "stdin_refs", "format", "write_baseline"])]
    pub(super) fix: bool,
    /// Show what --fix would change, without the secrets, and write nothing
    #[arg(long, requires = "fix")]
    plan: bool,
    /// Do not ask before --fix writes; off a terminal nothing is asked anyway
    #[arg(long, short, requires = "fix")]
    yes: bool,
    /// Where the values are kept from then on: sealed in their files, or in Vault, with ExternalSecrets in their places. They
    /// are in Vault before a file is written, at the paths and through the store that the settings say
    #[arg(long, value_enum, value_name = "PLACE", default_value_t = Keeper::Sealed, requires = "fix")]
    to: Keeper,
    /// The namespace of objects to which neither they themselves nor a kustomization give one
    #[arg(long, short, value_name = "NAME", requires = "fix")]
    namespace: Option<String>,
    #[command(flatten)]
    recipients: Recipients,
}

/// Where values are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Keeper {
    #[default]
    Sealed,
    Vault,
}

/// A file that is to be mended.
struct Patient {
    /// Its path from the top of the repository on.
    path: PathBuf,
    text: String,
    findings: Vec<Finding>,
}

impl Fix {
    /// Mends what can be mended, and takes it out of what was found; of the rest it says why not.
    pub(super) fn perform(
        &self,
        caller: &Caller,
        policy: &Policy,
        haul: &mut Haul,
        desk: &Desk,
    ) -> Result<(), Error> {
        let places = haul.places(desk.top());
        let patients = patients(policy, &places, desk);
        if patients.is_empty() {
            return Ok(());
        }
        let (mut mended, mount) = self.mend(caller, policy, &patients, desk)?;
        haul.explain(desk.top(), &reasons(&patients, &mended));
        if mended.files.is_empty() {
            return Ok(());
        }
        desk.check(&mended.files)?;
        let asks = !self.yes && caller.printer.can_ask();
        if self.plan || asks {
            for changed in &mended.files {
                let (file, diff) = (changed.path.display().to_string(), mend::diff(changed));
                caller.printer.event(&Event::Mend { file, diff });
            }
        }
        let question = format!("Write {} files?", mended.files.len());
        if self.plan || asks && !caller.printer.ask(&question) {
            return Ok(());
        }
        // A file refers to what is there already.
        if !mended.pushes.is_empty() {
            let pushes = external::joined(std::mem::take(&mut mended.pushes));
            pushing::perform(caller, &mount, pushes, &Manner::default())?;
        }
        desk.write(caller, &mended.files)?;
        let gone = mended.mended.iter().map(|which| {
            let patient = &patients[which.wound];
            Place::of(&patient.path, &patient.findings[which.finding])
        });
        haul.mend(desk.top(), &gone.collect());
        Ok(())
    }

    /// What comes of it, and the mount for what has to lie in Vault.
    fn mend(
        &self,
        caller: &Caller,
        policy: &Policy,
        patients: &[Patient],
        desk: &Desk,
    ) -> Result<(Mended, String), Error> {
        let wounds: Vec<Wound> =
            patients.iter().map(|Patient { path, text, findings }| Wound { path, text, findings }).collect();
        let mend = |keep: Keep| {
            let mut means = Means {
                keep,
                namespace: self.namespace.as_deref(),
                policy,
                root: desk.top(),
                read: &|path| desk.read(path),
                rng: &mut OsRng,
            };
            mend::mend(&wounds, &mut means)
        };
        if self.to == Keeper::Vault {
            let look = LayoutFlags::default().over(&caller.external()?)?;
            return Ok((look.with(|layout| mend(Keep::Vault(layout))), look.mount));
        }
        let sealing = Sealing::of(caller)?;
        let target = sealing.target_of(&self.recipients)?;
        let scope = scope_of(sealing.settings.sealing.scope);
        Ok((mend(Keep::Sealed { recipient: &target.certificate.recipient, scope }), String::new()))
    }
}

/// The files in which something was found, with their texts and what of it is still told.
fn patients(policy: &Policy, places: &BTreeSet<Place>, desk: &Desk) -> Vec<Patient> {
    let paths: BTreeSet<&Path> = places.iter().map(|place| place.path.as_path()).collect();
    let patient = |path: &Path| {
        let text = desk.read(path)?;
        let whole = desk.top().join(path);
        let mut findings = scan::scan(policy, &whole.to_string_lossy(), text.as_bytes()).findings;
        findings.retain(|finding| places.contains(&Place::of(path, finding)));
        Some(Patient { path: path.to_owned(), text, findings })
    };
    paths.into_iter().filter_map(patient).filter(|patient| !patient.findings.is_empty()).collect()
}

/// Why what is not mended is not, and what to do.
fn reasons(patients: &[Patient], mended: &Mended) -> BTreeMap<Place, String> {
    let reason = |refusal: &mend::Refusal| {
        let patient = &patients[refusal.which.wound];
        let place = Place::of(&patient.path, &patient.findings[refusal.which.finding]);
        (place, format!("{}; it is not mended, since {}", refusal.hint, refusal.reason))
    };
    mended.refused.iter().map(reason).collect()
}
