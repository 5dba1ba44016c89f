//! One file of the gitleaks configuration, laid over what it extends.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::allowlist::Allowlist;
use super::document::{Document, Extend};
use super::error::{Error, Source};
use super::reader::Text;
use super::rule::Rule;

/// A file extends one, and that one another; no further.
const DEEPEST: usize = 2;

/// The gitleaks whose reading this is.
const VERSION: [u64; 3] = [8, 30, 1];

/// A file with all that it extends.
pub(super) struct Level {
    pub(super) rules: BTreeMap<String, Rule>,
    pub(super) allowlists: Vec<Arc<Allowlist>>,
    /// Allowlists for one rule, by its name.
    pub(super) targeted: Vec<(Text, Arc<Allowlist>)>,
    pub(super) extends_default: bool,
    /// Names of gitleaks' own rules that are off.
    pub(super) disabled_rules: Vec<String>,
}

impl Level {
    /// Reads a file that extends others `depth` levels above it.
    ///
    /// # Errors
    /// All that gitleaks refuses, and a file that cannot be read.
    pub(super) fn read(
        file: &Path,
        text: &str,
        folder: &Path,
        depth: usize,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Error> {
        let source = Source::new(file, text);
        let document = Document::read(&source, warnings)?;
        check_version(document.min_version.as_ref(), warnings);
        let mut level = Self::new(&document, warnings)?;
        if depth == DEEPEST {
            warn_of_lost_extension(&document.extend, warnings);
        } else {
            level.extend(&document.extend, folder, depth, warnings)?;
        }
        if depth > 0 {
            for (rule, _) in level.targeted.drain(..) {
                let message =
                    "`targetRules` counts in the file that extends all others only; gitleaks drops this one";
                warnings.push(rule.error(message).to_string());
            }
        }
        Ok(level)
    }

    fn new(document: &Document, warnings: &mut Vec<String>) -> Result<Self, Error> {
        let mut rules = BTreeMap::new();
        for table in &document.rules {
            let rule = Rule::new(table)?;
            if let Some(earlier) = rules.insert(rule.id.clone(), rule) {
                let earlier: Rule = earlier;
                let message =
                    format!("the rule `{}` stands again further down, and that one counts", earlier.id);
                warnings.push(earlier.error(message).to_string());
            }
        }
        for required in rules.values().flat_map(|rule| &rule.required) {
            if !rules.contains_key(&required.id) {
                let error = required.site.error(format!("there is no rule `{}` to require", required.id));
                return Err(error.with_hint("a required rule stands in the same file"));
            }
        }
        let (mut allowlists, mut targeted) = (Vec::new(), Vec::new());
        for table in &document.allowlists {
            let allowlist = Arc::new(Allowlist::new(table)?);
            if table.target_rules.is_empty() {
                allowlists.push(allowlist);
            } else {
                targeted.extend(table.target_rules.iter().map(|rule| (rule.clone(), Arc::clone(&allowlist))));
            }
        }
        Ok(Self { rules, allowlists, targeted, extends_default: false, disabled_rules: Vec::new() })
    }

    fn extend(
        &mut self,
        extend: &Extend,
        folder: &Path,
        depth: usize,
        warnings: &mut Vec<String>,
    ) -> Result<(), Error> {
        match &extend.path {
            Some(path) if extend.use_default => {
                Err(path.error("`path` and `useDefault` exclude each other").with_hint("remove one of them"))
            }
            Some(path) => {
                let text = fs::read_to_string(folder.join(&path.value))
                    .map_err(|error| path.error(format!("cannot read the file that is extended: {error}")))?;
                let base = Self::read(Path::new(&path.value), &text, folder, depth + 1, warnings)?;
                self.lay_over(base, &extend.disabled_rules, warnings);
                Ok(())
            }
            None => {
                self.extends_default = extend.use_default;
                self.disabled_rules = extend.disabled_rules.iter().map(|rule| rule.value.clone()).collect();
                Ok(())
            }
        }
    }

    fn lay_over(&mut self, base: Self, disabled: &[Text], warnings: &mut Vec<String>) {
        for name in disabled {
            if !base.extends_default && !base.rules.contains_key(&name.value) {
                warnings.push(name.error("no extended file has this rule to disable").to_string());
            }
        }
        self.extends_default = base.extends_default;
        self.disabled_rules = base.disabled_rules;
        if base.extends_default {
            self.disabled_rules.extend(disabled.iter().map(|name| name.value.clone()));
        }
        for (id, rule) in base.rules {
            if disabled.iter().any(|name| name.value == id) {
                continue;
            }
            let rule = match self.rules.remove(&id) {
                Some(own) => own.over(rule, warnings),
                None => rule,
            };
            self.rules.insert(id, rule);
        }
        self.allowlists.extend(base.allowlists);
    }
}

fn warn_of_lost_extension(extend: &Extend, warnings: &mut Vec<String>) {
    if let Some(site) = extend.site.as_ref().filter(|_| extend.use_default || extend.path.is_some()) {
        let message = "gitleaks extends over two levels only, so this is not read";
        warnings.push(site.error(message).to_string());
    }
}

/// Warns of a configuration that is written for a newer gitleaks.
fn check_version(wanted: Option<&Text>, warnings: &mut Vec<String>) {
    let Some(wanted) = wanted else { return };
    let core = wanted.value.trim_start_matches('v').split(['-', '+']).next().unwrap_or("");
    let parts: Result<Vec<u64>, _> = core.split('.').map(str::parse).collect();
    let message = match parts {
        Ok(parts) if parts.as_slice() <= VERSION.as_slice() => return,
        Ok(_) => {
            "the configuration is written for a newer gitleaks; 8.30.1 is the newest whose rules are known here"
        }
        Err(_) => "this is no version: `8.25.0` is one",
    };
    warnings.push(wanted.error(message).to_string());
}
