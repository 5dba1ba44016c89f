//! The releases of a helmfile are installed by the installed `helmfile`.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::program::{Ended, Program};
use crate::bootstrap::release::{self, Release, Wanted};
use crate::bootstrap::{Error, Look, World};
use crate::plain::Plain;
use crate::report::{Change, Verb};
use crate::settings::Period;

/// The releases of a helmfile are installed by the installed `helmfile`.
///
/// Versions and states are compared; values too, where the `diff` plugin of helm is installed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Helmfile {
    /// The file.
    pub file: PathBuf,
    /// A selector of releases, `key=value`.
    #[serde(default)]
    pub selector: Option<String>,
    /// The deadline.
    #[serde(default)]
    pub timeout: Option<Period>,
}

/// A release, as `helmfile list --output json` tells it.
#[derive(Debug, Clone, Deserialize)]
struct Listed {
    name: String,
    #[serde(default)]
    namespace: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default = "yes")]
    installed: bool,
    chart: String,
    #[serde(default)]
    version: String,
}

const fn yes() -> bool {
    true
}

impl Helmfile {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let list = self.program(&["list", "--output", "json"], world).output(world).await?;
        let listed: Vec<Listed> = release::parse("helmfile", &list)?;
        let releases = release::list(world, None, None).await?;
        let folder = world.settings.root.join(self.file.parent().unwrap_or(Path::new("")));
        let changes = compare(&listed, &releases, &folder)?;
        if changes.is_empty() && has_diff(world).await? {
            return self.diff(world).await;
        }
        Ok(Look::of(changes))
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        if self.look(world).await? == Look::Holds {
            return Ok(());
        }
        let mut sync = self.program(&["sync"], world);
        sync.finishes = true;
        sync.output(world).await.map(drop)
    }

    #[expect(clippy::unused_self, reason = "all kinds of steps have the same signature")]
    pub(super) fn needs(&self, _: &World) -> Needs {
        Needs { programs: ["helm", "helmfile"].into(), ..Needs::default() }
    }

    /// Values and templates, by `helmfile diff`; what it prints is not shown, for it may hold values of Secrets.
    async fn diff(&self, world: &World) -> Result<Look, Error> {
        let arguments = ["diff", "--detailed-exitcode", "--suppress-secrets", "--context", "0"];
        let program = self.program(&arguments, world);
        let ended = program.run(world).await?;
        let change = || Change::new(Verb::Update, format!("helmfile `{}`", self.file.display()));
        match ended {
            Ended { code: Some(0), .. } => Ok(Look::Holds),
            Ended { code: Some(2), .. } => Ok(change().with("values or templates").into()),
            ended => Err(program.failed(&ended)),
        }
    }

    fn program(&self, verb: &[&str], world: &World) -> Program {
        let mut program = Program::new("helmfile", self.arguments(verb, world), world);
        program.deadline = self.timeout.unwrap_or(world.settings.timeouts.run).get();
        if let Some(file) = &world.settings.cluster.kubeconfig {
            let file = world.settings.root.join(file).display().to_string();
            program.env.push(("KUBECONFIG".into(), Plain::from(file)));
        }
        program
    }

    fn arguments(&self, verb: &[&str], world: &World) -> Vec<String> {
        let file = world.settings.root.join(&self.file).display().to_string();
        let mut arguments = vec!["--file".to_owned(), file];
        let context = world.settings.cluster.context.clone().map(|context| ("--kube-context", context));
        let selector = self.selector.clone().map(|selector| ("--selector", selector));
        for (name, value) in context.into_iter().chain(selector) {
            arguments.extend([name.to_owned(), value]);
        }
        arguments.extend(verb.iter().map(|part| (*part).to_owned()));
        arguments
    }
}

/// Whether helm has the plugin that `helmfile diff` needs.
async fn has_diff(world: &World) -> Result<bool, Error> {
    let plugins = Program::new("helm", vec!["plugin".into(), "list".into()], world).output(world).await?;
    Ok(lists_diff(&String::from_utf8_lossy(&plugins)))
}

fn lists_diff(plugins: &str) -> bool {
    plugins.lines().any(|line| line.split_whitespace().next() == Some("diff"))
}

/// The changes that `helmfile sync` would make, by what is listed.
fn compare(listed: &[Listed], releases: &[Release], folder: &Path) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for wanted in listed.iter().filter(|wanted| wanted.enabled) {
        // A release without a namespace goes into that of the context, which only helm knows.
        let there = releases.iter().find(|release| {
            release.name == wanted.name
                && (wanted.namespace.is_empty() || release.namespace == wanted.namespace)
        });
        let object = match wanted.namespace.as_str() {
            "" => format!("Helm release `{}`", wanted.name),
            namespace => format!("Helm release `{namespace}/{}`", wanted.name),
        };
        let change = match there {
            None if wanted.installed => Change::new(Verb::Create, object),
            Some(_) if !wanted.installed => Change::new(Verb::Delete, object),
            None => continue,
            Some(there) => {
                let chart = Wanted::new(folder, &wanted.chart, Some(&wanted.version))?;
                match there.differences(&chart) {
                    details if details.is_empty() => continue,
                    details => Change { verb: Verb::Update, object, details },
                }
            }
        };
        changes.push(change);
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::{Helmfile, Listed, Release, compare, lists_diff};
    use crate::bootstrap::release::parse;
    use crate::bootstrap::testing::world;
    use crate::report::Verb;

    fn listed(fields: &Value) -> Vec<Listed> {
        parse("helmfile", fields.to_string().as_bytes()).unwrap()
    }

    fn releases() -> Vec<Release> {
        let release = |name: &str, chart: &str| Release {
            name: name.into(),
            namespace: "n".into(),
            status: "deployed".into(),
            chart: chart.into(),
        };
        vec![release("cilium", "cilium-1.16.5"), release("old", "old-1.0.0")]
    }

    #[test]
    fn missing_changed_and_unwanted_releases_are_found() {
        let listed = listed(&json!([
            {"name": "cilium", "namespace": "n", "enabled": true, "installed": true, "labels": "",
                "chart": "oci://registry.example/cilium", "version": "1.17.0"},
            {"name": "coredns", "namespace": "n", "enabled": true, "installed": true, "chart": "c/coredns", "version": ""},
            {"name": "old", "namespace": "n", "enabled": true, "installed": false, "chart": "c/old", "version": ""},
            {"name": "off", "namespace": "n", "enabled": false, "installed": true, "chart": "c/off", "version": ""}]));
        let changes = compare(&listed, &releases(), Path::new("/nowhere")).unwrap();
        let found: Vec<_> = changes.iter().map(|change| (change.verb, change.object.as_str())).collect();
        assert_eq!(
            found,
            [
                (Verb::Update, "Helm release `n/cilium`"),
                (Verb::Create, "Helm release `n/coredns`"),
                (Verb::Delete, "Helm release `n/old`"),
            ]
        );
        assert_eq!(changes[0].details, ["version 1.17.0 instead of 1.16.5"]);
    }

    #[test]
    fn what_is_installed_as_listed_holds() {
        let listed =
            listed(&json!([{"name": "cilium", "namespace": "", "chart": "c/cilium", "version": "1.16.5"}]));
        assert!(compare(&listed, &releases(), Path::new("/nowhere")).unwrap().is_empty());
    }

    #[test]
    fn the_file_the_context_and_the_selector_come_before_the_verb() {
        let helmfile: Helmfile =
            serde_json::from_value(json!({"file": "k8s/helmfile.yaml", "selector": "tier=base"})).unwrap();
        let mut settings = (*world().settings).clone();
        settings.root = "/repo".into();
        settings.cluster.context = Some("home".into());
        let world = crate::bootstrap::World::new(settings.into(), crate::report::Events::silent());
        assert_eq!(
            helmfile.arguments(&["sync"], &world),
            [
                "--file",
                "/repo/k8s/helmfile.yaml",
                "--kube-context",
                "home",
                "--selector",
                "tier=base",
                "sync"
            ]
        );
    }

    #[test]
    fn the_diff_plugin_is_found_in_the_list() {
        assert!(lists_diff("NAME\tVERSION\tDESCRIPTION\ndiff\t3.9.4\tPreview\n"));
        assert!(!lists_diff("NAME\tVERSION\tDESCRIPTION\nsecrets\t4.6\tNot diff\n"));
    }
}
