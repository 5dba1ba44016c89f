//! What Vault and the cluster say to ExternalSecrets: each store's own login, each path once, each Secret.

mod door;
mod paths;
mod secret;
mod stores;
mod wish;

use std::cell::Cell;

use futures::future::join_all;
use futures::{StreamExt, stream};

use super::live;
use crate::cli::caller::{Caller, in_runtime};
use crate::error::Error;
use crate::external::check::{Finding, KnownStore, Rule};
use crate::external::{self, Store};
use crate::remote::cluster::Cluster;
use crate::remote::vault::Vault;
use crate::settings::ExternalSettings;
use crate::yaml::{Document, Segment};
use door::{Doors, Stop};
use paths::Plan;
use stores::Stores;

/// How to ask.
pub(super) struct Way<'w> {
    pub(super) caller: &'w Caller,
    pub(super) settings: ExternalSettings,
    /// The address of Vault that was typed.
    pub(super) server: Option<&'w str>,
    pub(super) at_once: usize,
}

/// What was answered.
#[derive(Default)]
pub(super) struct Answers {
    /// What was found, with the index of the document.
    pub(super) findings: Vec<(usize, Finding)>,
    /// What could not be asked.
    pub(super) errors: Vec<Error>,
    /// Stores that are in the cluster, and not among the documents.
    pub(super) stores: Vec<KnownStore>,
    pub(super) paths: usize,
    /// Secrets that hold what lies in Vault.
    pub(super) equal: usize,
}

/// Asks about all ExternalSecrets.
pub(super) fn ask(way: &Way, documents: &[Document]) -> Result<Answers, Error> {
    in_runtime(async {
        let cluster = live::connect(way.caller).await?;
        let mut stores = Stores::find(&cluster, documents).await;
        let mut answers = Answers { errors: std::mem::take(&mut stores.errors), ..Answers::default() };
        answers.take_all(way, &cluster, &stores, documents).await;
        answers.stores = stores.only_in_the_cluster();
        Ok(answers)
    })
}

/// How many questions have been answered, shown while it lasts.
struct Progress<'p> {
    way: &'p Way<'p>,
    done: Cell<usize>,
    all: usize,
}

impl Progress<'_> {
    async fn counted<T>(&self, work: impl Future<Output = T>) -> T {
        let answer = work.await;
        self.done.set(self.done.get() + 1);
        self.way.caller.printer.counted(self.done.get(), self.all);
        answer
    }
}

async fn open_all(
    plan: &Plan,
    stores: &Stores,
    doors: &Doors<'_>,
    progress: &Progress<'_>,
) -> Vec<Result<Vault, Stop>> {
    let open = |(store, namespace): &(usize, String)| {
        let (store, namespace) = (stores.read(*store), namespace.clone());
        progress.counted(async move {
            let store: &Store = store.map_err(|error| Stop::NotTried(error.to_string()))?;
            doors.open(store, &namespace).await
        })
    };
    stream::iter(plan.logins.iter().map(open)).buffered(progress.way.at_once).collect().await
}

async fn read_all(plan: &Plan, logins: &[Option<Vault>], progress: &Progress<'_>) -> Vec<paths::Read> {
    let read = |path: &paths::Path| {
        let vault = logins[path.login].as_ref();
        let path = path.clone();
        progress.counted(async move {
            match vault {
                Some(vault) => Some(vault.secret_at(&path.at, path.engine, path.version.as_deref()).await),
                None => None,
            }
        })
    };
    stream::iter(plan.paths.iter().map(read)).buffered(progress.way.at_once).collect().await
}

impl Answers {
    /// Logs in, reads, compares, logs out.
    async fn take_all(&mut self, way: &Way<'_>, cluster: &Cluster, stores: &Stores, documents: &[Document]) {
        let plan = Plan::of(documents, stores);
        let doors = Doors { cluster, settings: &way.settings, server: way.server };
        let progress = Progress { way, done: Cell::new(0), all: plan.size() };
        let logins = open_all(&plan, stores, &doors, &progress).await;
        let logins = self.take_logins(logins, &plan, stores, documents);
        let read = read_all(&plan, &logins, &progress).await;
        self.paths = read.iter().flatten().count();
        for asked in &plan.asked {
            match paths::finding(&documents[asked.document], asked, &plan, &read) {
                Ok(finding) => self.findings.extend(finding.map(|finding| (asked.document, finding))),
                Err(error) => self.errors.push(error.into()),
            }
        }
        for (index, compared) in secret::compare_all(cluster, documents, &plan, &read, &progress).await {
            match compared {
                Ok((findings, equal)) => {
                    self.equal += usize::from(equal);
                    self.findings.extend(findings.into_iter().map(|finding| (index, finding)));
                }
                Err(error) => self.errors.push(error.into()),
            }
        }
        self.findings.extend(plan.unknown);
        log_out(logins, way.caller).await;
    }

    /// Takes what came of the logins; each that failed is told once, at its store or where it is named first.
    fn take_logins(
        &mut self,
        logins: Vec<Result<Vault, Stop>>,
        plan: &Plan,
        stores: &Stores,
        documents: &[Document],
    ) -> Vec<Option<Vault>> {
        let mut open = Vec::new();
        for (index, login) in logins.into_iter().enumerate() {
            let (store, _) = &plan.logins[index];
            let known = stores.known(*store);
            let named = format!("the {} `{}`", known.kind.word(), known.name);
            let (rule, message, hint) = match login {
                Ok(vault) => {
                    open.push(Some(vault));
                    continue;
                }
                Err(Stop::Failed(error)) => {
                    self.errors.push(error.into());
                    open.push(None);
                    continue;
                }
                Err(Stop::NotTried(why)) => (Rule::NotTried, format!("{named} was not tried: {why}"), None),
                Err(Stop::Refused(why, hint)) => {
                    (Rule::LoginFailed, format!("{named} cannot log in to Vault: {why}"), hint)
                }
            };
            open.push(None);
            let asking = || plan.asked.iter().find(|asked| plan.paths[asked.path].login == index);
            let (document, way) = match (stores.document(*store), asking()) {
                (Some(document), _) => (document, ["spec", "provider"]),
                (None, Some(asked)) => (asked.document, ["spec", "secretStoreRef"]),
                (None, None) => continue,
            };
            let line = documents[document].line_of(&way.map(Segment::from));
            self.findings.push((document, found(&documents[document], rule, line, message, hint)));
        }
        open
    }
}

/// Revokes the tokens that logins made.
async fn log_out(logins: Vec<Option<Vault>>, caller: &Caller) {
    for left in join_all(logins.into_iter().flatten().map(Vault::log_out)).await {
        if let Err(error) = left {
            caller.warn(&format!("{error}: {}; it ends by itself", error.cause));
        }
    }
}

/// Something found about an ExternalSecret.
fn found(
    document: &Document,
    rule: Rule,
    line: usize,
    message: impl Into<String>,
    hint: Option<String>,
) -> Finding {
    let text = |field: &str| document.value["metadata"][field].as_str().unwrap_or_default();
    let object = match (text("namespace"), text("name")) {
        ("", name) => name.to_owned(),
        (namespace, name) => format!("{namespace}/{name}"),
    };
    Finding { rule, severity: rule.severity(), line, object, message: message.into(), hint }
}

/// Whether an object is an ExternalSecret, and its namespace.
fn namespace_of(document: &Document) -> Option<&str> {
    external::is_external_secret(document)
        .then(|| document.value["metadata"]["namespace"].as_str().unwrap_or_default())
}
