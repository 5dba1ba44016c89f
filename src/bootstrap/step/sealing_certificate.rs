//! The certificate of the controller is pinned in a file of the repository.

use std::path::PathBuf;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::sealing::controller::{Asked, Served};
use crate::bootstrap::sealing::{self, controller};
use crate::bootstrap::watch::Watch;
use crate::bootstrap::{Error, Look, World};
use crate::file::{self, Audience};
use crate::report::{Change, Verb};
use crate::seal::Certificate;
use crate::settings::{Period, SealingController};

/// The certificate of a sealed-secrets controller is pinned in a file of the repository.
///
/// It is read through the Kubernetes API only. A pinned one that belongs to none of the controller's keys is refused:
/// what is sealed with it could not be unsealed. One that the controller has renewed since still works, and stays.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealingCertificate {
    /// The controller.
    #[serde(default)]
    pub controller: SealingController,
    /// The file.
    #[serde(default = "pinned")]
    pub file: PathBuf,
    /// The SHA-256 that the certificate must have, in hexadecimal digits.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// The deadline for the controller to serve it; the settings' when absent.
    #[serde(default)]
    pub timeout: Option<Period>,
}

fn pinned() -> PathBuf {
    sealing::PINNED.into()
}

impl SealingCertificate {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        Ok(match controller::ask(world, &self.controller).await? {
            Asked::Missing => Look::Awaits { change: self.change_to_make(), input: self.service() },
            Asked::NotYet(reason) => {
                let wait = Change::new(Verb::Wait, self.label()).with(reason);
                let there = world.settings.file(&self.file).is_file();
                Look::of([wait].into_iter().chain((!there).then(|| self.change_to_make())).collect())
            }
            Asked::Serves(served) => self.compare(world, &served).await?,
        })
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let served = self.served(world).await?;
        if self.compare(world, &served).await? == Look::Holds {
            return Ok(());
        }
        let path = world.settings.file(&self.file);
        let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        folder
            .and_then(|()| file::write(&path, &served.pem, Audience::Anybody))
            .map_err(|source| Error::NotWritten { file: self.file.clone(), source })
    }

    pub(super) fn needs(&self, _: &World) -> Needs {
        let mut needs = controller::needs_to_ask(&self.controller);
        needs.cluster.extend(controller::needs_to_open(&self.controller).cluster);
        needs
    }

    /// Waits until the controller serves its certificate.
    async fn served(&self, world: &World) -> Result<Box<Served>, Error> {
        let deadline = self.timeout.unwrap_or(world.settings.timeouts.wait).get();
        let mut watch = Watch::new(world, self.label(), deadline);
        loop {
            let reason = match controller::ask(world, &self.controller).await? {
                Asked::Serves(served) => return Ok(served),
                Asked::Missing => format!("{} is not there yet", self.service()),
                Asked::NotYet(reason) => reason,
            };
            if !watch.pause(&reason).await? {
                return Err(watch.too_long("available", &reason));
            }
        }
    }

    async fn compare(&self, world: &World, served: &Served) -> Result<Look, Error> {
        let new = &served.certificate;
        let Some(pinned) = sealing::pinned(world, &self.file)? else {
            new.check(Timestamp::now())?;
            self.check_fingerprint(new, "the certificate that the controller serves")?;
            let change = self.change_to_make().with(format!("SHA-256 {}", new.sha256));
            return Ok(change.with_all(end(new)).into());
        };
        self.check_fingerprint(&pinned, &format!("`{}`", self.file.display()))?;
        if pinned.sha256 == new.sha256 {
            return Ok(Look::Holds);
        }
        if !controller::is_of(&pinned, &controller::keys(world, &self.controller).await?) {
            return Err(self.stranger(&pinned, new));
        }
        world.warn(format!(
            "the controller serves a newer certificate (SHA-256 {}) than the one in `{}` ({}), which it still unseals; \
             delete the file and run `pin-sealing-certificate` to take the newer one",
            new.sha256,
            self.file.display(),
            pinned.sha256
        ));
        Ok(Look::Holds)
    }

    fn check_fingerprint(&self, certificate: &Certificate, what: &str) -> Result<(), Error> {
        let Some(wanted) = self.fingerprint.as_ref().filter(|wanted| **wanted != certificate.sha256) else {
            return Ok(());
        };
        Err(Error::Unfit {
            what: what.to_owned(),
            reason: format!("its SHA-256 is {}, and `sealing.fingerprint` says {wanted}", certificate.sha256),
            hint: Some("make sure that this is the right cluster, then correct `sealing.fingerprint`".into()),
        })
    }

    fn stranger(&self, pinned: &Certificate, served: &Certificate) -> Error {
        let SealingController { namespace, name } = &self.controller;
        Error::Unfit {
            what: format!("`{}`", self.file.display()),
            reason: format!(
                "its certificate (SHA-256 {}) belongs to none of the keys of the controller `{namespace}/{name}`, which \
                 serves another one (SHA-256 {})",
                pinned.sha256, served.sha256
            ),
            hint: Some(
                "choose the right cluster, or restore its old sealing keys from their backup; where those are lost, delete \
                 the file to pin the new certificate, and seal every value anew"
                    .into(),
            ),
        }
    }

    fn change_to_make(&self) -> Change {
        Change::new(Verb::Create, format!("file `{}`", self.file.display()))
    }

    fn service(&self) -> String {
        format!("Service `{}/{}`", self.controller.namespace, self.controller.name)
    }

    fn label(&self) -> String {
        format!("the certificate of the controller `{}/{}`", self.controller.namespace, self.controller.name)
    }
}

/// Until when a certificate may be used.
fn end(certificate: &Certificate) -> Option<String> {
    certificate.not_after.map(|end| format!("valid until {}", end.strftime("%Y-%m-%d")))
}
