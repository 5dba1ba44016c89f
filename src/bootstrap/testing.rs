//! A world for tests that ask nothing of any remote.

use std::sync::Arc;

use super::World;
use crate::report::Events;
use crate::settings::Settings;

/// A world with the least settings, in the folder of the tests.
pub(crate) fn world() -> World {
    let settings = serde_json::json!({
        "cluster": {"name": "test"}, "git": {"repository": "owner/name"}, "vault": {}});
    let mut settings: Settings = serde_json::from_value(settings).unwrap();
    settings.root = std::env::temp_dir();
    World::new(Arc::new(settings), Events::silent())
}
