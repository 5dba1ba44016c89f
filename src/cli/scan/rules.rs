//! What the repository and the settings say about findings.

use std::path::{Path, PathBuf};

use super::baseline::today;
use super::known;
use crate::cli::caller::Caller;
use crate::error::Error;
use crate::scan::{Area, Dummies, Globs, Level, Policy, Severity};
use crate::settings::{ScanningArea, ScanningDummies, ScanningLevel, ScanningSettings};

/// The top of the repository of a folder; the folder itself where it is in none.
pub(super) fn top(folder: &Path) -> &Path {
    folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder)
}

/// The policy, by the files in the top folder of the repository and by the settings; and the baseline that those name.
pub(super) fn policy(
    caller: &Caller,
    folder: &Path,
    gitleaks: Option<&Path>,
) -> Result<(Policy, Option<PathBuf>), Error> {
    let policy = Policy::of(top(folder), gitleaks)?;
    for warning in &policy.warnings {
        caller.warn(warning);
    }
    let settings = ScanningSettings::load(folder, &caller.overrides(None)?)?;
    let excluded = Globs::new(&settings.scan.exclude)
        .map_err(|error| settings.error(&["exclude".into()], error.to_string()))?;
    let areas = (0..).zip(&settings.scan.areas).map(|(index, typed)| area(&policy, &settings, index, typed));
    let areas = areas.collect::<Result<Vec<_>, Error>>()?;
    Ok((policy.with_areas(areas).without(excluded).dated(today), settings.baseline()))
}

fn area(
    policy: &Policy,
    settings: &ScanningSettings,
    index: usize,
    typed: &ScanningArea,
) -> Result<Area, Error> {
    let at = |field: &str| ["areas".into(), index.into(), field.into()];
    let paths = Globs::new(&typed.paths).map_err(|error| settings.error(&at("paths"), error.to_string()))?;
    let mut rules = Vec::new();
    for (rule, level) in &typed.rules {
        if !known::is_known(rule) && !policy.has_rule(rule) {
            let [areas, index, rules] = at("rules");
            return Err(settings
                .unknown_rule(&[areas, index, rules, rule.as_str().into()], known::nearest(rule))
                .into());
        }
        rules.push((rule.clone(), of_level(*level)));
    }
    let dummies = typed.dummies.map(|dummies| match dummies {
        ScanningDummies::Allow => Dummies::Allowed,
        ScanningDummies::Refuse => Dummies::Refused,
    });
    Ok(Area { paths, rules, dummies })
}

fn of_level(level: ScanningLevel) -> Level {
    match level {
        ScanningLevel::Off => Level::Off,
        ScanningLevel::Note => Level::Told(Severity::Note),
        ScanningLevel::Warning => Level::Told(Severity::Warning),
        ScanningLevel::Error => Level::Told(Severity::Error),
    }
}
