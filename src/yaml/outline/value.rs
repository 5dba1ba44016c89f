//! Values in block style: from their first character to the line behind them.

use super::Shape;
use super::block::Reader;
use super::scalar::{Chomp, Style};

impl Reader<'_> {
    /// The value of a node from its first character on; where the next line begins. `indent` is the column of the
    /// collection that it is in: its lines stand further right.
    pub(super) fn value(&mut self, node: usize, at: usize, indent: isize) -> usize {
        let bare = self.properties(at);
        self.anchor(at, bare, Some(node));
        if self.is_end(bare) {
            // The value itself follows in the next lines.
            self.open(node);
            return self.line_end(bare);
        }
        let at = bare;
        let end = match self.bytes[at] {
            b'|' | b'>' => match self.block_scalar(node, at, indent) {
                Some(next) => return next,
                None => self.plain(node, at, indent),
            },
            b'"' | b'\'' => match self.quoted(at, false) {
                Some(end) if self.is_end(self.skip_spaces(end)) => {
                    let style = if self.bytes[at] == b'"' { Style::Double } else { Style::Single };
                    self.set(node, at..end, Shape::Scalar(style));
                    end
                }
                _ => self.plain(node, at, indent),
            },
            b'*' if self.word_end(at + 1) > at + 1 => {
                let end = self.word_end(at + 1);
                self.set(node, at + 1..end, Shape::Alias);
                end
            }
            b'[' | b'{' if !self.is_template(at) => match self.flow(node, at) {
                Some(end) if self.is_end(self.skip_spaces(end)) => end,
                _ => {
                    self.outline.nodes.truncate(node + 1);
                    for given in self.outline.anchors.values_mut() {
                        given.retain(|named| *named <= node);
                    }
                    self.doubt(at);
                    self.plain(node, at, indent)
                }
            },
            _ => self.plain(node, at, indent),
        };
        let rest = self.skip_spaces(end);
        if self.is_end(rest) { self.line_end(rest) } else { self.doubt(rest) }
    }

    /// A plain scalar with the lines that go on with it; where it ends.
    fn plain(&mut self, node: usize, at: usize, indent: isize) -> usize {
        let mut end = self.plain_line(at);
        // A comment ends it.
        while self.bytes.get(self.skip_spaces(end)) != Some(&b'#') {
            let Some(line) = self.continued(end, indent) else { break };
            end = self.plain_line(line);
        }
        self.set(node, at..end.max(at), Shape::Scalar(Style::Plain));
        end
    }

    /// The first character of the next line with text in it, if that goes on with a plain scalar.
    fn continued(&self, end: usize, indent: isize) -> Option<usize> {
        let mut line = self.line_end(end);
        loop {
            let at = self.skip_spaces(line);
            if at >= self.end {
                return None;
            }
            if self.is_line_end(at) {
                line = self.line_end(at);
                continue;
            }
            let column = isize::try_from(at - line).unwrap_or(isize::MAX);
            let is_other = column <= indent
                || self.bytes[at] == b'#'
                || self.is_template_line(at)
                || self.key(at).is_some()
                || column == 0 && self.outline.text[at..self.end].starts_with("...");
            return (!is_other).then_some(at);
        }
    }

    /// A block scalar from its header on; where the next line begins. `None` where the header is none.
    fn block_scalar(&mut self, node: usize, at: usize, indent: isize) -> Option<usize> {
        let header_end = self.bytes[at + 1..self.end]
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-'))
            .map_or(self.end, |length| at + 1 + length);
        if !self.is_end(self.skip_spaces(header_end)) || header_end - at > 3 {
            return None;
        }
        let header = &self.bytes[at + 1..header_end];
        let given = header.iter().find(|byte| byte.is_ascii_digit()).map(|byte| isize::from(byte - b'0'));
        let chomp = match header {
            _ if header.contains(&b'-') => Chomp::Strip,
            _ if header.contains(&b'+') => Chomp::Keep,
            _ => Chomp::Clip,
        };
        let start = self.line_end(header_end);
        let least = given.map(|given| indent.max(0) + given).or_else(|| self.first_indent(start));
        let least = least.filter(|least| *least > indent).unwrap_or(indent + 1).max(0);
        let end = self.block_end(start, least);
        let columns = u16::try_from(least).unwrap_or(u16::MAX);
        let style = if self.bytes[at] == b'|' {
            Style::Literal(columns, chomp)
        } else {
            Style::Folded(columns, chomp)
        };
        self.set(node, start..end, Shape::Scalar(style));
        Some(end)
    }

    /// The indentation of the first line with text in it.
    fn first_indent(&self, mut line: usize) -> Option<isize> {
        while line < self.end {
            let at = self.skip_blanks(line, b" ");
            if !self.is_line_end(at) {
                return isize::try_from(at - line).ok();
            }
            line = self.line_end(at);
        }
        None
    }

    /// Where the lines end that stand at least so far right, with the empty ones behind them.
    fn block_end(&self, mut line: usize, least: isize) -> usize {
        while line < self.end {
            let at = self.skip_blanks(line, b" ");
            let column = isize::try_from(at - line).unwrap_or(isize::MAX);
            if at >= self.end || column < least && !self.is_line_end(at) {
                return if at >= self.end { self.end } else { line };
            }
            line = self.line_end(at);
        }
        self.end
    }
}
