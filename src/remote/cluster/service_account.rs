//! Service accounts: tokens of theirs, and what they may do.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::object::check_names;
use super::rights::{attributes, verdict};
use super::wire::{Ask, Deed};
use super::{Cluster, Error, Right};
use crate::plain::Plain;

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/// How long a token lives: the shortest that the API server makes.
const SECONDS: u32 = 600;

impl Cluster {
    /// A token of a service account for these audiences, or for the API server where there are none. It ends by itself
    /// after ten minutes; there is no way to revoke it.
    ///
    /// # Errors
    /// A service account that does not exist, a refusal, an API server that cannot be reached.
    pub async fn account_token(
        &self,
        namespace: &str,
        name: &str,
        audiences: &[String],
    ) -> Result<Plain, Error> {
        #[derive(Deserialize)]
        struct Answer {
            status: Status,
        }
        #[derive(Deserialize)]
        struct Status {
            token: String,
        }
        let action = format!("make a token of ServiceAccount `{namespace}/{name}`");
        let deed = Deed::new(action, "create", "serviceaccounts/token", Some(namespace));
        check_names(Some(namespace), name, &deed)?;
        let mut spec = json!({"expirationSeconds": SECONDS});
        if !audiences.is_empty() {
            spec["audiences"] = audiences.into();
        }
        let wish = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec});
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
        let made: Answer =
            self.json(Ask::new(Method::POST, path).json("application/json", &wish), &deed).await?;
        Ok(Plain::from(made.status.token))
    }

    /// Whether a service account has a right, by the API server's own word (`SubjectAccessReview`).
    ///
    /// # Errors
    /// An API server that cannot be reached or refuses to answer.
    pub async fn account_may(&self, namespace: &str, name: &str, right: &Right) -> Result<bool, Error> {
        let deed =
            Deed::new("ask for the rights of a service account", "create", "subjectaccessreviews", None);
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": format!("system:serviceaccount:{namespace}:{name}"),
                "groups": ["system:serviceaccounts", format!("system:serviceaccounts:{namespace}"), "system:authenticated"],
                "resourceAttributes": attributes(right),
            },
        });
        let ask = Ask::new(Method::POST, REVIEWS).json("application/json", &review);
        let answer: Value = self.json(ask, &deed).await?;
        verdict(&answer, &deed)
    }
}
