//! `sealstrap external check`: whether the operator will take manifests, said without a cluster; and with one, whether
//! it finds what they name.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::documents;
use super::online::{self, Answers, Way};
use crate::cli::caller::Caller;
use crate::cli::files::side_by_side;
use crate::cli::input;
use crate::cli::tally::Tally;
use crate::error::{Error, Exit};
use crate::external::check::{self, Around, Finding, KnownStore, Rule};
use crate::external::{Operator, Policy};
use crate::report::Event;
use crate::settings::ExternalSettings;
use crate::yaml::Document;

/// Tell whether External Secrets will take manifests, before they are merged
///
/// Looks at ExternalSecrets and stores: what the API server refuses by the schema of their kinds, what the operator's
/// webhook refuses, stores that are not there, paths that the policy does not cover, Secrets with two owners, and fields
/// that the API server fills in, so that GitOps tools see drift. Ends with 1 where something is wrong (notes aside), with
/// 2 where there was nothing to check.
///
/// With --online it logs in to Vault as each store does, with what is in the cluster: a token or password of a Secret, an
/// AppRole, a fresh token of the service account. It reads each path once, looks for each property, and compares the
/// Secrets in the cluster with what lies in Vault. Nothing is written, no value is shown, and tokens that a login made are
/// revoked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap external check                              # all manifests below the current folder
  sealstrap external check k8s/ --policy policy.hcl
  sealstrap external check k8s/ --operator 0.19
  sealstrap external check k8s/ --online                # ask Vault, as each store does, and the cluster
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
    /// Ask Vault and the cluster: are the values there, may the store read them, does the cluster have them
    #[arg(long)]
    online: bool,
    /// The address by which this machine reaches the Vault of the stores, instead of the one that they name [settings:
    /// vault.address, for stores that name vault.clusterAddress]
    #[arg(long, value_name = "URL", requires = "online")]
    server: Option<String>,
    /// Requests under way at once
    #[arg(long, value_name = "NUMBER", default_value_t = 8, requires = "online")]
    at_once: usize,
}

/// The documents of all files, each with the number of its file, and what could not be read.
#[derive(Default)]
struct Found {
    documents: Vec<Document>,
    homes: Vec<usize>,
    unread: usize,
    /// Templates of charts, passed over.
    templates: Vec<PathBuf>,
}

impl Check {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        caller.printer.busy();
        let files = input::files(&self.paths)?;
        let mut tally = Tally::new(caller);
        let found = read_all(&files, &mut tally);
        documents::warn_of_templates(caller, &found.templates);
        let settings = caller.external()?;
        let around = self.around(caller, &settings, &found.documents)?;
        let answers = if self.online { Some(self.ask(caller, settings, &found.documents)?) } else { None };
        let (answers, around) = joined(answers, around);
        let mut findings = offline(&found.documents, &around);
        let objects = findings.iter().flatten().count();
        for (index, finding) in check::together(&found.documents).into_iter().chain(answers.findings) {
            findings[index].get_or_insert_default().push(finding);
        }
        for (home, findings) in found.homes.iter().zip(findings) {
            tell_all(&mut tally, &files[*home], findings.unwrap_or_default());
        }
        caller.printer.idle();
        let Tally { notes, warnings, errors, .. } = tally;
        let (unread, files, online) = (found.unread, files.len(), self.online);
        let (paths, equal) = (online.then_some(answers.paths), online.then_some(answers.equal));
        caller.printer.event(&Event::Examined {
            files,
            unread,
            objects,
            paths,
            equal,
            errors,
            warnings,
            notes,
        });
        if !answers.errors.is_empty() {
            return Err(Error::several("not all could be asked".into(), answers.errors));
        }
        if tally.is_bad() {
            return Ok(Exit::No);
        }
        if objects > 0 { Ok(Exit::Done) } else { Err(nothing()) }
    }

    fn ask(
        &self,
        caller: &Caller,
        settings: ExternalSettings,
        documents: &[Document],
    ) -> Result<Answers, Error> {
        let (server, at_once) = (self.server.as_deref(), self.at_once.max(1));
        online::ask(&Way { caller, settings, server, at_once }, documents)
    }

    /// What is known around the documents.
    fn around(
        &self,
        caller: &Caller,
        settings: &ExternalSettings,
        documents: &[Document],
    ) -> Result<Around, Error> {
        let version = self.operator.as_ref().or(settings.external_secrets.version.as_ref());
        let stores: Vec<KnownStore> = documents.iter().filter_map(|one| KnownStore::of(&one.value)).collect();
        Ok(Around {
            operator: version.map_or(Ok(Operator::NEWEST), |version| version.parse())?,
            // Where no store is among the files, they are kept elsewhere.
            stores: (!stores.is_empty()).then(|| Arc::from(stores)),
            mount: Some(settings.vault.mount.clone()),
            policy: self.policy.as_deref().map(|file| policy(caller, file)).transpose()?.map(Arc::new),
        })
    }
}

/// Tells what was found in a document, line by line.
fn tell_all(tally: &mut Tally, file: &Path, mut findings: Vec<Finding>) {
    findings.sort_by_key(|finding| finding.line);
    for finding in findings {
        tally.tell(file, finding);
    }
}

/// What is known around the documents, with the stores that the cluster has besides.
fn joined(answers: Option<Answers>, around: Around) -> (Answers, Around) {
    let Some(mut answers) = answers else { return (Answers::default(), around) };
    let mut stores = around.stores.as_deref().unwrap_or_default().to_vec();
    stores.append(&mut answers.stores);
    (answers, Around { stores: Some(Arc::from(stores)), ..around })
}

/// What is found in each document without asking anybody; nothing for what is no object of the operator.
fn offline(documents: &[Document], around: &Around) -> Vec<Option<Vec<Finding>>> {
    let mut findings = Vec::new();
    side_by_side(
        documents,
        |document| check::object(document, around),
        |_, checked| {
            findings.push(checked.map(|checked| checked.findings));
            ControlFlow::Continue(())
        },
    );
    findings
}

/// Reads all files; tells of those that mention External Secrets and cannot be read.
fn read_all(files: &[PathBuf], tally: &mut Tally) -> Found {
    let (mut found, mut home) = (Found::default(), 0);
    documents::each(files, |file, read| {
        match read {
            Ok(None) => found.templates.push(file.to_owned()),
            Ok(Some(documents)) => {
                found.homes.extend(std::iter::repeat_n(home, documents.len()));
                found.documents.extend(documents);
            }
            Err(error) => {
                found.unread += 1;
                tally.tell(file, unreadable(error));
            }
        }
        home += 1;
    });
    found
}

fn unreadable(error: Error) -> Finding {
    let (line, message, hint) = match error {
        Error::Yaml(error) => (error.place.map_or(1, |(line, _)| line), error.message, error.hint),
        Error::System { source, .. } => (1, format!("it cannot be read: {source}"), None),
        other => (1, other.to_string(), other.hint()),
    };
    let (rule, object) = (Rule::Unreadable, String::new());
    Finding { rule, severity: rule.severity(), line, object, message, hint }
}

fn policy(caller: &Caller, file: &Path) -> Result<Policy, Error> {
    let text = std::fs::read_to_string(file).map_err(Error::system(format!("read {}", file.display())))?;
    let policy = Policy::read(&text)?;
    if policy.says_more() {
        let what = "says more than paths and capabilities, which is passed over here";
        caller.warn(&format!("the policy {} {what}", file.display()));
    }
    Ok(policy)
}

fn nothing() -> Error {
    Error::Usage {
        complaint: "nothing was checked: there is no object of External Secrets in these files".into(),
        hint: "name the files or folders that hold some; what Git ignores is passed over in folders".into(),
    }
}
