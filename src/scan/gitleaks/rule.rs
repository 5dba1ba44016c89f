//! Rules: what is reported.

use std::sync::Arc;

use super::allowlist::Allowlist;
use super::document::{RequiredTable, RuleTable};
use super::error::{Error, Site};
use super::pattern::Pattern;

/// A rule of the gitleaks configuration.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// What it finds.
    pub description: String,
    /// Words that its findings carry.
    pub tags: Vec<String>,
    pub(super) path: Option<Pattern>,
    pub(super) regex: Option<Pattern>,
    /// The group that is the secret; 0 is the first that is not empty, or the whole match.
    pub(super) secret_group: usize,
    /// Bits that the secret must exceed; 0 is no bound.
    pub(super) entropy: f64,
    /// In small letters; one of them must be in the text, if there are any.
    pub(super) keywords: Vec<String>,
    pub(super) allowlists: Vec<Arc<Allowlist>>,
    pub(super) required: Vec<Required>,
    /// Whether it is there only to be required.
    pub(super) skip_report: bool,
    site: Site,
}

/// Another rule that must have a finding too.
#[derive(Debug)]
pub(super) struct Required {
    pub(super) id: String,
    /// How many lines away at most.
    pub(super) within_lines: Option<i64>,
    /// How many columns away at most.
    pub(super) within_columns: Option<i64>,
    pub(super) site: Site,
}

impl Rule {
    /// Compiles a table.
    ///
    /// # Errors
    /// A missing name, a pattern or an allowlist that is not valid.
    pub(super) fn new(table: &RuleTable) -> Result<Self, Error> {
        let pattern = |text: &Option<super::reader::Text>| {
            text.as_ref().map(|text| Pattern::new(&text.value, |at| text.site(at))).transpose()
        };
        let id = table.id.as_ref().map(|id| id.value.clone()).filter(|id| !id.trim().is_empty());
        let values = |texts: &[super::reader::Text]| texts.iter().map(|text| text.value.clone()).collect();
        Ok(Self {
            id: id.ok_or_else(|| table.site.error("this rule has no `id`"))?,
            description: table.description.as_ref().map_or_else(String::new, |text| text.value.clone()),
            tags: values(&table.tags),
            path: pattern(&table.path)?,
            regex: pattern(&table.regex)?,
            secret_group: usize::try_from(table.secret_group).unwrap_or(0),
            entropy: table.entropy,
            keywords: table.keywords.iter().map(|word| word.value.to_lowercase()).collect(),
            allowlists: table
                .allowlists
                .iter()
                .map(|table| Allowlist::new(table).map(Arc::new))
                .collect::<Result<_, _>>()?,
            required: table.required.iter().map(Required::new).collect::<Result<_, _>>()?,
            skip_report: table.skip_report,
            site: table.site.clone(),
        })
    }

    /// This rule over the one of the same name that it extends. As with gitleaks, what is required and whether it is
    /// reported stays as it was.
    pub(super) fn over(self, base: Self, warnings: &mut Vec<String>) -> Self {
        if !self.required.is_empty() || self.skip_report {
            let message =
                format!("`required` and `skipReport` of `{}` are taken from the extended rule", self.id);
            warnings.push(self.error(message).to_string());
        }
        Self {
            description: if self.description.is_empty() { base.description } else { self.description },
            tags: [base.tags, self.tags].concat(),
            path: self.path.or(base.path),
            regex: self.regex.or(base.regex),
            secret_group: if self.secret_group == 0 { base.secret_group } else { self.secret_group },
            entropy: if self.entropy == 0.0 { base.entropy } else { self.entropy },
            keywords: [base.keywords, self.keywords].concat(),
            allowlists: base.allowlists.into_iter().chain(self.allowlists).collect(),
            required: base.required,
            skip_report: base.skip_report,
            id: self.id,
            site: self.site,
        }
    }

    /// Whether it finds anything by itself.
    pub(super) fn is_whole(&self) -> bool {
        self.regex.is_some() || self.path.is_some()
    }

    /// Checks what can be known only once all files are read.
    ///
    /// # Errors
    /// A rule without `regex` and `path`, or a `secretGroup` that its regex does not have.
    pub(super) fn validate(&self, extends_default: bool) -> Result<(), Error> {
        if !self.is_whole() && !extends_default {
            let error = self.error(format!("the rule `{}` finds nothing", self.id));
            return Err(error.with_hint("it needs `regex` or `path`"));
        }
        let groups = self.regex.as_ref().map_or(usize::MAX, Pattern::groups);
        if self.secret_group > groups {
            let message = format!("`secretGroup` of the rule `{}` is {}", self.id, self.secret_group);
            return Err(self.error(message).with_hint(format!("its regex has {groups} groups")));
        }
        Ok(())
    }

    /// An error about the rule, at its table.
    pub(super) fn error(&self, message: impl Into<String>) -> Error {
        self.site.error(message)
    }
}

impl Required {
    fn new(table: &RequiredTable) -> Result<Self, Error> {
        let id = table.id.as_ref().map(|id| id.value.clone());
        Ok(Self {
            id: id.ok_or_else(|| table.site.error("`required` names no rule").with_hint("it needs `id`"))?,
            within_lines: table.within_lines,
            within_columns: table.within_columns,
            site: table.site.clone(),
        })
    }
}
