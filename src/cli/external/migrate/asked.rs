//! What an entry of an ExternalSecret asks Vault for, and what is said where it cannot be had.

use crate::error::Error;
use crate::external::{Item, KvMount, KvVersion};
use crate::plain::Plain;
use crate::remote;
use crate::remote::vault::{self, KvSecret};
use crate::yaml::Document;

const WRITE_IT: &str = "write it with `external push`, or name the mount with `--mount`";

pub(super) struct Asked<'d> {
    document: &'d Document,
    pub(super) item: &'d Item,
    /// The path of Vault's API.
    pub(super) at: String,
    pub(super) engine: vault::KvVersion,
}

impl<'d> Asked<'d> {
    pub(super) fn of(document: &'d Document, item: &'d Item, mount: &KvMount) -> Self {
        let at = mount.request_path(&item.path);
        let engine = match mount.version {
            KvVersion::V1 => vault::KvVersion::V1,
            KvVersion::V2 => vault::KvVersion::V2,
        };
        Self { document, item, at, engine }
    }

    /// The path as people write it: without what version 2 puts between mount and path.
    fn shown(&self) -> String {
        match self.engine {
            vault::KvVersion::V1 => self.at.clone(),
            vault::KvVersion::V2 => self.at.replacen("/data/", "/", 1),
        }
    }

    fn refused(&self, complaint: &str, hint: &str) -> Error {
        let place = self.document.place(&["spec".into()]);
        Error::Usage { complaint: format!("{place}: {complaint}"), hint: hint.into() }
    }

    pub(super) fn decoded(&self, value: Plain) -> Result<Plain, Error> {
        self.item.decoding.decode(value).ok_or_else(|| {
            let complaint = format!("what lies at `{}` is not base64, as the entry says", self.shown());
            self.refused(
                &complaint,
                "correct `decodingStrategy`, or write the value anew with `external push`",
            )
        })
    }

    pub(super) fn of_version(&self, version: &str) -> Error {
        let complaint =
            format!("version {version} of `{}` is named, and only the newest is read", self.shown());
        self.refused(&complaint, "remove `version` where the newest is meant")
    }

    pub(super) fn nothing(&self, found: Option<&KvSecret>) -> Error {
        let path = self.shown();
        if let Some(found) = found.filter(|found| found.deleted) {
            let complaint = format!("version {} of `{path}` in Vault, the newest, is deleted", found.version);
            let hint = "bring it back with `vault kv undelete`, or write it anew with `external push`";
            return self.refused(&complaint, hint);
        }
        self.refused(&format!("there is nothing at `{path}` in Vault"), WRITE_IT)
    }

    /// Vault refuses: said as of a write, without the path of its API.
    pub(super) fn failed(&self, mut error: remote::Error) -> Error {
        error.action = format!("read `{}` in Vault", self.shown());
        error.into()
    }

    pub(super) fn missing(&self, property: &str) -> Error {
        self.refused(&format!("there is no `{property}` at `{}` in Vault", self.shown()), WRITE_IT)
    }

    /// A number that the operator reads as a floating-point one, and writes in another way.
    pub(super) fn inexact(&self, key: &str) -> Error {
        let complaint = format!(
            "`{key}` at `{}` holds a number that the operator changes when it reads a whole path: it has no exact Secret",
            self.shown()
        );
        self.refused(&complaint, "write it as a text, or read it by an entry of `data`")
    }
}
