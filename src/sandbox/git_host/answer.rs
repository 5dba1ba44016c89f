//! The bodies and headers of GitHub's refusals.

use serde_json::{Value, json};

use crate::sandbox::server::Reply;

fn refusal(status: u16, message: &str) -> Reply {
    let body = json!({
        "message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string(),
    });
    Reply::json(status, body)
}

pub(super) fn bad_credentials() -> Reply {
    refusal(401, "Bad credentials")
}

pub(super) fn not_found() -> Reply {
    refusal(404, "Not Found")
}

/// A fine-grained token without a permission; the header names what would do.
pub(super) fn lacks(permission: &str) -> Reply {
    let mut reply = refusal(403, "Resource not accessible by personal access token");
    reply.headers.push(("x-accepted-github-permissions", permission.to_owned()));
    reply
}

pub(super) fn single_sign_on(owner: &str) -> Reply {
    let mut reply = refusal(
        403,
        "Resource protected by organization SAML enforcement. You must grant your Personal Access token \
         access to this organization.",
    );
    let url = format!("required; url=https://github.com/orgs/{owner}/sso?authorization_request=A1B2");
    reply.headers.push(("x-github-sso", url));
    reply
}

pub(super) fn rate_limited() -> Reply {
    let mut reply = refusal(403, "API rate limit exceeded for user ID 1.");
    reply.headers.push(("x-ratelimit-limit", "5000".into()));
    reply.headers.push(("x-ratelimit-remaining", "0".into()));
    reply.headers.push(("x-ratelimit-reset", "1893456000".into()));
    reply
}

/// What any write to an archived repository gets.
pub(super) fn archived() -> Reply {
    refusal(403, "Repository was archived so is read-only.")
}

/// 422 with one entry in `errors`.
pub(super) fn invalid(error: &Value) -> Reply {
    let body = json!({
        "message": "Validation Failed", "errors": [error],
        "documentation_url": "https://docs.github.com/rest", "status": "422",
    });
    Reply::json(422, body)
}
