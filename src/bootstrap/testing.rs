//! A world for tests that ask nothing of any remote.

use std::path::Path;
use std::sync::Arc;

use super::World;
use crate::report::Events;
use crate::settings::Settings;

/// A world with the least settings, in the folder of the tests.
pub(crate) fn world() -> World {
    world_in(&std::env::temp_dir())
}

/// The same in another folder.
pub(crate) fn world_in(folder: &Path) -> World {
    let settings = serde_json::json!({"cluster": {"name": "test"}, "git": {"repository": "owner/name"}});
    let mut settings: Settings = serde_json::from_value(settings).unwrap();
    folder.clone_into(&mut settings.root);
    World::new(Arc::new(settings), Events::silent())
}
