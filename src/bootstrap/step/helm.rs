//! A Helm release is installed by the installed `helm`, with this chart, version and values.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Needs;
use crate::bootstrap::program::Program;
use crate::bootstrap::release::{self, Release, Wanted};
use crate::bootstrap::{Error, Look, World};
use crate::report::{Change, Verb};
use crate::settings::{HelmChart, Period};

/// A Helm release is installed by the installed `helm`, with this chart, version and values.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Helm {
    /// The chart, the release and the values.
    pub chart: HelmChart,
    /// Whether helm waits until it is ready.
    #[serde(default)]
    pub wait: bool,
    /// The deadline of that wait.
    #[serde(default)]
    pub timeout: Option<Period>,
}

impl Helm {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let chart = &self.chart;
        let object = format!("Helm release `{}/{}`", chart.namespace, chart.release);
        let releases = release::list(world, Some(&chart.namespace), Some(&chart.release)).await?;
        let Some(found) = releases.iter().find(|found| found.name == chart.release) else {
            return Ok(Change::new(Verb::Create, object).into());
        };
        let details = self.differences(found, world).await?;
        Ok(if details.is_empty() {
            Look::Holds
        } else {
            Change { verb: Verb::Update, object, details }.into()
        })
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        if self.look(world).await? == Look::Holds {
            return Ok(());
        }
        let mut helm = Program::new("helm", self.upgrade(world), world);
        // Helm keeps its own deadline; this one is for a helm that does not.
        helm.deadline = 2 * self.period(world).get();
        helm.finishes = true;
        let ended = helm.run(world).await?;
        match helm.failed(&ended) {
            _ if ended.code == Some(0) => Ok(()),
            Error::Program { program, reason, .. } => {
                let hint = self.hint(&reason);
                Err(Error::Program { program, reason, hint })
            }
            error => Err(error),
        }
    }

    #[expect(clippy::unused_self, reason = "all kinds of steps have the same signature")]
    pub(super) fn needs(&self, _: &World) -> Needs {
        Needs { programs: ["helm"].into(), ..Needs::default() }
    }

    async fn differences(&self, found: &Release, world: &World) -> Result<Vec<String>, Error> {
        let chart = &self.chart;
        let wanted = Wanted::new(&world.settings.root, &chart.chart, chart.version.as_deref())?;
        let mut details = found.differences(&wanted);
        let mut arguments: Vec<String> =
            ["get", "values", &chart.release, "-n", &chart.namespace, "-o", "json"]
                .map(ToOwned::to_owned)
                .into();
        arguments.extend(release::cluster_flags(world));
        let helm = Program::new("helm", arguments, world);
        let live: Map<String, Value> = release::parse("helm", &helm.output(world).await?)?;
        if !same(&Value::Object(live), &Value::Object(self.values(world)?)) {
            details.push("values".into());
        }
        Ok(details)
    }

    /// The values of all files, later ones over earlier ones, as helm merges them.
    fn values(&self, world: &World) -> Result<Map<String, Value>, Error> {
        let mut merged = Map::new();
        for file in &self.chart.values {
            if let Value::Object(values) = release::document(&world.settings.root.join(file))? {
                merge(&mut merged, values);
            }
        }
        Ok(merged)
    }

    fn period(&self, world: &World) -> Period {
        self.timeout.unwrap_or(world.settings.timeouts.wait)
    }

    fn upgrade(&self, world: &World) -> Vec<String> {
        let chart = &self.chart;
        let mut arguments: Vec<String> =
            ["upgrade", "--install", &chart.release, &chart.chart, "-n", &chart.namespace]
                .map(ToOwned::to_owned)
                .into();
        let mut flag = |name: &str, value: Option<String>| {
            arguments.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        };
        flag("--repo", chart.repo.clone());
        flag("--version", chart.version.clone());
        for file in &chart.values {
            flag("--values", Some(world.settings.root.join(file).display().to_string()));
        }
        flag("--timeout", Some(format!("{}s", self.period(world).get().as_secs())));
        if self.wait {
            arguments.push("--wait".into());
        }
        if is_local(&chart.chart) {
            arguments.push("--plain-http".into());
        }
        arguments.extend(release::cluster_flags(world));
        arguments
    }

    /// Helm's own words for a release that a killed run left behind.
    fn hint(&self, reason: &str) -> Option<String> {
        let chart = &self.chart;
        reason.contains("another operation").then(|| {
            format!(
                "a run that was killed left the release under way; end that with `helm rollback {0} -n {1}`, or with \
                 `helm uninstall {0} -n {1}` where it was the first installation",
                chart.release, chart.namespace
            )
        })
    }
}

/// A registry on this machine speaks plain http.
fn is_local(chart: &str) -> bool {
    ["oci://127.0.0.1:", "oci://localhost:", "oci://[::1]:"].iter().any(|start| chart.starts_with(start))
}

fn merge(under: &mut Map<String, Value>, over: Map<String, Value>) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, value) => drop(under.insert(key, value)),
        }
    }
}

/// Equality as YAML and JSON have it: numbers by value, mappings without order.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Helm, merge, same};
    use crate::bootstrap::testing::world;

    fn helm(fields: Value) -> Helm {
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn the_upgrade_names_chart_version_values_and_deadline() {
        let helm = helm(json!({
            "chart": {"release": "r", "namespace": "n", "chart": "oci://registry.example/c", "version": "1.2.3",
                "values": ["a.yaml"]},
            "wait": true, "timeout": "2m"}));
        let mut settings = (*world().settings).clone();
        settings.root = "/repo".into();
        let world = crate::bootstrap::World::new(settings.into(), crate::report::Events::silent());
        assert_eq!(
            helm.upgrade(&world).join(" "),
            "upgrade --install r oci://registry.example/c -n n --version 1.2.3 --values /repo/a.yaml --timeout 120s --wait"
        );
    }

    #[test]
    fn a_registry_on_this_machine_is_asked_without_tls() {
        let chart = |chart: &str| helm(json!({"chart": {"release": "r", "namespace": "n", "chart": chart}}));
        assert!(chart("oci://127.0.0.1:5000/c").upgrade(&world()).contains(&"--plain-http".to_owned()));
        assert!(!chart("oci://registry.example/c").upgrade(&world()).contains(&"--plain-http".to_owned()));
    }

    #[test]
    fn a_release_left_under_way_is_explained() {
        let helm = helm(json!({"chart": {"release": "r", "namespace": "n", "chart": "c"}}));
        let reason = "it ended with status 1:\nError: UPGRADE FAILED: another operation is in progress";
        assert!(helm.hint(reason).is_some_and(|hint| hint.contains("helm rollback r -n n")));
        assert_eq!(helm.hint("it ended with status 1"), None);
    }

    #[test]
    fn later_values_lie_over_earlier_ones() {
        let Value::Object(mut under) = json!({"a": {"x": 1, "y": 2}, "b": [1], "c": 1}) else { panic!() };
        let Value::Object(over) = json!({"a": {"y": 3}, "b": [2], "c": {"z": 1}}) else { panic!() };
        merge(&mut under, over);
        assert_eq!(Value::Object(under), json!({"a": {"x": 1, "y": 3}, "b": [2], "c": {"z": 1}}));
    }

    #[test]
    fn numbers_are_compared_by_value_and_mappings_without_order() {
        assert!(same(&json!({"a": 1, "b": [1.0]}), &json!({"b": [1], "a": 1.0})));
        assert!(!same(&json!({"a": 1}), &json!({"a": "1"})));
        assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": null})));
    }
}
