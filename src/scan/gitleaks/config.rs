//! A gitleaks configuration, read and ready to be asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::allowlist::{Allowlist, Origin, Subject};
use super::error::Error;
use super::keywords::Keywords;
use super::level::Level;
use super::rule::Rule;

/// A gitleaks configuration with all that it extends.
#[derive(Debug)]
pub struct Config {
    /// Whether it extends gitleaks' default configuration. That is not part of this crate: its place is taken by the
    /// built-in rules, whose findings the caller shows to [`Config::allows`].
    pub extends_default: bool,
    /// Names of default rules that it disables.
    pub disabled_rules: Vec<String>,
    /// What is read otherwise than it looks, with its place. No value of the configuration is in it.
    pub warnings: Vec<String>,
    pub(super) file: PathBuf,
    /// The rules that find something by themselves, by name.
    pub(super) rules: Vec<Rule>,
    pub(super) keywords: Keywords,
    pub(super) allowlists: Vec<Arc<Allowlist>>,
    /// Allowlists of default rules, by the name of the rule.
    default_allowlists: BTreeMap<String, Vec<Arc<Allowlist>>>,
}

impl Config {
    /// Reads the configuration `text` of a file and the files that it extends; those are looked for in `folder`, the
    /// working directory. `file` is the name that messages show, and the path of a file that [`Config::findings`]
    /// leaves out.
    ///
    /// # Errors
    /// All that gitleaks refuses, and a file that cannot be read: with its file, line, column, and what is allowed
    /// there. Patterns are checked, and not yet compiled.
    pub fn read(file: &Path, text: &str, folder: &Path) -> Result<Self, Error> {
        let mut warnings = Vec::new();
        let mut level = Level::read(file, text, folder, 0, &mut warnings)?;
        for rule in level.rules.values() {
            rule.validate(level.extends_default)?;
        }
        let mut default_allowlists: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (name, allowlist) in level.targeted {
            match level.rules.get_mut(&name.value) {
                Some(rule) => rule.allowlists.push(allowlist),
                None if level.extends_default => {
                    default_allowlists.entry(name.value).or_default().push(allowlist);
                }
                None => return Err(name.error(format!("there is no rule `{}`", name.value))),
            }
        }
        let (rules, changes): (Vec<_>, Vec<_>) = level.rules.into_values().partition(Rule::is_whole);
        for change in changes {
            default_allowlists.entry(change.id).or_default().extend(change.allowlists);
        }
        Ok(Self {
            extends_default: level.extends_default,
            disabled_rules: level.disabled_rules,
            warnings,
            file: file.to_owned(),
            keywords: Keywords::new(&rules),
            rules,
            allowlists: level.allowlists,
            default_allowlists,
        })
    }

    /// Whether it has rules that find something by themselves.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// The rule of a name, unless it is one of gitleaks' own.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok().map(|index| &self.rules[index])
    }

    /// Whether its global allowlists allow all of a file, of a folder, or of a commit. gitleaks does not enter a
    /// folder whose own path is allowed.
    ///
    /// # Errors
    /// A pattern that is too large, with its place.
    pub fn allows_origin(&self, origin: Origin) -> Result<bool, Error> {
        any(&self.allowlists, |allowlist| allowlist.allows_origin(origin))
    }

    /// Whether it allows a finding of a rule: by its global allowlists or by those of the rule, which may be one of
    /// gitleaks' own.
    ///
    /// # Errors
    /// A pattern that is too large, with its place.
    pub fn allows(&self, rule: &str, origin: Origin, subject: &Subject) -> Result<bool, Error> {
        if any(&self.allowlists, |allowlist| allowlist.allows(origin, subject))? {
            return Ok(true);
        }
        let own = match self.rule(rule) {
            Some(rule) => &rule.allowlists,
            None => match self.default_allowlists.get(rule) {
                Some(allowlists) => allowlists,
                None => return Ok(false),
            },
        };
        let allows = |allowlist: &Allowlist| {
            Ok(allowlist.allows_origin(origin)? || allowlist.allows(origin, subject)?)
        };
        any(own, allows)
    }
}

/// Whether one of several allowlists allows something.
///
/// # Errors
/// Those of `allows`.
pub(super) fn any(
    allowlists: &[Arc<Allowlist>],
    allows: impl Fn(&Allowlist) -> Result<bool, Error>,
) -> Result<bool, Error> {
    for allowlist in allowlists {
        if allows(allowlist)? {
            return Ok(true);
        }
    }
    Ok(false)
}
