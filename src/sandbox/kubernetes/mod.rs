//! The Kubernetes API, as far as a bootstrap needs it.
