//! Allowlists: what is not reported.

use super::document::AllowTable;
use super::error::Error;
use super::pattern::Pattern;
use super::reader::Text;
use super::words::Words;

/// What an allowlist allows.
#[derive(Debug)]
pub(super) struct Allowlist {
    /// Whether all that it names must hold, and not one of it.
    needs_all: bool,
    /// In small letters.
    commits: Vec<String>,
    paths: Option<Pattern>,
    target: Target,
    regexes: Option<Pattern>,
    stopwords: Option<Words>,
}

/// What the regexes of an allowlist are matched against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Secret,
    Match,
    Line,
}

/// A file, or a blob of a commit.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'t> {
    /// Its path with `/`, relative to the root that is scanned; empty if it has none.
    pub path: &'t str,
    /// The commit in hexadecimal digits.
    pub commit: Option<&'t str>,
}

/// A finding, as allowlists see it.
#[derive(Clone, Copy)]
pub struct Subject<'t> {
    /// The secret.
    pub secret: &'t [u8],
    /// The whole match.
    pub matched: &'t [u8],
    /// The lines that the match touches.
    pub lines: &'t [u8],
}

impl Allowlist {
    /// Compiles a table.
    ///
    /// # Errors
    /// Words that gitleaks does not know, a pattern that is not valid, or a table that allows nothing.
    pub(super) fn new(table: &AllowTable) -> Result<Self, Error> {
        let lists = [&table.commits, &table.paths, &table.regexes, &table.stopwords];
        if lists.iter().all(|list| list.is_empty()) {
            let error = table.site.error("this allowlist allows nothing");
            return Err(error.with_hint("it needs `commits`, `paths`, `regexes` or `stopwords`"));
        }
        let stopwords = table.stopwords.iter().map(|word| word.value.clone());
        Ok(Self {
            needs_all: needs_all(table.condition.as_ref())?,
            commits: table.commits.iter().map(|commit| commit.value.trim().to_lowercase()).collect(),
            paths: patterns(&table.paths)?,
            target: target(table.regex_target.as_ref())?,
            regexes: patterns(&table.regexes)?,
            stopwords: (!table.stopwords.is_empty()).then(|| Words::new(stopwords)),
        })
    }

    /// Whether it allows all of a file or of a commit.
    ///
    /// # Errors
    /// A pattern that cannot be compiled.
    pub(super) fn allows_origin(&self, origin: Origin) -> Result<bool, Error> {
        let is_about_secrets = self.regexes.is_some() || self.stopwords.is_some();
        if self.needs_all {
            Ok(!is_about_secrets && self.commit_and_path_fit(origin)?)
        } else {
            Ok(self.has_commit(origin) || self.has_path(origin)?)
        }
    }

    /// Whether it allows a finding.
    ///
    /// # Errors
    /// A pattern that cannot be compiled.
    pub(super) fn allows(&self, origin: Origin, subject: &Subject) -> Result<bool, Error> {
        let regexes = self.regexes.as_ref().map(|regexes| self.matches(regexes, subject)).transpose()?;
        let stopwords = self.stopwords.as_ref().map(|words| words.any_in(subject.secret));
        if self.needs_all {
            Ok(regexes.unwrap_or(true) && stopwords.unwrap_or(true) && self.commit_and_path_fit(origin)?)
        } else {
            Ok(regexes == Some(true) || stopwords == Some(true))
        }
    }

    fn matches(&self, regexes: &Pattern, subject: &Subject) -> Result<bool, Error> {
        let target = match self.target {
            Target::Secret => subject.secret,
            Target::Match => subject.matched,
            Target::Line => subject.lines,
        };
        Ok(!target.is_empty() && regexes.is_match(target)?)
    }

    /// Whether those of commits and paths that it names hold.
    fn commit_and_path_fit(&self, origin: Origin) -> Result<bool, Error> {
        Ok((self.commits.is_empty() || self.has_commit(origin))
            && (self.paths.is_none() || self.has_path(origin)?))
    }

    fn has_commit(&self, origin: Origin) -> bool {
        origin
            .commit
            .is_some_and(|commit| self.commits.iter().any(|known| known.eq_ignore_ascii_case(commit)))
    }

    fn has_path(&self, origin: Origin) -> Result<bool, Error> {
        match &self.paths {
            Some(paths) if !origin.path.is_empty() => paths.is_match(origin.path.as_bytes()),
            _ => Ok(false),
        }
    }
}

fn patterns(list: &[Text]) -> Result<Option<Pattern>, Error> {
    let patterns = list.iter().map(|text| Pattern::new(&text.value, |at| text.site(at)));
    patterns.collect::<Result<_, _>>().map(Pattern::joined)
}

fn needs_all(condition: Option<&Text>) -> Result<bool, Error> {
    let Some(condition) = condition else { return Ok(false) };
    match condition.value.to_uppercase().as_str() {
        "AND" | "&&" => Ok(true),
        "OR" | "||" => Ok(false),
        _ => Err(condition.error("this is no `condition`").with_hint("it is `OR`, its default, or `AND`")),
    }
}

fn target(name: Option<&Text>) -> Result<Target, Error> {
    let Some(name) = name else { return Ok(Target::Secret) };
    match name.value.as_str() {
        "secret" => Ok(Target::Secret),
        "match" => Ok(Target::Match),
        "line" => Ok(Target::Line),
        _ => Err(name
            .error("this is no `regexTarget`")
            .with_hint("it is `secret`, its default, `match` or `line`")),
    }
}
