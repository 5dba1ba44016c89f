//! Who may do what: operations, capabilities and the policies that grant them.

use std::collections::BTreeSet;

use http::Method;

use super::super::server::Request;
use super::token::Token;
use super::{State, is_list};
use crate::external::Policy;

/// What the policy `default` of a real Vault allows, as far as it is used here.
pub(super) const DEFAULT: &str = r#"
path "auth/token/lookup-self" { capabilities = ["read"] }
path "auth/token/renew-self" { capabilities = ["update"] }
path "auth/token/revoke-self" { capabilities = ["update"] }
path "sys/capabilities-self" { capabilities = ["update"] }
"#;

/// What a request would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Read,
    Update,
    Patch,
    Delete,
    List,
}

impl Operation {
    fn capability(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::List => "list",
        }
    }
}

impl State {
    pub(super) fn operation(&mut self, request: &Request, path: &str) -> Option<Operation> {
        Some(match request.method {
            _ if is_list(request) => Operation::List,
            Method::GET => Operation::Read,
            Method::PATCH => Operation::Patch,
            Method::DELETE => Operation::Delete,
            Method::POST | Method::PUT if self.is_new(path) => Operation::Create,
            Method::POST | Method::PUT => Operation::Update,
            _ => return None,
        })
    }

    /// Whether a write there would make something: only some endpoints tell creating from updating.
    fn is_new(&mut self, path: &str) -> bool {
        if let Some(rest) = path.strip_prefix("auth/") {
            let Some((mount, role)) = rest.split_once("/role/") else { return false };
            return self.methods.get(mount).is_some_and(|method| !method.roles.contains_key(role));
        }
        if path.starts_with("sys/") {
            return false;
        }
        self.engine(path).is_some_and(|(_, rest, engine)| engine.is_new(&rest))
    }

    pub(super) fn allows(&self, token: &Token, operation: Operation, path: &str) -> bool {
        // These answer by themselves what may be seen.
        if path.starts_with("sys/internal/ui/mounts/") {
            return true;
        }
        let may = self.capabilities_of(token, path);
        let sudo = needs_sudo(path);
        may.contains("root") || may.contains(operation.capability()) && (!sudo || may.contains("sudo"))
    }

    /// The capabilities of all its policies together; `root` alone for root.
    pub(super) fn capabilities_of(&self, token: &Token, path: &str) -> BTreeSet<String> {
        if token.policies.contains("root") {
            return BTreeSet::from(["root".to_owned()]);
        }
        let policies = token.policies.iter().filter_map(|name| self.policies.get(name));
        policies.flat_map(|policy| policy.rules.capabilities(path)).collect()
    }

    /// Whether any policy of the token reaches into a mount.
    pub(super) fn reaches(&self, token: &Token, mount: &str) -> bool {
        let reaches = |(rule, _): (&str, _)| {
            let stem = rule.split(['*', '+']).next().unwrap_or_default();
            stem.starts_with(&format!("{mount}/"))
                || stem.len() < rule.len() && format!("{mount}/").starts_with(stem)
        };
        token.policies.contains("root")
            || token
                .policies
                .iter()
                .filter_map(|name| self.policies.get(name))
                .any(|policy| policy.rules.paths().any(reaches))
    }
}

/// Whether a policy says anything, and nothing but what there is.
pub(super) fn is_sound(rules: &Policy) -> bool {
    const ALL: [&str; 9] =
        ["create", "read", "update", "patch", "delete", "list", "sudo", "deny", "subscribe"];
    let known = |capabilities: &BTreeSet<String>| capabilities.iter().all(|one| ALL.contains(&one.as_str()));
    !rules.says_more() && rules.paths().next().is_some() && rules.paths().all(|(_, all)| known(all))
}

fn needs_sudo(path: &str) -> bool {
    path.starts_with("sys/auth/")
        || path.trim_end_matches('/') == "auth/token/accessors"
        || path.starts_with("sys/seal")
}
