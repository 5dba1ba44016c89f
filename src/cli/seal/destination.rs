//! Where sealed files go.

use std::path::{Path, PathBuf};

use super::Seal;
use super::input::Input;
use crate::cli::caller::Caller;
use crate::cli::sealing::recipient::{Sealing, Target};
use crate::error::Error;
use crate::seal::Secret;

/// Where sealed files go.
#[derive(Debug)]
pub(super) enum Destination {
    /// To standard output.
    Stdout,
    /// Over what was read.
    InPlace,
    /// To files whose names are made by a pattern.
    Pattern(String),
}

impl Destination {
    pub(super) fn of(typed: &Seal, inputs: &[Input], caller: &Caller) -> Result<Self, Error> {
        let from_stdin = inputs.iter().any(|input| input.file.is_none());
        let several = inputs.len() != 1 || !inputs.iter().all(|input| input.named);
        if typed.in_place {
            if from_stdin {
                return Err(usage("standard input cannot be sealed in place", "name files, or use `--out`"));
            }
            return Ok(Self::InPlace);
        }
        let Some(out) = &typed.out else {
            let nowhere = "it is not said where the sealed files are to go";
            if several {
                return Err(usage(nowhere, "write `--in-place`, or `--out` with a folder"));
            }
            if caller.tells_json() {
                return Err(usage(nowhere, "with `--json` standard output holds events: write `--out`"));
            }
            return Ok(Self::Stdout);
        };
        if typed.shred && from_stdin {
            return Err(usage("standard input cannot be shredded", "name the file that it comes from"));
        }
        let is_folder = out.ends_with('/') || Path::new(out).is_dir();
        let pattern = if is_folder { format!("{}/{{file}}", out.trim_end_matches('/')) } else { out.clone() };
        check(&pattern)?;
        if several && !is_folder && !["{file}", "{name}"].iter().any(|part| pattern.contains(part)) {
            let complaint = format!("several files would be written to `{out}`");
            return Err(usage(&complaint, "name a folder, or write {file} or {name} in it"));
        }
        if from_stdin && pattern.contains("{file}") {
            return Err(usage("standard input has no name for {file}", "write {name} instead, or a file"));
        }
        Ok(Self::Pattern(pattern))
    }

    /// The recovery recipient, where there is place for its files.
    pub(super) fn recovery(&self, sealing: &Sealing<'_>) -> Result<Option<Target>, Error> {
        if sealing.settings.sealing.recovery.is_none() {
            return Ok(None);
        }
        match self {
            Self::Pattern(pattern) if pattern.contains("{cluster}") => sealing.recovery(),
            _ => {
                sealing.caller.warn(
                    "nothing is sealed for the recovery recipient of the settings: that takes a file more, so write \
                     `--out` with {cluster} in it",
                );
                Ok(None)
            }
        }
    }

    /// Refuses more recipients than there are places.
    pub(super) fn fits(&self, targets: &[Target]) -> Result<(), Error> {
        let is_pattern = matches!(self, Self::Pattern(pattern) if pattern.contains("{cluster}"));
        if targets.len() > 1 && !is_pattern {
            return Err(usage(
                "each cluster takes a file of its own",
                "write `--out` with {cluster} in it, such as 'clusters/{cluster}/{file}'",
            ));
        }
        if is_pattern && targets.iter().any(|target| target.cluster.is_empty()) {
            return Err(usage(
                "the cluster has no name for {cluster}",
                "set `cluster.name` in `sealstrap.yaml`, or leave {cluster} out",
            ));
        }
        Ok(())
    }

    /// Whether each Secret goes to a file of its own.
    pub(super) fn splits(&self) -> bool {
        matches!(self, Self::Pattern(pattern) if pattern.contains("{name}") || pattern.contains("{namespace}"))
    }

    /// The file for an input and a recipient, and for a Secret where each has its own.
    pub(super) fn file(&self, input: &Input, target: &Target, secret: Option<&Secret>) -> Option<PathBuf> {
        let Self::Pattern(pattern) = self else {
            return input.file.clone().filter(|_| matches!(self, Self::InPlace));
        };
        let mut file =
            pattern.replace("{file}", &input.below.to_string_lossy()).replace("{cluster}", &target.cluster);
        if let Some(secret) = secret {
            file = file.replace("{namespace}", &secret.namespace).replace("{name}", &secret.name);
        }
        Some(PathBuf::from(file))
    }
}

/// Refuses placeholders that there are none of.
fn check(pattern: &str) -> Result<(), Error> {
    const KNOWN: [&str; 4] = ["name", "namespace", "cluster", "file"];
    for part in pattern.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !KNOWN.contains(&name) || !part.contains('}') {
            let complaint = format!("`--out` knows no placeholder {{{name}}}");
            return Err(usage(&complaint, "known are {name}, {namespace}, {cluster} and {file}"));
        }
    }
    Ok(())
}

pub(super) fn usage(complaint: &str, hint: &str) -> Error {
    Error::Usage { complaint: complaint.into(), hint: hint.into() }
}
