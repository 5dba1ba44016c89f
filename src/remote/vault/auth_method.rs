//! Auth methods, and their configuration and roles as JSON.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Vault;
use super::failure::Asked;
use super::wire::Call;
use crate::remote::Error;

impl Vault {
    /// Whether an auth method is mounted at the path, and its type.
    ///
    /// # Errors
    /// A missing capability.
    pub async fn auth_method(&self, path: &str) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Method {
            #[serde(rename = "type")]
            kind: String,
        }
        let answer = self.wire.ask(&Call::get("sys/auth")).await;
        let methods =
            answer.and_then(|answer| answer.data::<BTreeMap<String, Method>>()).map_err(|failure| {
                failure.told("list the auth methods of Vault", Asked::open("sys/auth", "read"))
            })?;
        Ok(methods
            .into_iter()
            .find(|(at, _)| at.trim_end_matches('/') == path)
            .map(|(_, method)| method.kind))
    }

    /// Mounts an auth method.
    ///
    /// # Errors
    /// A missing capability, a path that is taken.
    pub async fn enable_auth(&self, path: &str, kind: &str) -> Result<(), Error> {
        let at = format!("sys/auth/{path}");
        let call = Call::post_json(&at, &json!({ "type": kind }));
        self.wire.ask(&call).await.map(drop).map_err(|failure| {
            let action = format!("mount the auth method `{kind}` at `{path}` in Vault");
            failure.told(action, Asked::open(&at, "update and sudo"))
        })
    }

    /// Reads any API path as JSON (configuration and roles of auth methods); nothing on 404.
    ///
    /// # Errors
    /// A missing capability.
    pub async fn read_raw(&self, path: &str) -> Result<Option<Value>, Error> {
        match self.wire.ask(&Call::get(path)).await.and_then(|answer| answer.data::<Value>()) {
            Ok(found) => Ok(Some(found)),
            Err(failure) if failure.code() == Some(404) => Ok(None),
            Err(failure) => Err(failure.told(format!("read `{path}` in Vault"), Asked::open(path, "read"))),
        }
    }

    /// Writes any API path (configuration and roles of auth methods); the body holds no secret.
    ///
    /// # Errors
    /// A missing capability, a body that is refused.
    pub async fn write_raw(&self, path: &str, body: &Value) -> Result<(), Error> {
        self.wire.ask(&Call::post_json(path, body)).await.map(drop).map_err(|failure| {
            failure.told(format!("write `{path}` in Vault"), Asked::open(path, "create and update"))
        })
    }
}
