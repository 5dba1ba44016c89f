//! Vault, as far as a bootstrap needs it.
