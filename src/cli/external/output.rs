//! Where manifests go: standard output, a file, or files below a folder; and the kustomization that lists them.

use std::path::{Path, PathBuf};

use crate::cli::caller::Caller;
use crate::cli::diff;
use crate::cli::seal::kustomization;
use crate::error::Error;
use crate::file::{self, Audience, Expected, Staged};
use crate::report::{Event, Outcome};

/// A manifest that was made.
pub(super) struct Made {
    /// Where it comes from.
    pub(super) from: String,
    /// The path of what it was made of, below the folder that was named.
    pub(super) below: PathBuf,
    pub(super) text: String,
    /// The ExternalSecrets in it, and their values.
    pub(super) secrets: usize,
    pub(super) values: usize,
    /// The comments that would have kept a value in clear.
    pub(super) untold: usize,
}

/// Where manifests go.
pub(super) struct Output<'o> {
    pub(super) out: Option<&'o Path>,
    pub(super) add_to: Option<&'o Path>,
    /// Whether files that are there and hold something else are written over.
    pub(super) force: bool,
    /// Whether nothing is written.
    pub(super) plan: bool,
}

impl Output<'_> {
    /// The file of each manifest, and whether it holds that already. Refuses to write over something else.
    fn places(&self, out: &Path, all: &[Made]) -> Result<Vec<(PathBuf, Expected, bool)>, Error> {
        let is_folder = out.is_dir() || out.as_os_str().to_string_lossy().ends_with('/') || all.len() > 1;
        if is_folder && !out.is_dir() && is_named_as_a_file(out) {
            return Err(usage(
                &format!("{} is the name of a file, and there are {} to write", out.display(), all.len()),
                "name a folder, or one input for each file",
            ));
        }
        let mut places: Vec<(PathBuf, Expected, bool)> = Vec::new();
        for made in all {
            let file = if is_folder { out.join(&made.below) } else { out.to_owned() };
            if places.iter().any(|(other, ..)| *other == file) {
                return Err(usage(
                    &format!("two inputs would be written to {}", file.display()),
                    "name their folder instead, or write them one by one",
                ));
            }
            let (expected, held) = match std::fs::read(&file) {
                Ok(bytes) if bytes == made.text.as_bytes() => (Expected::read(&bytes), true),
                Ok(bytes) if self.force => (Expected::read(&bytes), false),
                Ok(_) => {
                    return Err(usage(
                        &format!("{} is there and holds something else", file.display()),
                        "name another place, or write over it with `--force`",
                    ));
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => (Expected::Nothing, false),
                Err(error) => return Err(Error::system(format!("read {}", file.display()))(error)),
            };
            places.push((file, expected, held));
        }
        Ok(places)
    }

    /// Checks that all can be written, before anything else is done.
    pub(super) fn check(&self, all: &[Made]) -> Result<(), Error> {
        self.out.map_or(Ok(()), |out| self.places(out, all).map(drop))
    }

    /// Writes them, all or none.
    pub(super) fn write(&self, caller: &Caller, all: &[Made]) -> Result<(), Error> {
        let Some(out) = self.out else {
            let texts: Vec<&str> = all.iter().map(|made| made.text.as_str()).collect();
            caller.printer.data(&joined(&texts));
            return Ok(());
        };
        let places = self.places(out, all)?;
        let (mut staged, mut events) = (Vec::new(), Vec::new());
        for (made, (file, expected, held)) in all.iter().zip(places) {
            let outcome = match (held, self.plan) {
                (true, _) => Outcome::Held,
                (false, true) => Outcome::Differs,
                (false, false) => Outcome::Changed,
            };
            if outcome == Outcome::Changed {
                staged.push(stage(&file, &made.text, expected)?);
            }
            events.push((made, file, outcome));
        }
        let listed = self.listed(events.iter().map(|(_, file, _)| file.as_path()))?;
        if let (Some((kustomization, edited)), false) = (&listed, self.plan) {
            staged.push(kustomization::stage(kustomization, edited)?);
        }
        file::commit(staged)
            .map_err(|(path, error)| Error::system(format!("write {}", path.display()))(error))?;
        for (made, file, outcome) in events {
            caller.printer.event(&Event::Generated {
                from: made.from.clone(),
                file: file.display().to_string(),
                outcome,
                secrets: made.secrets,
                values: made.values,
            });
        }
        if let Some((kustomization, edited)) = listed {
            self.tell(caller, kustomization, &edited);
        }
        Ok(())
    }

    /// What becomes of the kustomization that was named; nothing where it lists all these files.
    fn listed<'f>(
        &self,
        files: impl Iterator<Item = &'f Path>,
    ) -> Result<Option<(&Path, kustomization::Edited)>, Error> {
        let Some(named) = self.add_to else { return Ok(None) };
        Ok(kustomization::edited(named, files)?.map(|edited| (named, edited)))
    }

    /// Tells what has become of a kustomization, or in a plan what would.
    fn tell(&self, caller: &Caller, kustomization: &Path, edited: &kustomization::Edited) {
        let (outcome, diff) = if self.plan {
            let diff = diff::shown(kustomization, Some(&edited.before), &edited.after);
            (Outcome::Differs, Some(diff))
        } else {
            (Outcome::Changed, None)
        };
        let file = kustomization.display().to_string();
        caller.printer.event(&Event::AppFile { file, is_new: false, outcome, diff });
    }
}

/// Says that comments are gone that would have kept a value in clear.
pub(super) fn warn_of_untold(caller: &Caller, file: &str, count: usize) {
    match count {
        0 => {}
        1 => caller.warn(&format!("{file}: a comment holds a value, and is left out")),
        _ => caller.warn(&format!("{file}: {count} comments hold a value, and are left out")),
    }
}

/// Whether a path ends as those of manifests do, and not as one of a folder.
fn is_named_as_a_file(path: &Path) -> bool {
    let is_open = path.as_os_str().to_string_lossy().ends_with('/');
    let ending = path.extension().filter(|_| !is_open);
    ending.is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known))
}

fn stage(file: &Path, text: &str, expected: Expected) -> Result<Staged, Error> {
    let failed = || Error::system(format!("write {}", file.display()));
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed())?;
    }
    file::stage(file, text.as_bytes(), Audience::Anybody, expected).map_err(failed())
}

/// Texts as one, with a mark between them.
fn joined(texts: &[&str]) -> String {
    let mut all = String::new();
    for text in texts {
        let is_marked = text.trim_start().starts_with("---");
        if !all.is_empty() {
            if !all.ends_with('\n') {
                all.push('\n');
            }
            if !is_marked {
                all.push_str("---\n");
            }
        }
        all.push_str(text);
    }
    all
}

pub(super) fn usage(complaint: &str, hint: &str) -> Error {
    Error::Usage { complaint: complaint.into(), hint: hint.into() }
}
