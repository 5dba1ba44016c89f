//! Which rights are missing, by the API server's own word (`SelfSubjectAccessReview`).

use futures::future::try_join_all;
use http::Method;
use serde_json::{Value, json};

use super::wire::{Ask, Deed};
use super::{Cluster, Error};

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// A right that a run needs, as a `SelfSubjectAccessReview` asks for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// `get`, `patch`, …
    pub verb: String,
    /// The API group; empty for the core group.
    pub group: String,
    /// The resource in plural; with a subresource as `services/proxy`.
    pub resource: String,
    /// The namespace; absent for all.
    pub namespace: Option<String>,
}

impl Cluster {
    /// Which of the rights are missing, asked side by side.
    ///
    /// # Errors
    /// An API server that cannot be reached or refuses to answer.
    pub async fn missing_rights(&self, rights: &[Right]) -> Result<Vec<Right>, Error> {
        let granted = try_join_all(rights.iter().map(|right| self.may(right))).await?;
        Ok(rights
            .iter()
            .zip(granted)
            .filter(|(_, granted)| !granted)
            .map(|(right, _)| right.clone())
            .collect())
    }

    async fn may(&self, right: &Right) -> Result<bool, Error> {
        let deed = Deed::new("ask for our rights in the cluster", "create", "selfsubjectaccessreviews", None);
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes(right)},
        });
        let ask = Ask::new(Method::POST, REVIEWS).json("application/json", &review);
        verdict(&self.json(ask, &deed).await?, &deed)
    }
}

/// A right, as reviews name it.
pub(super) fn attributes(right: &Right) -> Value {
    let Right { verb, group, resource, namespace } = right;
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    let mut attributes = json!({"verb": verb, "group": group, "resource": resource, "namespace": namespace});
    if !subresource.is_empty() {
        attributes["subresource"] = subresource.into();
    }
    attributes
}

/// What a review says.
pub(super) fn verdict(answer: &Value, deed: &Deed) -> Result<bool, Error> {
    answer["status"]["allowed"].as_bool().ok_or_else(|| deed.malformed("a review without a verdict"))
}
