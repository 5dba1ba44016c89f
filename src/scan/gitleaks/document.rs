//! One file of the gitleaks configuration as it is written, before anything of it is compiled or extended.

use std::sync::Arc;

use toml::de::DeTable;

use super::error::{Error, Site, Source};
use super::reader::{Reader, Text};

/// A file.
pub(super) struct Document {
    pub(super) extend: Extend,
    pub(super) rules: Vec<RuleTable>,
    pub(super) allowlists: Vec<AllowTable>,
    pub(super) min_version: Option<Text>,
}

/// `[extend]`.
#[derive(Default)]
pub(super) struct Extend {
    pub(super) site: Option<Site>,
    pub(super) path: Option<Text>,
    pub(super) use_default: bool,
    pub(super) disabled_rules: Vec<Text>,
}

/// `[[rules]]`.
pub(super) struct RuleTable {
    pub(super) site: Site,
    pub(super) id: Option<Text>,
    pub(super) description: Option<Text>,
    pub(super) path: Option<Text>,
    pub(super) regex: Option<Text>,
    pub(super) secret_group: i64,
    pub(super) entropy: f64,
    pub(super) keywords: Vec<Text>,
    pub(super) tags: Vec<Text>,
    pub(super) allowlists: Vec<AllowTable>,
    pub(super) required: Vec<RequiredTable>,
    pub(super) skip_report: bool,
}

/// `[[rules.required]]`.
pub(super) struct RequiredTable {
    pub(super) site: Site,
    pub(super) id: Option<Text>,
    pub(super) within_lines: Option<i64>,
    pub(super) within_columns: Option<i64>,
}

/// `[[allowlists]]`, `[[rules.allowlists]]` and their older forms `[allowlist]` and `[rules.allowlist]`.
pub(super) struct AllowTable {
    pub(super) site: Site,
    pub(super) target_rules: Vec<Text>,
    pub(super) condition: Option<Text>,
    pub(super) commits: Vec<Text>,
    pub(super) paths: Vec<Text>,
    pub(super) regex_target: Option<Text>,
    pub(super) regexes: Vec<Text>,
    pub(super) stopwords: Vec<Text>,
}

impl Document {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// Text that is not TOML, or a value of another type than its field's.
    pub(super) fn read(source: &Arc<Source>, warnings: &mut Vec<String>) -> Result<Self, Error> {
        let root = DeTable::parse(&source.text).map_err(|error| {
            source.error(error.span().map_or(0, |span| span.start), format!("not TOML: {}", error.message()))
        })?;
        let mut top = Reader::new(source, &root);
        let (_title, _description) = (top.text("title")?, top.text("description")?);
        let extend = top.table("extend")?.map(|table| Extend::read(table, warnings)).transpose()?;
        let rules = top.tables("rules")?.into_iter().map(|table| RuleTable::read(table, warnings));
        let document = Self {
            extend: extend.unwrap_or_default(),
            rules: rules.collect::<Result<_, _>>()?,
            allowlists: global_allowlists(&mut top, warnings)?,
            min_version: top.text("minVersion")?,
        };
        top.finish(warnings);
        Ok(document)
    }
}

impl Extend {
    fn read(mut table: Reader, warnings: &mut Vec<String>) -> Result<Self, Error> {
        let extend = Self {
            site: Some(table.site()),
            path: table.text("path")?,
            use_default: table.flag("useDefault")?,
            disabled_rules: table.list("disabledRules")?,
        };
        table.finish(warnings);
        Ok(extend)
    }
}

impl RuleTable {
    fn read(mut table: Reader, warnings: &mut Vec<String>) -> Result<Self, Error> {
        let older = table.table("allowlist")?;
        let allowlists = table.tables("allowlists")?;
        let required =
            table.tables("required")?.into_iter().map(|table| RequiredTable::read(table, warnings));
        let rule = Self {
            site: table.site(),
            id: table.text("id")?,
            description: table.text("description")?,
            path: table.text("path")?,
            regex: table.text("regex")?,
            secret_group: table.whole("secretGroup")?.unwrap_or(0),
            entropy: table.number("entropy")?.unwrap_or(0.0),
            keywords: table.list("keywords")?,
            tags: table.list("tags")?,
            required: required.collect::<Result<_, _>>()?,
            skip_report: table.flag("skipReport")?,
            allowlists: one_form(older, allowlists)?
                .into_iter()
                .map(|table| AllowTable::read(table, false, warnings))
                .collect::<Result<_, _>>()?,
        };
        table.finish(warnings);
        Ok(rule)
    }
}

impl RequiredTable {
    fn read(mut table: Reader, warnings: &mut Vec<String>) -> Result<Self, Error> {
        let required = Self {
            site: table.site(),
            id: table.text("id")?,
            within_lines: table.whole("withinLines")?,
            within_columns: table.whole("withinColumns")?,
        };
        table.finish(warnings);
        Ok(required)
    }
}

impl AllowTable {
    fn read(mut table: Reader, is_global: bool, warnings: &mut Vec<String>) -> Result<Self, Error> {
        let target_rules = if is_global { table.list("targetRules")? } else { Vec::new() };
        let _description = table.text("description")?;
        let allow = Self {
            site: table.site(),
            target_rules,
            condition: table.text("condition")?,
            commits: table.list("commits")?,
            paths: table.list("paths")?,
            regex_target: table.text("regexTarget")?,
            regexes: table.list("regexes")?,
            stopwords: table.list("stopwords")?,
        };
        table.finish(warnings);
        Ok(allow)
    }
}

fn global_allowlists(top: &mut Reader, warnings: &mut Vec<String>) -> Result<Vec<AllowTable>, Error> {
    // gitleaks does not see an empty table at the top, unlike one in a rule or in a list.
    let older = top.table("allowlist")?.filter(|table| !table.is_empty());
    let tables = one_form(older, top.tables("allowlists")?)?;
    tables.into_iter().map(|table| AllowTable::read(table, true, warnings)).collect()
}

/// Allowlists in the older form or in the newer one.
fn one_form<'t>(older: Option<Reader<'t>>, newer: Vec<Reader<'t>>) -> Result<Vec<Reader<'t>>, Error> {
    match older {
        Some(older) if !newer.is_empty() => Err(older
            .site()
            .error("the older form `allowlist` cannot stand beside `allowlists`")
            .with_hint("move it to the list: `[[allowlists]]`, or `[[rules.allowlists]]` in a rule")),
        Some(older) => Ok(vec![older]),
        None => Ok(newer),
    }
}
