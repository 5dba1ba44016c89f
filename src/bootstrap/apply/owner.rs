//! Who else manages an object, and what that means for us.

use std::collections::BTreeMap;

use serde_json::Value;

/// Managers whose objects are left to them: from Git or from a store, they would write their own state back.
const CONTROLLERS: [&str; 6] =
    ["argocd", "cert-manager", "external-secrets", "flux", "helm-controller", "kustomize-controller"];

/// Managers of people at a terminal, and what older versions of Kubernetes left; Flux takes over from them too.
const PEOPLE: [&str; 2] = ["kubectl", "before-first-apply"];

/// What to do about fields that others manage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stance {
    /// Take the fields over.
    Force,
    /// The object is theirs, and as they want it.
    Leave(String),
    /// Neither: a person has to decide.
    Refuse(String),
}

/// Decides by the disputed managers and their fields.
pub(crate) fn stance(disputes: &BTreeMap<String, Vec<String>>) -> Stance {
    let starts = |name: &str, list: &[&str]| list.iter().any(|prefix| name.starts_with(prefix));
    let known = |name: &String| starts(name, &CONTROLLERS) || starts(name, &PEOPLE);
    let controller = disputes.keys().find(|name| starts(name, &CONTROLLERS));
    match controller {
        _ if disputes.is_empty() => Stance::Refuse("another field manager".into()),
        _ if !disputes.keys().all(known) => Stance::Refuse(told(disputes)),
        Some(name) => Stance::Leave(format!("`{name}`")),
        None => Stance::Force,
    }
}

fn told(disputes: &BTreeMap<String, Vec<String>>) -> String {
    let tell = |(name, fields): (&String, &Vec<String>)| match fields.as_slice() {
        [] => format!("`{name}`"),
        fields => format!("`{name}` ({})", fields.join(", ")),
    };
    disputes.iter().map(tell).collect::<Vec<_>>().join(" and ")
}

/// The managers and fields of a conflict, as [`crate::remote::cluster`] tells it: `` `helm` owns .spec.x, .spec.y``,
/// several joined by `; `.
pub(crate) fn named_in(conflict: &str) -> BTreeMap<String, Vec<String>> {
    let one = |text: &str| {
        let (name, fields) = text.strip_prefix('`')?.split_once("` owns ")?;
        Some((name.to_owned(), fields.split(", ").map(ToOwned::to_owned).collect()))
    };
    conflict.split("; ").filter_map(one).collect()
}

/// The `GitOps` object that an object says it belongs to: Flux and Argo CD label what they apply.
pub(crate) fn gitops_owner(live: &Value) -> Option<String> {
    let metadata = &live["metadata"];
    let flux = [("kustomize", "Kustomization"), ("helm", "HelmRelease")].iter().find_map(|(group, kind)| {
        let label = |end| metadata["labels"][format!("{group}.toolkit.fluxcd.io/{end}")].as_str();
        Some(format!("{kind} `{}/{}`", label("namespace")?, label("name")?))
    });
    let argo = || metadata["annotations"]["argocd.argoproj.io/tracking-id"].as_str();
    flux.or_else(|| {
        let application = argo()?.split(':').next()?;
        Some(format!("Application `{application}`"))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{Stance, gitops_owner, named_in, stance};

    fn by(names: &[&str]) -> BTreeMap<String, Vec<String>> {
        names.iter().map(|name| ((*name).to_owned(), vec!["spec.x".to_owned()])).collect()
    }

    #[test]
    fn what_people_applied_is_taken_over() {
        assert_eq!(stance(&by(&["kubectl-client-side-apply", "before-first-apply"])), Stance::Force);
    }

    #[test]
    fn what_a_controller_applied_is_left_to_it() {
        for name in ["kustomize-controller", "helm-controller", "flux-operator", "flux", "external-secrets"] {
            assert_eq!(stance(&by(&[name, "kubectl"])), Stance::Leave(format!("`{name}`")));
        }
    }

    #[test]
    fn what_somebody_else_applied_is_refused_with_the_fields() {
        assert_eq!(
            stance(&by(&["terraform", "kubectl"])),
            Stance::Refuse("`kubectl` (spec.x) and `terraform` (spec.x)".into())
        );
    }

    #[test]
    fn a_conflict_names_its_managers_and_fields() {
        let found = named_in("`helm` owns .spec.replicas, .spec.paused; `kubectl` owns .data.x");
        assert_eq!(found["helm"], [".spec.replicas", ".spec.paused"]);
        assert_eq!(found["kubectl"], [".data.x"]);
        assert!(named_in("it was changed by somebody else meanwhile").is_empty());
    }

    #[test]
    fn a_conflict_with_nobody_named_is_never_forced() {
        assert_eq!(stance(&BTreeMap::new()), Stance::Refuse("another field manager".into()));
    }

    #[test]
    fn labels_tell_the_gitops_owner() {
        let flux = json!({"metadata": {"labels": {
            "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}}});
        assert_eq!(gitops_owner(&flux).as_deref(), Some("Kustomization `flux-system/apps`"));
        let argo = json!({"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "web:apps/Deployment:x/y"}}});
        assert_eq!(gitops_owner(&argo).as_deref(), Some("Application `web`"));
        assert_eq!(gitops_owner(&json!({})), None);
    }
}
