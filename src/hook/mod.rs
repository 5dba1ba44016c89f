//! Hooks of Git that look for secrets in clear before a commit or a push: put in their places, and taken away again.

mod error;
mod kind;
mod manager;
mod place;
mod script;

pub use error::Error;
pub use kind::Kind;
pub use manager::Manager;
pub use place::Home;

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::file;
use crate::scan::GitError;
use place::Place;

/// A hook that is in its place.
#[derive(Debug)]
pub struct Installed {
    /// The hook.
    pub hook: PathBuf,
    /// Whether it was written, or was there already.
    pub is_new: bool,
    /// The hook that was there before, which it runs first.
    pub before: Option<PathBuf>,
    /// Who writes that one.
    pub manager: Option<Manager>,
    /// Where both are.
    pub home: Home,
}

/// What was taken away.
#[derive(Debug)]
pub enum Removed {
    /// The hook; nothing was there before it.
    Hook(PathBuf),
    /// The hook; the one from before is in its place again.
    Restored(PathBuf),
    /// There is no hook of ours.
    Nothing,
}

/// Puts a hook into the repository of a folder. One that is there already is run first, under another name. Where the
/// hook is there as it should be, nothing is written.
///
/// `program` is run where none is found on `PATH`. `elsewhere` allows a folder of hooks that is outside of the repository.
///
/// # Errors
/// The folder is in no repository, or for commits in no working tree; another program writes the hooks and would not keep this one; their folder is
/// outside of the repository; or the system refuses.
pub fn install(from: &Path, kind: Kind, program: &Path, elsewhere: bool) -> Result<Installed, Error> {
    let place = Place::of(from)?;
    if kind == Kind::PreCommit && !place.has_tree {
        return Err(GitError::NoTree.into());
    }
    if let (Home::Elsewhere { set_in }, false) = (&place.home, elsewhere) {
        let set_in = set_in.clone();
        return Err(Error::Elsewhere { folder: place.folder, set_in, own: place.own });
    }
    let (hook, before) = place.names(kind);
    let found = Found::at(&hook)?;
    let manager = Manager::of(&place.folder, found.foreign());
    if let Some(manager) = manager.filter(|manager| !manager.keeps_others()) {
        return Err(Error::Managed { manager, kind, hook });
    }
    // A shared hook is run on other machines.
    let program = Some(program).filter(|_| !matches!(place.home, Home::Tree));
    let text = script::text(kind, program);
    let is_new = !found.is(&text);
    if is_new {
        write(&hook, &before, &found, &text)?;
    }
    let before = Some(before).filter(|before| before.symlink_metadata().is_ok());
    Ok(Installed { hook, is_new, before, manager, home: place.home })
}

fn write(hook: &Path, before: &Path, found: &Found, text: &str) -> Result<(), Error> {
    let folder = hook.parent().unwrap_or(hook);
    fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
    let mut aside = found.foreign().is_some().then_some(before);
    if aside.is_some() && before.symlink_metadata().is_ok() {
        if !is_same(hook, before) {
            return Err(Error::Aside { aside: before.to_owned(), hook: hook.to_owned() });
        }
        // An earlier attempt came so far.
        aside = None;
    }
    file::displace(hook, aside, text.as_bytes()).map_err(Error::file("write", hook))
}

fn is_same(one: &Path, other: &Path) -> bool {
    let bytes = |path| fs::read(path).ok();
    bytes(one).is_some() && bytes(one) == bytes(other)
}

/// Takes a hook out of the repository of a folder, and puts the one from before in its place. Hooks of others stay.
///
/// # Errors
/// The folder is in no repository; or the system refuses.
pub fn uninstall(from: &Path, kind: Kind) -> Result<Removed, Error> {
    let (hook, before) = Place::of(from)?.names(kind);
    if !matches!(Found::at(&hook)?, Found::Ours { .. }) {
        return Ok(Removed::Nothing);
    }
    if before.symlink_metadata().is_ok() {
        fs::rename(&before, &hook).map_err(Error::file("put back", &hook))?;
        return Ok(Removed::Restored(hook));
    }
    fs::remove_file(&hook).map_err(Error::file("remove", &hook))?;
    Ok(Removed::Hook(hook))
}

/// What stands in the place of a hook.
enum Found {
    Nothing,
    Ours { text: String, runs: bool },
    Foreign(String),
}

impl Found {
    fn at(hook: &Path) -> Result<Self, Error> {
        let Ok(kind) = hook.symlink_metadata() else { return Ok(Self::Nothing) };
        let text = match fs::read(hook) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            // A link to nothing: it stays one under its other name.
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::file("read", hook)(error)),
        };
        if !script::is_ours(&text) {
            return Ok(Self::Foreign(text));
        }
        Ok(Self::Ours { text, runs: kind.is_file() && kind.permissions().mode() & 0o111 != 0 })
    }

    fn foreign(&self) -> Option<&str> {
        match self {
            Self::Foreign(text) => Some(text),
            Self::Nothing | Self::Ours { .. } => None,
        }
    }

    fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Ours { text, runs: true } if text == wanted)
    }
}
