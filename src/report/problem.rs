//! An error as it is told: the complaint, why, and what helps, apart from each other.

use schemars::JsonSchema;
use serde::Serialize;

use super::words::{BAD, FAINT, GOOD, calm, styled};

/// An error taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The complaint, to be read after "error:".
    pub error: String,
    /// Lines of a file of ours, with a caret under the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
    /// Why, from the nearest cause to the farthest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The single problems, where this one stands for several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Problem>,
}

impl Problem {
    /// A complaint and its causes, as the standard library chains them.
    #[must_use]
    pub fn of(error: &dyn std::error::Error) -> Self {
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        Self {
            error: error.to_string(),
            causes: causes.map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    /// The same under another complaint.
    #[must_use]
    pub fn under(mut self, error: String) -> Self {
        self.causes.insert(0, std::mem::replace(&mut self.error, error));
        self
    }

    /// The lines for people: `error:`, the snippet, `cause:`, `hint:`, then the parts by number.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = labelled(&styled(BAD, "error"), "error", &self.error);
        lines.extend(self.rest());
        lines
    }

    fn rest(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.snippet.iter().flat_map(|text| text.lines()).map(|line| calm(line).into_owned()));
        for cause in &self.causes {
            lines.extend(labelled(&styled(FAINT, "cause"), "cause", cause));
        }
        for (number, part) in (1..).zip(&self.parts) {
            lines.extend(part.numbered(number));
        }
        if let Some(hint) = &self.hint {
            lines.extend(labelled(&styled(GOOD, "hint"), "hint", hint));
        }
        lines
    }

    fn numbered(&self, number: usize) -> Vec<String> {
        let mut complaint = self.error.lines().map(|line| calm(line).into_owned());
        let head = format!("{number:>3}. {}", complaint.next().unwrap_or_default());
        let rest = complaint.chain(self.rest()).map(|line| format!("     {line}"));
        std::iter::once(head).chain(rest).collect()
    }
}

/// `label: text`, with further lines of the text below its first.
fn labelled(label: &str, bare: &str, text: &str) -> Vec<String> {
    let text = calm(text);
    let mut lines = text.lines();
    let head = format!("{label}: {}", lines.next().unwrap_or_default());
    let indent = " ".repeat(bare.len() + 2);
    std::iter::once(head).chain(lines.map(|line| format!("{indent}{line}"))).collect()
}
