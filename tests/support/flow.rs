//! The reference flow.

/// Its tasks by their short names, in the order of its document; `init` is all of them.
pub(crate) const TASKS: [&str; 11] = [
    "create-namespaces",
    "generate-deploy-key",
    "add-github-deploy-key",
    "store-deploy-key",
    "generate-webhook-token",
    "store-webhook-token",
    "store-cf-api-token",
    "create-vault-token-secret",
    "create-vault-ca-secret",
    "helmfile",
    "apply-external-secrets-config",
];
