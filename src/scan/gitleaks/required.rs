//! Rules that find something only where other rules do too.

use super::config::Config;
use super::engine::Candidate;
use super::error::Error;
use super::fragment::Pass;
use super::lines::Place;
use super::rule::{Required, Rule};

impl Config {
    /// Those of a rule's candidates that have what it requires near them.
    pub(super) fn with_required(
        &self,
        rule: &Rule,
        pass: &Pass,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Candidate>, Error> {
        // A rule of a path alone requires nothing, whatever it says.
        if candidates.is_empty() || rule.required.is_empty() || rule.regex.is_none() {
            return Ok(candidates);
        }
        let mut others = Vec::new();
        for required in &rule.required {
            // A rule that is disabled finds nothing; keywords do not matter, and what it requires itself neither.
            let found = self.rule(&required.id).map(|other| self.candidates(other, pass)).transpose()?;
            others.push((required, found.unwrap_or_default()));
        }
        let has_all = |candidate: &Candidate| {
            rule.required.iter().all(|required| {
                let same = others.iter().filter(|(other, _)| other.id == required.id);
                same.flat_map(|(other, found)| found.iter().map(move |found| (other, found)))
                    .any(|(other, found)| other.is_near(candidate.found.place, found.found.place))
            })
        };
        Ok(candidates.into_iter().filter(has_all).collect())
    }
}

impl Required {
    fn is_near(&self, one: Place, other: Place) -> bool {
        let within = |bound: Option<i64>, distance: usize| {
            bound.is_none_or(|bound| usize::try_from(bound).is_ok_and(|bound| distance <= bound))
        };
        within(self.within_lines, one.start_line.abs_diff(other.start_line))
            && within(self.within_columns, one.start_column.abs_diff(other.start_column))
    }
}
