//! What a repository says about findings of its own: the gitleaks configuration that it has already.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::area::{Area, Globs, Level};
use super::baseline::BaselineError;
use super::gitleaks::{self, Config, Ignore, Origin, Subject};
use super::text::Lines;
use super::verdict::Verdict;
use super::{Finding, Severity, area};
use crate::plain::Plain;

/// The name of gitleaks' configuration.
const CONFIG: &str = ".gitleaks.toml";
/// The name of gitleaks' list of findings that are known.
const IGNORE: &str = ".gitleaksignore";

/// What counts as a finding beside the built-in rules, and what does not.
#[derive(Debug, Default)]
pub struct Policy {
    root: PathBuf,
    config: Option<Arc<Config>>,
    ignored: Arc<Ignored>,
    areas: Vec<Area>,
    excluded: Globs,
    today: Option<fn() -> Date>,
    /// What is read otherwise than it looks, each with its place.
    pub warnings: Vec<String>,
}

/// Places of findings that are known, in any commit and in none or in one, whatever rule found them: rules have other
/// names here than there.
type Ignored = HashSet<(Option<String>, String, usize)>;

/// Why a policy cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file cannot be read.
    #[error("cannot read {}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// The gitleaks configuration is wrong.
    #[error(transparent)]
    Gitleaks(#[from] gitleaks::Error),
    /// The baseline is wrong.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The baseline's key is not here.
    #[error("{} cannot be used without the key that it was made with", file.display())]
    NoKey {
        /// The baseline.
        file: PathBuf,
    },
    /// A key for fingerprints that is too short to be one.
    #[error("{0} holds less than 32 characters, which is no key")]
    ShortKey(String),
}

impl PolicyError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::File { .. } => None,
            Self::Gitleaks(error) => error.hint.as_deref(),
            Self::Baseline(BaselineError::Line { .. }) => Some("correct or remove the line"),
            Self::Baseline(BaselineError::Key { .. }) => {
                Some("give the key that it was made with, or remove the file and write it anew")
            }
            Self::NoKey { .. } => Some(
                "put it into SEALSTRAP_BASELINE_KEY: whoever wrote the file has it in `.git/sealstrap/baseline.key`",
            ),
            Self::ShortKey(_) => Some("take for example what `openssl rand -hex 32` prints"),
        }
    }
}

impl Policy {
    /// The policy of a folder: its `.gitleaks.toml` or the file that is named instead, and its `.gitleaksignore`.
    ///
    /// # Errors
    /// A file that is named and not there, one that cannot be read, a configuration that is wrong, with its place.
    pub fn of(root: &Path, named: Option<&Path>) -> Result<Self, PolicyError> {
        let mut policy = Self { root: root.to_owned(), ..Self::default() };
        let file = named.map_or_else(|| root.join(CONFIG), Path::to_owned);
        if let Some(text) = read(&file, named.is_some())? {
            let shown = file.strip_prefix(root).unwrap_or(&file);
            let config = Config::read(shown, &text, root)?;
            policy.warnings.extend(config.warnings.iter().cloned());
            policy.config = Some(Arc::new(config));
        }
        if let Some(text) = read(&root.join(IGNORE), false)? {
            let ignore = Ignore::read(Path::new(IGNORE), &text);
            policy.warnings.extend(ignore.warnings.iter().cloned());
            let places = ignore.entries().filter_map(|(fingerprint, _)| place(fingerprint));
            policy.ignored = Arc::new(places.collect());
        }
        Ok(policy)
    }

    /// With what the settings say of areas, in their order.
    #[must_use]
    pub fn with_areas(mut self, areas: Vec<Area>) -> Self {
        self.areas = areas;
        self
    }

    /// Knowing what day it is: comments that allow something until one before count no longer. It is asked for where a
    /// comment names one.
    #[must_use]
    pub fn dated(mut self, today: fn() -> Date) -> Self {
        self.today = Some(today);
        self
    }

    pub(super) fn today(&self) -> Option<fn() -> Date> {
        self.today
    }

    /// Without files that are not to be looked at.
    #[must_use]
    pub fn without(mut self, excluded: Globs) -> Self {
        self.excluded = excluded;
        self
    }

    /// The same for all files, whatever folder they are in.
    pub(super) fn everywhere(&self) -> Self {
        let (root, config, ignored) = (self.root.clone(), self.config.clone(), Arc::clone(&self.ignored));
        Self { root, config, ignored, today: self.today, ..Self::default() }
    }

    /// Whether it says something of some files that does not hold for all.
    pub(super) fn tells_files_apart(&self) -> bool {
        !self.areas.is_empty() || !self.excluded.is_empty()
    }

    /// Whether a file is not to be looked at.
    pub(super) fn excludes(&self, path: &str) -> bool {
        !self.excluded.is_empty() && self.excluded.hold(&self.relative(path))
    }

    /// What its areas make of a finding.
    pub(super) fn level(&self, path: &str, finding: &Finding) -> Option<Level> {
        if self.areas.is_empty() { None } else { area::level(&self.areas, &self.relative(path), finding) }
    }

    /// Whether it has rules of its own, so that any text may hold a finding.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        self.config.as_ref().is_some_and(|config| config.has_rules())
    }

    /// Whether one of its own rules is called so.
    #[must_use]
    pub fn has_rule(&self, id: &str) -> bool {
        self.config.as_ref().is_some_and(|config| config.rule(id).is_some())
    }

    /// What its own rules find in a text.
    pub(super) fn findings(&self, path: &str, lines: &Lines) -> Result<Vec<Finding>, gitleaks::Error> {
        let Some(config) = &self.config else { return Ok(Vec::new()) };
        let text = lines.text();
        let matches = config.findings(&self.relative(path), text.as_bytes(), None)?;
        let finding = |found: gitleaks::Match| {
            let what = config.rule(&found.rule).map(|rule| rule.description.clone());
            let range = text_range(text, &found.secret);
            Finding {
                rule: Cow::Owned(found.rule),
                severity: Severity::Error,
                verdict: Verdict::Plaintext,
                what: what.filter(|what| !what.is_empty()),
                start: lines.spot(range.start),
                end: lines.spot(range.end),
                gitleaks_line: Some(found.place.start_line),
                document: 0,
                object: None,
                way: String::new(),
                source: String::new(),
                value: Plain::new(text.as_bytes()[range.clone()].to_vec()),
                range,
            }
        };
        Ok(matches.into_iter().map(finding).collect())
    }

    /// Whether it allows a finding: its place is known, its rule is switched off, or an allowlist names it.
    #[expect(clippy::disallowed_methods, reason = "sink: the allowlists, which answer yes or no")]
    pub(super) fn allows(
        &self,
        path: &str,
        finding: &Finding,
        lines: &Lines,
    ) -> Result<bool, gitleaks::Error> {
        if self.config.is_none() && self.ignored.is_empty() {
            return Ok(false);
        }
        let path = self.relative(path);
        if self.ignores(None, &path, finding) {
            return Ok(true);
        }
        // Its own rules have asked the allowlists already, and know the whole match.
        let Some(config) = self.config.as_ref().filter(|_| finding.gitleaks_line.is_none()) else {
            return Ok(false);
        };
        let origin = Origin { path: &path, commit: None };
        let secret = finding.value.expose();
        let subject = Subject { secret, matched: secret, lines: lines.line(finding.start.line).as_bytes() };
        let is_off = config.disabled_rules.iter().any(|rule| *rule == finding.rule);
        Ok(is_off || config.allows_origin(origin)? || config.allows(&finding.rule, origin, &subject)?)
    }

    /// Whether a finding that a commit brought is known in that commit, or the commit is allowed.
    pub(super) fn knows(&self, commit: &str, path: &Path, finding: &Finding) -> bool {
        let path = path.to_string_lossy();
        let origin = Origin { path: &path, commit: Some(commit) };
        // Where that cannot be asked, it is told.
        let is_allowed = |config: &Arc<Config>| config.allows_origin(origin).unwrap_or(false);
        self.ignores(Some(commit), &path, finding) || self.config.as_ref().is_some_and(is_allowed)
    }

    /// Whether a finding is ignored by its line, or by the one that gitleaks has for it.
    fn ignores(&self, commit: Option<&str>, path: &str, finding: &Finding) -> bool {
        let is_ignored = |line| self.ignored.contains(&(commit.map(str::to_owned), path.to_owned(), line));
        is_ignored(finding.start.line) || finding.gitleaks_line.is_some_and(is_ignored)
    }

    /// The top of the repository, or the folder that stands for it.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The path from the root on, with `/`.
    fn relative(&self, path: &str) -> String {
        if self.root.as_os_str().is_empty() {
            return path.to_owned();
        }
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
        let root = std::path::absolute(&self.root).unwrap_or_else(|_| self.root.clone());
        let relative = absolute.strip_prefix(root).unwrap_or(Path::new(path));
        relative.to_string_lossy().into_owned()
    }
}

/// A range that begins and ends between characters.
fn text_range(text: &str, range: &Range<usize>) -> Range<usize> {
    let whole =
        |at: usize| (0..=at.min(text.len())).rfind(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let start = whole(range.start);
    start..whole(range.end).max(start)
}

/// The commit, the path and the line of a fingerprint: `path:rule:line`, with a commit before it or not.
fn place(fingerprint: &str) -> Option<(Option<String>, String, usize)> {
    let (rest, line) = fingerprint.rsplit_once(':')?;
    let (rest, _) = rest.rsplit_once(':')?;
    let is_commit = |text: &str| text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (commit, path) = match rest.split_once(':') {
        Some((commit, path)) if is_commit(commit) => (Some(commit.to_owned()), path),
        _ => (None, rest),
    };
    Some((commit, path.to_owned(), line.parse().ok()?))
}

fn read(file: &Path, is_wanted: bool) -> Result<Option<String>, PolicyError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_wanted => Ok(None),
        Err(source) => Err(PolicyError::File { file: file.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::scan;

    const TEXT: &str = "WHICH=acme_0a1b2c3d4e5f\nDB_PASSWORD=hunter2hunter\n";

    fn found(files: &[(&str, &str)]) -> (Vec<(String, usize)>, usize) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let policy = Policy::of(folder.path(), None).unwrap();
        let path = folder.path().join("app.env");
        let scanned = scan(&policy, path.to_str().unwrap(), TEXT.as_bytes());
        let told =
            scanned.findings.iter().map(|finding| (finding.rule.to_string(), finding.start.line)).collect();
        (told, scanned.allowed)
    }

    #[test]
    fn rules_of_the_repository_find_what_the_built_in_ones_do_not() {
        let config = "[[rules]]\nid = \"acme\"\nregex = 'acme_(\\w{12})'\nkeywords = [\"acme_\"]\n";
        let (told, _) = found(&[(CONFIG, config)]);
        assert_eq!(told, [("acme".to_owned(), 1), ("variable".to_owned(), 2)]);
    }

    #[test]
    fn what_the_repository_allows_is_counted_and_not_told() {
        let allow = "[extend]\nuseDefault = true\n[[allowlists]]\nregexes = ['hunter2']\n";
        assert_eq!(found(&[(CONFIG, allow)]), (Vec::new(), 1));
        let path = "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['app\\.env']\n";
        assert_eq!(found(&[(CONFIG, path)]), (Vec::new(), 1));
        assert_eq!(found(&[(IGNORE, "app.env:generic-api-key:2\n")]), (Vec::new(), 1));
        assert_eq!(found(&[(IGNORE, "app.env:generic-api-key:1\n")]).1, 0);
        let in_a_commit = format!("{}:app.env:generic-api-key:2\n", "a".repeat(40));
        assert_eq!(found(&[(IGNORE, &in_a_commit)]).1, 0, "the tree is no commit");
    }

    #[test]
    fn an_allowlist_about_the_match_is_asked_about_the_match() {
        let config = "[[rules]]\nid = \"acme\"\nregex = 'acme_(\\w{12})'\n\
                      [[rules.allowlists]]\nregexTarget = \"match\"\nregexes = ['^0a1b']\n";
        assert!(found(&[(CONFIG, config)]).0.contains(&("acme".to_owned(), 1)));
    }

    #[test]
    fn a_rule_of_the_repository_stays_where_one_of_the_same_name_is_switched_off() {
        let config = "[extend]\nuseDefault = true\ndisabledRules = [\"acme\"]\n\
                      [[rules]]\nid = \"acme\"\nregex = 'acme_(\\w{12})'\n";
        assert!(found(&[(CONFIG, config)]).0.contains(&("acme".to_owned(), 1)));
    }

    #[test]
    fn a_rule_of_the_repository_counts_where_a_built_in_one_sees_a_placeholder_or_is_off() {
        let find = "[[rules]]\nid = \"acme\"\nregex = 'DB_PASSWORD=(\\w+)'\n";
        let off = format!("[extend]\nuseDefault = true\ndisabledRules = [\"variable\"]\n{find}");
        assert_eq!(found(&[(CONFIG, &off)]).0, [("acme".to_owned(), 2)]);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(CONFIG), find).unwrap();
        let policy = Policy::of(folder.path(), None).unwrap();
        let scanned = scan(&policy, "app.env", b"DB_PASSWORD=changeme\n");
        let told: Vec<_> = scanned.findings.iter().map(|finding| &*finding.rule).collect();
        assert_eq!(told, ["acme"]);
    }

    #[test]
    fn a_finding_is_ignored_by_the_line_of_its_match() {
        let config = "[[rules]]\nid = \"acme\"\nregex = '(?s)WHICH.*DB_(PASSWORD)'\n\
                      [[rules]]\nid = \"file\"\npath = 'env$'\n";
        let acme = |told: &[(String, usize)]| told.iter().any(|(rule, _)| rule == "acme" || rule == "file");
        assert!(acme(&found(&[(CONFIG, config)]).0));
        let ignored = "app.env:acme:1\napp.env:file:0\n";
        assert!(!acme(&found(&[(CONFIG, config), (IGNORE, ignored)]).0));
    }

    #[test]
    fn a_configuration_that_is_wrong_is_told_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(CONFIG), "[[rules]]\nid = \"a\"\nregex = \"(\"\n").unwrap();
        let error = Policy::of(folder.path(), None).unwrap_err();
        assert!(error.to_string().starts_with(".gitleaks.toml:3:"), "{error}");
        assert!(Policy::of(folder.path(), Some(Path::new("none"))).is_err());
    }
}
