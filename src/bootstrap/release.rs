//! Helm releases as the installed `helm` lists them, and the flags by which it and `helmfile` find the cluster.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::program::Program;
use super::{Error, World};

/// A release, as `helm list -o json` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Release {
    /// Its name.
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// `deployed`, `failed`, `pending-install`, …
    pub(crate) status: String,
    /// Name and version of its chart, joined by `-`.
    pub(crate) chart: String,
}

/// A chart as it is wanted, as far as that can be told without fetching it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The chart's name.
    pub(crate) name: String,
    /// Its version, where an exact one is named.
    pub(crate) version: Option<String>,
}

impl Release {
    /// What differs from the chart that is wanted, in words.
    pub(crate) fn differences(&self, wanted: &Wanted) -> Vec<String> {
        let mut found = Vec::new();
        if self.status != "deployed" {
            found.push(format!("status {}", self.status));
        }
        match self.chart.strip_prefix(&format!("{}-", wanted.name)) {
            None => found.push(format!("chart {} instead of {}", wanted.name, self.chart)),
            Some(version) => {
                let bare = |version: &str| version.trim_start_matches('v').to_owned();
                if let Some(new) = wanted.version.as_deref().filter(|new| bare(new) != bare(version)) {
                    found.push(format!("version {new} instead of {version}"));
                }
            }
        }
        found
    }
}

impl Wanted {
    /// By a folder's own `Chart.yaml`, or by the last part of a name and the version beside it.
    ///
    /// # Errors
    /// A `Chart.yaml` that cannot be read.
    pub(crate) fn new(root: &Path, chart: &str, version: Option<&str>) -> Result<Self, Error> {
        let file = root.join(chart).join("Chart.yaml");
        if !chart.contains("://") && file.is_file() {
            let chart = document(&file)?;
            let text = |field: &str| chart[field].as_str().map(ToOwned::to_owned);
            return Ok(Self { name: text("name").unwrap_or_default(), version: text("version") });
        }
        let name = chart.trim_end_matches('/').rsplit('/').next().unwrap_or(chart);
        let name = name.split(['@', ':']).next().unwrap_or(name);
        Ok(Self {
            name: name.to_owned(),
            version: version.filter(|text| is_exact(text)).map(ToOwned::to_owned),
        })
    }
}

/// Whether a version is one version, not a range (`~1.2`, `>=1 <2`, `1.x`).
fn is_exact(version: &str) -> bool {
    let version = version.trim_start_matches('v');
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.').count() == 3 && core.split('.').all(|part| part.parse::<u64>().is_ok())
}

/// The first document of a YAML file; an empty file is an empty mapping.
///
/// # Errors
/// A file that cannot be read, or is no YAML.
pub(crate) fn document(file: &Path) -> Result<Value, Error> {
    let text =
        std::fs::read_to_string(file).map_err(|source| Error::File { file: file.to_owned(), source })?;
    let documents = crate::yaml::documents(file, &text)?;
    Ok(documents.into_iter().next().unwrap_or_else(|| Value::Object(serde_json::Map::new())))
}

/// The flags by which a program finds the cluster of the settings. `helmfile` hands `KUBECONFIG` on instead.
pub(crate) fn cluster_flags(world: &World) -> Vec<String> {
    let cluster = &world.settings.cluster;
    let mut flags = Vec::new();
    if let Some(context) = &cluster.context {
        flags.extend(["--kube-context".to_owned(), context.clone()]);
    }
    if let Some(file) = &cluster.kubeconfig {
        flags.extend(["--kubeconfig".to_owned(), world.settings.root.join(file).display().to_string()]);
    }
    flags
}

/// Releases in a namespace, or in all; those that failed or are under way too.
///
/// # Errors
/// `helm` is missing or fails.
pub(crate) async fn list(
    world: &World,
    namespace: Option<&str>,
    name: Option<&str>,
) -> Result<Vec<Release>, Error> {
    let helm = Program::new("helm", list_arguments(world, namespace, name), world);
    parse(&helm.name, &helm.output(world).await?)
}

fn list_arguments(world: &World, namespace: Option<&str>, name: Option<&str>) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["list", "--deployed", "--failed", "--pending", "-o", "json"].map(ToOwned::to_owned).into();
    match namespace {
        Some(namespace) => arguments.extend(["-n".to_owned(), namespace.to_owned()]),
        None => arguments.push("-A".into()),
    }
    if let Some(name) = name {
        arguments.extend(["--filter".to_owned(), format!("^{}$", name.replace('.', "\\."))]);
    }
    arguments.extend(["--max".to_owned(), "0".to_owned()]);
    arguments.extend(cluster_flags(world));
    arguments
}

/// What a program printed as JSON; an empty output and `null` are an empty value.
///
/// # Errors
/// It is something else. The output itself is not shown.
pub(crate) fn parse<T: serde::de::DeserializeOwned + Default>(
    program: &str,
    output: &[u8],
) -> Result<T, Error> {
    if output.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    let parsed: Result<Option<T>, _> = serde_json::from_slice(output);
    parsed.map(Option::unwrap_or_default).map_err(|_| Error::Program {
        program: program.to_owned(),
        reason: "what it printed is not the JSON that its present versions print".into(),
        hint: None,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Release, Wanted, list_arguments, parse};
    use crate::bootstrap::testing::world;

    const LIST: &[u8] =
        br#"[{"name":"cilium","namespace":"kube-system","revision":"3","updated":"2026-01-01",
        "status":"deployed","chart":"cilium-1.16.5","app_version":"1.16.5"}]"#;

    fn release(chart: &str, status: &str) -> Release {
        Release { name: "r".into(), namespace: "n".into(), status: status.into(), chart: chart.into() }
    }

    fn wanted(name: &str, version: Option<&str>) -> Wanted {
        Wanted::new(Path::new("/nowhere"), name, version).unwrap()
    }

    #[test]
    fn the_list_of_helm_is_understood() {
        let releases: Vec<Release> = parse("helm", LIST).unwrap();
        assert_eq!((releases.len(), releases[0].chart.as_str()), (1, "cilium-1.16.5"));
        assert!(parse::<Vec<Release>>("helm", b"null\n").unwrap().is_empty());
        assert!(parse::<Vec<Release>>("helm", b"").unwrap().is_empty());
        assert!(parse::<Vec<Release>>("helm", b"WARNING: x").is_err());
    }

    #[test]
    fn version_chart_and_status_are_compared() {
        let wanted = wanted("oci://registry.example/charts/cert-manager", Some("1.16.0"));
        assert!(release("cert-manager-v1.16.0", "deployed").differences(&wanted).is_empty());
        assert_eq!(
            release("cert-manager-v1.15.0", "failed").differences(&wanted),
            ["status failed", "version 1.16.0 instead of v1.15.0"]
        );
        assert_eq!(
            release("other-1.16.0", "deployed").differences(&wanted),
            ["chart cert-manager instead of other-1.16.0"]
        );
    }

    #[test]
    fn a_range_of_versions_is_left_to_helm() {
        for range in ["~1.16", "1.x", ">=1.0.0 <2.0.0", "1"] {
            assert_eq!(wanted("repo/podinfo", Some(range)), wanted("podinfo", None), "{range}");
        }
        assert_eq!(wanted("podinfo", Some("v6.5.0-rc.1")).version.as_deref(), Some("v6.5.0-rc.1"));
    }

    #[test]
    fn names_are_asked_for_exactly() {
        let arguments = list_arguments(&world(), Some("n"), Some("a.b"));
        assert_eq!(
            arguments,
            [
                "list",
                "--deployed",
                "--failed",
                "--pending",
                "-o",
                "json",
                "-n",
                "n",
                "--filter",
                "^a\\.b$",
                "--max",
                "0"
            ]
        );
        assert!(list_arguments(&world(), None, None).contains(&"-A".to_owned()));
    }

    #[test]
    fn the_cluster_of_the_settings_is_named() {
        let mut settings = (*world().settings).clone();
        settings.cluster.context = Some("home".into());
        settings.cluster.kubeconfig = Some("kube/config".into());
        settings.root = "/repo".into();
        let world = crate::bootstrap::World::new(settings.into(), crate::report::Events::silent());
        assert_eq!(
            super::cluster_flags(&world),
            ["--kube-context", "home", "--kubeconfig", "/repo/kube/config"]
        );
    }
}
