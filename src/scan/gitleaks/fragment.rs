//! A text that is scanned, with what is found out about it once and not for each rule.

use std::cell::OnceCell;
use std::ops::Range;

use super::allowlist::Origin;
use super::decode::Layers;
use super::ignore::AllowComments;
use super::lines::Lines;
use super::pattern::Reading;

/// A text, its layers and its lines.
pub(super) struct Fragment<'t> {
    pub(super) origin: Origin<'t>,
    pub(super) text: &'t [u8],
    pub(super) layers: Layers<'t>,
    lines: OnceCell<Lines>,
    comments: OnceCell<AllowComments>,
}

/// One layer of a fragment, while rules run over it.
pub(super) struct Pass<'f, 't> {
    pub(super) fragment: &'f Fragment<'t>,
    /// How often its text was decoded.
    pub(super) depth: usize,
    pub(super) text: &'f [u8],
    pub(super) reading: Reading,
}

impl<'t> Fragment<'t> {
    pub(super) fn new(origin: Origin<'t>, text: &'t [u8]) -> Self {
        Self { origin, text, layers: Layers::new(text), lines: OnceCell::new(), comments: OnceCell::new() }
    }

    pub(super) fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(self.text))
    }

    pub(super) fn is_allowed_by_comment(&self, lines: &Range<usize>) -> bool {
        self.comments.get_or_init(|| AllowComments::find(self.text)).any_in(lines)
    }

    /// The last layer.
    pub(super) fn pass(&self) -> Pass<'_, 't> {
        let depth = self.layers.depth();
        let text = self.layers.text(depth);
        Pass { fragment: self, depth, text, reading: Reading::of(text) }
    }
}
