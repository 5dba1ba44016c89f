//! GitHub cannot be run here; its published description can be read.
