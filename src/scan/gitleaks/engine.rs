//! Rules over a text, in the order in which gitleaks asks its questions.

use std::ops::Range;

use super::allowlist::{Allowlist, Origin, Subject};
use super::config::{Config, any};
use super::decode;
use super::entropy::entropy;
use super::error::Error;
use super::fragment::{Fragment, Pass};
use super::lines::Place;
use super::pattern::Pattern;
use super::rule::Rule;

/// What a rule found. It holds positions and never the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The name of the rule.
    pub rule: String,
    /// The bytes of the match, without line feeds at its ends. In decoded text, the encoded stretches it comes from.
    /// Empty where the rule is about the path only.
    pub range: Range<usize>,
    /// The bytes of the secret, likewise.
    pub secret: Range<usize>,
    /// Lines and columns as gitleaks counts them, which are those of its fingerprints and reports.
    pub place: Place,
    /// Shannon entropy of the secret in bits.
    pub entropy: f32,
    /// The rule's tags, and how it was decoded: `decoded:base64`, `decode-depth:1`.
    pub tags: Vec<String>,
}

/// A match, and where its secret stands in the layer in which it was found.
pub(super) struct Candidate {
    pub(super) found: Match,
    depth: usize,
    secret: Range<usize>,
}

/// A match of a regex in a layer, and where it belongs in the text.
struct Hit<'s> {
    /// In the layer, without line feeds at its ends.
    inner: Range<usize>,
    range: Range<usize>,
    place: Place,
    /// The lines that `regexTarget = "line"` is about.
    lines: &'s [u8],
    tags: Vec<String>,
}

impl Config {
    /// What the rules find in a file or a blob, by position and then by rule. Nothing in files and commits that are
    /// allowed, and in the configuration itself.
    ///
    /// `path` is relative to the root that is scanned, with `/`; empty if there is none. The text is best a whole
    /// file: rules that require others look no further than it.
    ///
    /// # Errors
    /// A pattern that is too large, with its place.
    pub fn findings(&self, path: &str, text: &[u8], commit: Option<&str>) -> Result<Vec<Match>, Error> {
        let origin = Origin { path, commit };
        let is_own = !path.is_empty() && self.file.as_os_str() == path;
        if is_own || self.rules.is_empty() || self.allows_origin(origin)? {
            return Ok(Vec::new());
        }
        let mut fragment = Fragment::new(origin, text);
        let mut candidates = Vec::new();
        loop {
            let pass = fragment.pass();
            for (rule, is_asked) in self.rules.iter().zip(self.keywords.rules_for(pass.text)) {
                if is_asked && !rule.skip_report {
                    let found = self.candidates(rule, &pass)?;
                    candidates.extend(self.with_required(rule, &pass, found)?);
                }
            }
            if !fragment.layers.decode() {
                break;
            }
        }
        let mut found = without_generic(&fragment, candidates);
        found.sort_by(|a, b| {
            let position = |found: &Match| (found.range.start, found.range.end);
            position(a).cmp(&position(b)).then_with(|| a.rule.cmp(&b.rule))
        });
        Ok(found)
    }

    /// What a rule finds by itself.
    pub(super) fn candidates(&self, rule: &Rule, pass: &Pass) -> Result<Vec<Candidate>, Error> {
        let origin = pass.fragment.origin;
        if any(&rule.allowlists, |allowlist| allowlist.allows_origin(origin))? {
            return Ok(Vec::new());
        }
        if let Some(path) = &rule.path
            && !path.is_match(origin.path.as_bytes())?
        {
            return Ok(Vec::new());
        }
        let Some(regex) = &rule.regex else {
            // Found in the first pass already.
            let of_file = (pass.depth == 0).then(|| Candidate::of_file(rule));
            return Ok(of_file.into_iter().collect());
        };
        let hits = regex.regex(pass.reading)?.find_iter(pass.text);
        hits.filter_map(|hit| self.candidate(rule, regex, pass, &hit.range()).transpose()).collect()
    }

    fn candidate(
        &self,
        rule: &Rule,
        regex: &Pattern,
        pass: &Pass,
        range: &Range<usize>,
    ) -> Result<Option<Candidate>, Error> {
        let Some(hit) = pass.hit(range) else { return Ok(None) };
        let secret = secret(rule, regex, pass, &hit.inner)?;
        let bits = entropy(&pass.text[secret.clone()]);
        if rule.entropy != 0.0 && bits <= rule.entropy {
            return Ok(None);
        }
        let subject =
            Subject { secret: &pass.text[secret.clone()], matched: &pass.text[hit.inner], lines: hit.lines };
        let allows = |allowlist: &Allowlist| allowlist.allows(pass.fragment.origin, &subject);
        if any(&self.allowlists, allows)? || any(&rule.allowlists, allows)? {
            return Ok(None);
        }
        let found = Match {
            rule: rule.id.clone(),
            range: hit.range,
            secret: pass.fragment.layers.original(pass.depth, &secret),
            place: hit.place,
            entropy: single(bits),
            tags: rule.tags.iter().cloned().chain(hit.tags).collect(),
        };
        Ok(Some(Candidate { found, depth: pass.depth, secret }))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "reports show entropy with that precision")]
fn single(bits: f64) -> f32 {
    bits as f32
}

impl Candidate {
    fn of_file(rule: &Rule) -> Self {
        let found = Match {
            rule: rule.id.clone(),
            range: 0..0,
            secret: 0..0,
            place: Place::default(),
            entropy: 0.0,
            tags: rule.tags.clone(),
        };
        Self { found, depth: 0, secret: 0..0 }
    }
}

impl<'f> Pass<'f, '_> {
    /// Where a match belongs; none if it was found in an earlier pass already, or a comment allows it.
    fn hit(&self, range: &Range<usize>) -> Option<Hit<'f>> {
        let fragment = self.fragment;
        let inner = trimmed(self.text, range);
        let layers = &fragment.layers;
        let segments = layers.touched(self.depth, range);
        if self.depth > 0 && segments.is_empty() {
            return None;
        }
        // Where gitleaks sees it: the line feeds at its ends are taken off its end.
        let counted = if self.depth == 0 {
            range.start..range.start + inner.len()
        } else {
            layers.original(self.depth, range)
        };
        let around = fragment.lines().around(&counted);
        if fragment.is_allowed_by_comment(&around) {
            return None;
        }
        let place = fragment.lines().place(&counted);
        Some(if self.depth == 0 {
            Hit { range: inner.clone(), inner, place, lines: &fragment.text[around], tags: Vec::new() }
        } else {
            let lines = &self.text[layers.around(self.depth, segments)];
            Hit { inner, range: counted, place, lines, tags: decode::tags(self.depth, segments).collect() }
        })
    }
}

/// A range without line feeds at its ends.
fn trimmed(text: &[u8], range: &Range<usize>) -> Range<usize> {
    let is_text = |byte: &u8| *byte != b'\n';
    let found = &text[range.clone()];
    let Some(start) = found.iter().position(is_text) else { return range.start..range.start };
    let end = found.iter().rposition(is_text).map_or(start, |last| last + 1);
    range.start + start..range.start + end
}

/// The secret within a match. As with gitleaks, the regex is asked again about the match alone, so that `\b` and `$`
/// hold at its ends; where it does not match then, all of it is the secret.
fn secret(rule: &Rule, regex: &Pattern, pass: &Pass, inner: &Range<usize>) -> Result<Range<usize>, Error> {
    if regex.groups() == 0 {
        return Ok(inner.clone());
    }
    let Some(groups) = regex.regex(pass.reading)?.captures(&pass.text[inner.clone()]) else {
        return Ok(inner.clone());
    };
    let group = if rule.secret_group > 0 {
        // A group that took no part is an empty secret.
        Some(groups.get(rule.secret_group).map_or(0..0, |group| group.range()))
    } else {
        groups.iter().skip(1).flatten().map(|group| group.range()).find(|range| !range.is_empty())
    };
    Ok(group.map_or_else(|| inner.clone(), |group| inner.start + group.start..inner.start + group.end))
}

/// Leaves out what a generic rule found where another rule says more of it.
fn without_generic(fragment: &Fragment, candidates: Vec<Candidate>) -> Vec<Match> {
    let text = |candidate: &Candidate| &fragment.layers.text(candidate.depth)[candidate.secret.clone()];
    let is_generic = |candidate: &Candidate| candidate.found.rule.to_lowercase().contains("generic");
    let (generic, specific): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_generic);
    let is_told = |candidate: &Candidate| {
        specific.iter().any(|other| {
            other.found.place.start_line == candidate.found.place.start_line
                && contains(text(other), text(candidate))
        })
    };
    let generic: Vec<_> = generic.into_iter().filter(|candidate| !is_told(candidate)).collect();
    generic.into_iter().chain(specific).map(|candidate| candidate.found).collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}
