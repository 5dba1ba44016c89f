//! `sealstrap new app`: an application in the layout of Flux.

use std::path::PathBuf;

use clap::Args;

use super::ground::Ground;
use crate::cli::caller::Caller;
use crate::cli::diff;
use crate::cli::external::layout::pattern;
use crate::error::{Error, Exit};
use crate::external::{Interval, Operator, check_path};
use crate::new::{self, Chart, Draft, Place, Repository, Secret};
use crate::report::{Event, Outcome};

/// Make an application: its folder, and its place in what Flux applies
///
/// Writes a Kustomization of Flux, a HelmRelease and, with --secret, an ExternalSecret whose values are in Vault where
/// `externalSecrets.path` of the settings says, else at PREFIX/NAME. The kustomization of the namespace is made, or added to: comments and all else in it stay.
///
/// A second run writes nothing. A file that is there is never written over: where it says all that is asked for, it stays,
/// whatever else it says; where it says something else, that is told and nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap new app podinfo --repo podinfo --version 6.9.0
  sealstrap new app grafana --namespace observability --repo grafana --version 9.2.1 --secret admin-user,admin-password
  sealstrap new app echo --oci oci://ghcr.io/bjw-s-labs/helm/app-template --version 4.2.0 --plan")]
pub(super) struct App {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// The namespace that it runs in; one of its own, of its name, when absent
    #[arg(long, short, value_name = "NAME")]
    namespace: Option<String>,
    #[command(flatten)]
    from: From,
    /// A key that it needs of Vault; several with commas, or one by one
    #[arg(long = "secret", value_name = "KEY", value_delimiter = ',')]
    secrets: Vec<String>,
    /// The store of External Secrets that they come from; that of the settings, or the one in the repository, when absent
    #[arg(long, value_name = "[KIND/]NAME", requires = "secrets")]
    store: Option<String>,
    /// The folder of all applications; found beside the folder that is synced when absent
    #[arg(long, value_name = "FOLDER")]
    apps: Option<PathBuf>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    plan: bool,
}

/// Where its chart comes from.
#[derive(Debug, Args)]
struct From {
    /// The HelmRepository with its chart; the namespace is the one that the Git repository puts it into, or flux-system
    #[arg(long, value_name = "NAME[/NAMESPACE]", required_unless_present = "oci")]
    repo: Option<String>,
    /// The chart in that HelmRepository; one of the application's name when absent
    #[arg(long, value_name = "NAME", requires = "repo")]
    chart: Option<String>,
    /// The chart as an OCI artifact, in place of a HelmRepository
    #[arg(long, value_name = "URL", conflicts_with_all = ["repo", "chart"])]
    oci: Option<String>,
    /// The version of the chart; of a HelmRepository also a range
    #[arg(long, value_name = "VERSION")]
    version: String,
}

impl App {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let ground = Ground::look(caller, self.apps.as_deref())?;
        let (folder, why) = (ground.apps.path.display(), ground.apps.why);
        caller.printer.talk(&format!("applications are in {folder}: {why}"));
        let app = self.app(caller, &ground)?;
        let drafts = new::plan(&app, &ground.repository)?;
        let is_new = drafts.iter().any(|draft| !draft.is_held());
        if is_new && !self.plan {
            new::write(ground.repository.root(), &drafts)?;
        }
        for draft in &drafts {
            caller.printer.event(&told(draft, self.plan));
        }
        self.sum(caller, &ground, &app, &drafts);
        Ok(Exit::Done)
    }

    fn app(&self, caller: &Caller, ground: &Ground) -> Result<new::App, Error> {
        let namespace = self.namespace.clone().unwrap_or_else(|| self.name.clone());
        let secret = if self.secrets.is_empty() { None } else { Some(self.secret(ground, &namespace)?) };
        let chart = self.from.chart(caller, &self.name, &namespace, &ground.repository);
        Ok(new::App { name: self.name.clone(), namespace, chart, secret })
    }

    fn secret(&self, ground: &Ground, namespace: &str) -> Result<Secret, Error> {
        let store = ground.store(self.store.as_deref(), namespace)?;
        let said = &ground.settings;
        let path = pattern(&said.pattern, &said.prefix)?.fill(namespace, &self.name);
        check_path(&path, &said.mount).map_err(|why| Error::Usage {
            complaint: format!("the path `{path}` in Vault {why}"),
            hint: "see `externalSecrets.path` and `vault.prefix` in the settings".into(),
        })?;
        // The oldest has its defaults written that no version refuses.
        let version = said.version.as_ref();
        let operator = version.map_or(Ok(Operator::OLDEST), |version| version.parse::<Operator>())?;
        let refresh_interval = said.refresh_interval.parse::<Interval>()?.to_string();
        let mut keys: Vec<String> = Vec::new();
        for key in &self.secrets {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        let defaults = operator.reference_defaults().collect();
        Ok(Secret { store, path, keys, refresh_interval, defaults })
    }

    /// How it went, and what is left to do.
    fn sum(&self, caller: &Caller, ground: &Ground, app: &new::App, drafts: &[Draft]) {
        let new = drafts.iter().filter(|draft| !draft.is_held()).count();
        let files = |number: usize| format!("{number} file{}", if number == 1 { "" } else { "s" });
        if new == 0 {
            caller.printer.talk(&format!("already so: {}; nothing was written", files(drafts.len())));
            return;
        }
        if self.plan {
            caller.printer.talk(&format!("{} would be written", files(new)));
        }
        if let Some(Secret { store, path, keys, .. }) = &app.secret {
            let mount = &ground.settings.mount;
            caller.printer.talk(&format!(
                "to be in Vault at {mount}/{path}, for the store {}: {}",
                store.name,
                keys.join(", ")
            ));
        }
        if !ground.has_settings {
            caller
                .printer
                .talk("there is no sealstrap.yaml: all that it would say was taken from the repository");
        }
    }
}

impl From {
    fn chart(&self, caller: &Caller, app: &str, own: &str, repository: &Repository) -> Chart {
        let version = self.version.clone();
        if let Some(url) = &self.oci {
            return Chart::Artifact { url: url.clone(), version };
        }
        let named = self.repo.as_deref().unwrap_or_default();
        let (name, namespace) =
            named.split_once('/').map_or((named, None), |(name, rest)| (name, Some(rest)));
        let (mut place, is_there) = repository.helm_repository(name, own);
        if !is_there {
            caller.warn(&format!("no HelmRepository `{name}` is in this repository"));
        }
        if let Some(namespace) = namespace {
            place = Place { namespace: namespace.to_owned(), ..place };
        }
        let chart = self.chart.clone().unwrap_or_else(|| app.to_owned());
        Chart::Repository { chart, version, repository: place }
    }
}

fn told(draft: &Draft, is_plan: bool) -> Event {
    let file = draft.path.display().to_string();
    let is_new = draft.before.is_none();
    let (outcome, diff) = match (draft.is_held(), is_plan) {
        (true, _) => (Outcome::Held, None),
        (false, true) => {
            let diff = diff::shown(&draft.path, draft.before.as_deref(), &draft.after);
            (Outcome::Differs, Some(diff))
        }
        (false, false) => (Outcome::Changed, None),
    };
    Event::AppFile { file, is_new, outcome, diff }
}
