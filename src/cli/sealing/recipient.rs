//! Whom to seal for: certificates of settings and flags, checked before the first value is sealed.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use super::controller::Way;
use super::place;
use crate::cli::caller::{Caller, in_runtime};
use crate::error::Error;
use crate::remote::web;
use crate::seal::Certificate;
use crate::settings::{SealingController, SealingSettings};

/// The name of the recipient whose private key is kept offline.
pub(in crate::cli) const RECOVERY: &str = "recovery";

/// Whom to seal for, as it is typed.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct Recipients {
    /// The certificate to seal with, a PEM file or an address, instead of the one of the settings; the fingerprint of
    /// the settings is not asked of it
    #[arg(long, value_name = "FILE|URL", conflicts_with = "cluster")]
    cert: Option<String>,
    /// A cluster of the settings to seal for, instead of their own
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) cluster: Vec<String>,
}

/// Whom to seal for.
#[derive(Debug)]
pub(in crate::cli) struct Target {
    /// The cluster's name; empty where nobody named it.
    pub(in crate::cli) cluster: String,
    /// Its certificate.
    pub(in crate::cli) certificate: Certificate,
}

/// The settings of sealing, and who asks.
pub(in crate::cli) struct Sealing<'c> {
    pub(in crate::cli) caller: &'c Caller,
    pub(in crate::cli) settings: SealingSettings,
    folder: PathBuf,
}

/// What is known of a cluster's certificate before it is read.
#[derive(Debug)]
pub(in crate::cli) struct Known {
    /// The cluster's name.
    pub(in crate::cli) cluster: String,
    /// Where the settings say that it is.
    named: Option<String>,
    /// The file that it is pinned in, where the settings do not say.
    pub(in crate::cli) pin: PathBuf,
    /// The SHA-256 that it must have.
    pub(in crate::cli) fingerprint: Option<String>,
    /// How to reach the controller; nothing for a recipient without a cluster.
    pub(in crate::cli) way: Option<Way>,
}

impl<'c> Sealing<'c> {
    /// Reads the settings; none is an answer too.
    pub(in crate::cli) fn of(caller: &'c Caller) -> Result<Self, Error> {
        Ok(Self { caller, settings: caller.sealing()?, folder: Caller::folder()? })
    }

    /// All recipients that are typed, or else the one of the settings.
    pub(in crate::cli) fn targets(&self, typed: &Recipients) -> Result<Vec<Target>, Error> {
        if let Some(named) = &typed.cert {
            let certificate = self.checked(
                &place::read(named, &self.folder)?,
                &format!("the certificate `{}`", web::told(named)),
                false,
            )?;
            return Ok(vec![Target { cluster: self.settings.cluster.clone(), certificate }]);
        }
        if typed.cluster.is_empty() {
            return Ok(vec![self.target(&self.own())?]);
        }
        typed.cluster.iter().map(|name| self.target(&self.known(name)?)).collect()
    }

    /// The one recipient that is typed, or else the one of the settings.
    pub(in crate::cli) fn target_of(&self, typed: &Recipients) -> Result<Target, Error> {
        if typed.cluster.len() > 1 {
            return Err(Error::Usage {
                complaint: "a file can be sealed for one cluster only".into(),
                hint: "write `--cluster` once".into(),
            });
        }
        let mut targets = self.targets(typed)?;
        Ok(targets.swap_remove(0))
    }

    /// The recipient whose private key is kept offline, where the settings name one.
    pub(in crate::cli) fn recovery(&self) -> Result<Option<Target>, Error> {
        let Some(recovery) = &self.settings.sealing.recovery else { return Ok(None) };
        let known = Known {
            cluster: RECOVERY.into(),
            named: Some(recovery.certificate.clone()),
            pin: PathBuf::new(),
            fingerprint: recovery.fingerprint.clone(),
            way: None,
        };
        self.target(&known).map(Some)
    }

    /// The cluster of these settings.
    pub(in crate::cli) fn own(&self) -> Known {
        let SealingSettings { sealing, cluster, context, kubeconfig, root } = &self.settings;
        Known {
            cluster: cluster.clone(),
            named: sealing.certificate.clone(),
            pin: root.join("keys/sealing.pem"),
            fingerprint: sealing.fingerprint.clone(),
            way: Some(self.way(context.clone(), kubeconfig.clone(), sealing.controller.clone())),
        }
    }

    /// A cluster by its name.
    pub(in crate::cli) fn known(&self, name: &str) -> Result<Known, Error> {
        let SealingSettings { sealing, cluster, kubeconfig, root, .. } = &self.settings;
        let Some(other) = sealing.clusters.get(name) else {
            if name == cluster {
                return Ok(self.own());
            }
            let mut names: Vec<&str> = sealing.clusters.keys().map(String::as_str).collect();
            names.extend((!cluster.is_empty()).then_some(cluster.as_str()));
            let hint = if names.is_empty() {
                "name it under `sealing.clusters` of `sealstrap.yaml`, or name a certificate with `--cert`"
                    .into()
            } else {
                format!(
                    "`sealing.clusters` of `sealstrap.yaml` names clusters; known are {}",
                    names.join(", ")
                )
            };
            return Err(Error::Usage { complaint: format!("the settings know no cluster `{name}`"), hint });
        };
        let way = other
            .context
            .clone()
            .map(|context| self.way(Some(context), kubeconfig.clone(), other.controller.clone()));
        Ok(Known {
            cluster: name.to_owned(),
            named: other.certificate.clone(),
            pin: root.join(format!("keys/sealing-{name}.pem")),
            fingerprint: other.fingerprint.clone(),
            way,
        })
    }

    fn way(
        &self,
        context: Option<String>,
        kubeconfig: Option<PathBuf>,
        controller: SealingController,
    ) -> Way {
        let flags = &self.caller.flags;
        let typed = flags.kubeconfig.as_ref().map(|file| self.folder.join(file));
        Way { kubeconfig: typed.or(kubeconfig), context: flags.context.clone().or(context), controller }
    }

    fn target(&self, known: &Known) -> Result<Target, Error> {
        let (bytes, from) = self.pem(known)?;
        let is_recovery = known.cluster == RECOVERY && known.way.is_none();
        let certificate = self.checked(&bytes, &known.which(&from), is_recovery)?;
        known.check_fingerprint(&certificate, &from)?;
        Ok(Target { cluster: known.cluster.clone(), certificate })
    }

    /// The certificate of a cluster and where it was: where the settings say, else its pin, else what its controller
    /// serves.
    pub(in crate::cli) fn pem(&self, known: &Known) -> Result<(Vec<u8>, String), Error> {
        if let Some(named) = &known.named {
            return Ok((place::read(named, &self.settings.root)?, web::told(named)));
        }
        match std::fs::read(&known.pin) {
            Ok(bytes) => return Ok((bytes, self.shown(&known.pin))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::system(format!("read {}", self.shown(&known.pin)))(error)),
        }
        Ok((self.served(known)?, "what its controller serves".into()))
    }

    /// What the controller of a cluster serves.
    pub(in crate::cli) fn served(&self, known: &Known) -> Result<Vec<u8>, Error> {
        let Some(way) = &known.way else {
            return Err(Error::Usage {
                complaint: format!("it is not known how to reach {}", known.whom()),
                hint: format!(
                    "set `sealing.clusters.{0}.context` in `sealstrap.yaml`, or put its certificate into \
                     `keys/sealing-{0}.pem`",
                    known.cluster
                ),
            });
        };
        self.caller.printer.busy();
        let served = in_runtime(async { way.connect().await?.served().await });
        self.caller.printer.idle();
        served
    }

    /// A certificate that may be used today. An old one is warned of.
    fn checked(&self, pem: &[u8], which: &str, or_key: bool) -> Result<Certificate, Error> {
        let refused = |source| Error::Certificate { which: which.to_owned(), source };
        let read = if or_key { Certificate::from_pem_or_key(pem) } else { Certificate::from_pem(pem) };
        let certificate = read.map_err(refused)?;
        let now = Timestamp::now();
        certificate.check(now).map_err(refused)?;
        if let Some(days) = self.old(&certificate, now) {
            self.caller.warn(&format!(
                "{which} is {days} days old: the controller may have a newer one, `sealstrap cert check` asks it"
            ));
        }
        Ok(certificate)
    }

    /// The age of a certificate in days, where that is worth a warning.
    fn old(&self, certificate: &Certificate, now: Timestamp) -> Option<u64> {
        let age = u64::try_from(now.as_second() - certificate.not_before?.as_second()).ok()?;
        (age > self.settings.sealing.warn_after.get().as_secs()).then_some(age / 86_400)
    }

    /// A path as it reads best: from the current folder, where it is below that.
    pub(in crate::cli) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder).unwrap_or(path).display().to_string()
    }

    /// The folder in which the command was typed.
    pub(in crate::cli) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Known {
    /// Whose certificate it is, in words.
    pub(in crate::cli) fn whom(&self) -> String {
        match self.cluster.as_str() {
            "" => "the cluster".into(),
            RECOVERY if self.way.is_none() => "the recovery recipient".into(),
            name => format!("cluster `{name}`"),
        }
    }

    /// Its certificate, in words that say where it was.
    pub(in crate::cli) fn which(&self, from: &str) -> String {
        format!("the certificate of {} ({from})", self.whom())
    }

    /// Refuses a certificate other than the one that the settings pin.
    pub(in crate::cli) fn check_fingerprint(&self, found: &Certificate, from: &str) -> Result<(), Error> {
        let plain = |text: &str| text.replace(':', "").to_lowercase();
        match &self.fingerprint {
            Some(pinned) if plain(pinned) != found.sha256 => Err(Error::Usage {
                complaint: format!(
                    "the certificate of {} ({from}) has the SHA-256 {}, but the settings pin {}",
                    self.whom(),
                    found.sha256,
                    plain(pinned)
                ),
                hint: "where the controller has renewed it: `sealstrap cert pin --replace`, and put the new SHA-256 into \
                       the settings; else somebody serves another one"
                    .into(),
            }),
            _ => Ok(()),
        }
    }
}
