//! `sealstrap external check`: whether the operator will take manifests, said without a cluster.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::cli::caller::Caller;
use crate::cli::files::side_by_side;
use crate::cli::input;
use crate::error::{Error, Exit};
use crate::external::check::{self, Around, Finding, KnownStore};
use crate::external::{Operator, Policy};
use crate::report::{self, Event};
use crate::seal::verify::Severity;
use crate::yaml::{self, Document};

/// Tell whether External Secrets will take manifests, before they are merged
///
/// Looks at ExternalSecrets and stores: what the API server refuses by the schema of their kinds, what the operator's
/// webhook refuses, stores that are not there, paths that the policy does not cover, Secrets with two owners, and fields
/// that the API server fills in, so that GitOps tools see drift. Ends with 1 where something is wrong (notes aside), with
/// 2 where there was nothing to check.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap external check                              # all manifests below the current folder
  sealstrap external check k8s/ --policy policy.hcl
  sealstrap external check k8s/ --operator 0.19
  kustomize build apps | sealstrap external check -
  sealstrap external check --json | jq 'select(.event == \"found\" and .severity == \"error\")'")]
pub(super) struct Check {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "FILE|FOLDER", default_value = ".")]
    paths: Vec<PathBuf>,
    /// A policy of Vault, as HCL: paths that it does not let the operator read are found
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The version of External Secrets in the cluster, such as 0.19 [settings: externalSecrets.version]
    #[arg(long, value_name = "VERSION")]
    operator: Option<String>,
}

impl Check {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        caller.printer.busy();
        let files = input::files(&self.paths)?;
        let mut tally = Tally { caller, files: files.len(), unread: 0, objects: 0, found: [0; 3] };
        let (documents, homes) = read_all(&files, &mut tally);
        let around = self.around(caller, &documents)?;
        let mut findings: Vec<Vec<Finding>> = Vec::new();
        side_by_side(
            &documents,
            |document| check::object(document, &around),
            |_, checked| {
                tally.objects += usize::from(checked.is_some());
                findings.push(checked.map(|checked| checked.findings).unwrap_or_default());
                ControlFlow::Continue(())
            },
        );
        for (index, finding) in check::together(&documents) {
            findings[index].push(finding);
        }
        for (home, findings) in homes.iter().zip(findings) {
            for finding in findings {
                tally.tell(&files[*home], finding);
            }
        }
        tally.end()
    }

    /// What is known around the documents.
    fn around(&self, caller: &Caller, documents: &[Document]) -> Result<Around, Error> {
        let settings = caller.external()?;
        let version = self.operator.as_ref().or(settings.external_secrets.version.as_ref());
        let stores: Vec<KnownStore> = documents.iter().filter_map(KnownStore::of).collect();
        Ok(Around {
            operator: version.map_or(Ok(Operator::NEWEST), |version| version.parse())?,
            // Where no store is among the files, they are kept elsewhere.
            stores: (!stores.is_empty()).then(|| Arc::from(stores)),
            mount: Some(settings.vault.mount),
            policy: self.policy.as_deref().map(policy).transpose()?.map(Arc::new),
        })
    }
}

/// The documents of all files that mention External Secrets, and for each the number of its file.
fn read_all(files: &[PathBuf], tally: &mut Tally) -> (Vec<Document>, Vec<usize>) {
    let (mut documents, mut homes, mut home) = (Vec::new(), Vec::new(), 0);
    side_by_side(
        files,
        |file| read(file),
        |file, read| {
            match read {
                Ok(read) => {
                    homes.extend(std::iter::repeat_n(home, read.len()));
                    documents.extend(read);
                }
                Err((line, message, hint)) => tally.unreadable(file, line, message, hint),
            }
            home += 1;
            ControlFlow::Continue(())
        },
    );
    (documents, homes)
}

/// The documents of a file; none where it does not mention External Secrets. Why it cannot be read: line, complaint, cure.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: the reader of manifests, whose errors show no line of them"
)]
fn read(file: &Path) -> Result<Vec<Document>, (usize, String, Option<String>)> {
    let bytes = input::read(file).map_err(|error| (1, format!("it cannot be read: {error}"), None))?;
    let Some(text) = bytes.expose_text().filter(|text| text.contains("external-secrets.io")) else {
        return Ok(Vec::new());
    };
    match yaml::each(file, &text) {
        Ok(documents) => Ok(documents.into_iter().flat_map(Document::taken_apart).collect()),
        Err(error) => Err((error.place.map_or(1, |(line, _)| line), error.message, error.hint)),
    }
}

fn policy(file: &Path) -> Result<Policy, Error> {
    let text = std::fs::read_to_string(file).map_err(Error::system(format!("read {}", file.display())))?;
    Ok(Policy::read(&text)?)
}

/// Counts, and tells.
struct Tally<'c> {
    caller: &'c Caller,
    files: usize,
    unread: usize,
    objects: usize,
    found: [usize; 3],
}

impl Tally<'_> {
    fn tell(&mut self, file: &Path, finding: Finding) {
        let Finding { rule, severity, line, object, message, hint } = finding;
        self.found[severity as usize] += 1;
        self.caller.printer.event(&Event::Found {
            rule: rule.word().to_owned(),
            severity: match severity {
                Severity::Note => report::Severity::Note,
                Severity::Warning => report::Severity::Warning,
                Severity::Error => report::Severity::Error,
            },
            file: file.display().to_string(),
            line,
            object: Some(object).filter(|object| !object.is_empty()),
            message,
            hint,
        });
    }

    fn unreadable(&mut self, file: &Path, line: usize, message: String, hint: Option<String>) {
        self.unread += 1;
        self.found[Severity::Error as usize] += 1;
        self.caller.printer.event(&Event::Found {
            rule: "unreadable".into(),
            severity: report::Severity::Error,
            file: file.display().to_string(),
            line,
            object: None,
            message,
            hint,
        });
    }

    fn end(self) -> Result<Exit, Error> {
        let Self { caller, files, unread, objects, found: [notes, warnings, errors] } = self;
        caller.printer.idle();
        caller.printer.event(&Event::Examined { files, unread, objects, errors, warnings, notes });
        if errors + warnings > 0 {
            return Ok(Exit::No);
        }
        if objects > 0 {
            return Ok(Exit::Done);
        }
        Err(Error::Usage {
            complaint: "nothing was checked: there is no object of External Secrets in these files".into(),
            hint: "name the files or folders that hold some; what Git ignores is passed over in folders"
                .into(),
        })
    }
}
