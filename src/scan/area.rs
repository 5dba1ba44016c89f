//! What holds for the files under some paths: dummies are allowed in a folder of tests, and nowhere in production.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::verdict::Verdict;
use super::{Finding, Severity};

/// Paths, as a `.gitignore` at the top of the repository names them.
#[derive(Debug, Clone, Default)]
pub struct Globs(Option<Gitignore>);

/// A pattern that is none.
#[derive(Debug, thiserror::Error)]
#[error("`{glob}` is no pattern of paths: {why}")]
pub struct GlobError {
    glob: String,
    why: String,
}

impl Globs {
    /// Reads patterns.
    ///
    /// # Errors
    /// The first that is none.
    pub fn new(globs: &[String]) -> Result<Self, GlobError> {
        if globs.is_empty() {
            return Ok(Self::default());
        }
        // Paths are asked for from the top of the repository on.
        let mut builder = GitignoreBuilder::new("");
        for glob in globs {
            let error = |error: &ignore::Error| GlobError { glob: glob.clone(), why: error.to_string() };
            builder.add_line(None, glob).map_err(|wrong| error(&wrong))?;
        }
        let all =
            builder.build().map_err(|wrong| GlobError { glob: globs.join(" "), why: wrong.to_string() })?;
        Ok(Self(Some(all)))
    }

    /// Whether no paths are meant.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether a path from the top of the repository on, or a folder above it, is meant.
    #[must_use]
    pub fn hold(&self, path: &str) -> bool {
        let is_inside = !path.starts_with('/') && !path.starts_with("..");
        let all = self.0.as_ref().filter(|_| is_inside);
        all.is_some_and(|all| all.matched_path_or_any_parents(Path::new(path), false).is_ignore())
    }
}

/// What is made of a rule's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// They are allowed.
    Off,
    /// They are told so.
    Told(Severity),
}

/// What is made of values that anybody can guess, and of placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dummies {
    /// They are allowed.
    Allowed,
    /// They are errors like others.
    Refused,
}

/// What holds for the files under some paths.
#[derive(Debug, Clone, Default)]
pub struct Area {
    /// The paths; none for all.
    pub paths: Globs,
    /// What is made of the findings of rules.
    pub rules: Vec<(String, Level)>,
    /// What is made of dummies.
    pub dummies: Option<Dummies>,
}

/// What areas make of a finding: of several that say something the last one counts.
#[must_use]
pub(super) fn level(areas: &[Area], path: &str, finding: &Finding) -> Option<Level> {
    areas.iter().filter(|area| area.paths.is_empty() || area.paths.hold(path)).fold(None, |level, area| {
        let by_rule = area.rules.iter().rfind(|(rule, _)| *rule == finding.rule).map(|(_, level)| *level);
        area.of_dummy(finding.verdict).or(by_rule).or(level)
    })
}

impl Area {
    fn of_dummy(&self, verdict: Verdict) -> Option<Level> {
        let is_dummy = matches!(verdict, Verdict::WeakPlaintext | Verdict::Placeholder);
        match self.dummies.filter(|_| is_dummy)? {
            Dummies::Allowed => Some(Level::Off),
            Dummies::Refused => Some(Level::Told(Severity::Error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Policy, scan};

    fn globs(all: &[&str]) -> Globs {
        Globs::new(&all.iter().map(|glob| (*glob).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn paths_are_named_as_git_ignores_them() {
        let dev = globs(&["/clusters/dev/", "*.test.yaml", "docs/**/example.yaml"]);
        for path in ["clusters/dev/app/db.yaml", "a/b.test.yaml", "docs/a/b/example.yaml"] {
            assert!(dev.hold(path), "{path}");
        }
        for path in ["clusters/production/db.yaml", "x/clusters/dev/db.yaml", "/clusters/dev/db.yaml"] {
            assert!(!dev.hold(path), "{path}");
        }
        assert!(!Globs::default().hold("a"));
        let wrong = Globs::new(&["a/{b".to_owned()]).unwrap_err();
        assert!(wrong.to_string().starts_with("`a/{b` is no pattern of paths: "), "{wrong}");
    }

    fn severities(path: &str, areas: Vec<Area>) -> (Vec<Severity>, usize) {
        let text = "DB_PASSWORD=postgres\nAPI_PASSWORD=changeme\nSMTP_PASSWORD=k3J9d8Xq2LmN0p\n";
        let scanned = scan(&Policy::default().with_areas(areas), path, text.as_bytes());
        (scanned.findings.iter().map(|finding| finding.severity).collect(), scanned.allowed)
    }

    #[test]
    fn dummies_are_allowed_in_one_folder_and_refused_in_another() {
        use Severity::{Error, Note, Warning};
        let areas = || {
            let area =
                |glob, dummies| Area { paths: globs(&[glob]), dummies: Some(dummies), ..Area::default() };
            vec![area("dev/", Dummies::Allowed), area("production/", Dummies::Refused)]
        };
        assert_eq!(severities("dev/app.env", areas()), (vec![Error], 2));
        assert_eq!(severities("production/app.env", areas()), (vec![Error; 3], 0));
        assert_eq!(severities("app.env", areas()), (vec![Warning, Note, Error], 0));
    }

    #[test]
    fn of_a_rule_the_last_word_counts() {
        let area = |glob: &[&str], level| Area {
            paths: globs(glob),
            rules: vec![("variable".into(), level)],
            ..Area::default()
        };
        let areas = || vec![area(&[], Level::Off), area(&["a/"], Level::Told(Severity::Note))];
        assert_eq!(severities("b/app.env", areas()), (Vec::new(), 3));
        assert_eq!(severities("a/app.env", areas()), (vec![Severity::Note; 3], 0));
    }
}
