//! A text and what is decoded in it, round by round, with the way back to places of the original.

use std::ops::Range;

use super::encoded::{Encoding, stretches};

/// Rounds of decoding: gitleaks' default for all its commands. Its configuration has no field for it.
const ROUNDS: usize = 5;

/// A text, and the same text after each round of decoding.
pub(super) struct Layers<'t> {
    original: &'t [u8],
    decoded: Vec<Layer>,
}

/// The text after one round.
struct Layer {
    text: Vec<u8>,
    segments: Vec<Segment>,
}

/// A stretch that one round decoded.
pub(super) struct Segment {
    /// Where it stood in the text before the round.
    encoded: Range<usize>,
    /// Where it stands after it.
    decoded: Range<usize>,
    /// Its encoding, and those of earlier rounds beneath it.
    encodings: Vec<Encoding>,
}

impl<'t> Layers<'t> {
    pub(super) fn new(original: &'t [u8]) -> Self {
        Self { original, decoded: Vec::new() }
    }

    /// How many rounds there were.
    pub(super) fn depth(&self) -> usize {
        self.decoded.len()
    }

    /// The text after a number of rounds.
    pub(super) fn text(&self, depth: usize) -> &[u8] {
        depth.checked_sub(1).map_or(self.original, |round| &self.decoded[round].text)
    }

    /// One more round. Says whether there was something to decode.
    pub(super) fn decode(&mut self) -> bool {
        let depth = self.depth();
        if depth == ROUNDS {
            return false;
        }
        let layer = self.next_layer(depth);
        let is_new = !layer.segments.is_empty();
        if is_new {
            self.decoded.push(layer);
        }
        is_new
    }

    fn next_layer(&self, depth: usize) -> Layer {
        let before = self.text(depth);
        let mut layer = Layer { text: Vec::with_capacity(before.len()), segments: Vec::new() };
        let mut copied = 0;
        for stretch in stretches(before) {
            let Some(plain) = stretch.encoding.decode(&before[stretch.range.clone()]) else { continue };
            layer.text.extend_from_slice(&before[copied..stretch.range.start]);
            copied = stretch.range.end;
            let start = layer.text.len();
            layer.text.extend(plain);
            layer.segments.push(Segment {
                decoded: start..layer.text.len(),
                encodings: self.encodings(depth, stretch.encoding, &stretch.range),
                encoded: stretch.range,
            });
        }
        layer.text.extend_from_slice(&before[copied..]);
        layer
    }

    fn encodings(&self, depth: usize, outer: Encoding, range: &Range<usize>) -> Vec<Encoding> {
        let mut encodings = vec![outer];
        encodings.extend(self.touched(depth, range).iter().flat_map(|segment| &segment.encodings));
        encodings.sort_unstable();
        encodings.dedup();
        encodings
    }

    fn segments(&self, depth: usize) -> &[Segment] {
        depth.checked_sub(1).map_or(&[], |round| &self.decoded[round].segments)
    }

    /// The segments of the last of `depth` rounds that a range of its text overlaps.
    pub(super) fn touched(&self, depth: usize, range: &Range<usize>) -> &[Segment] {
        let segments = self.segments(depth);
        let from = segments.partition_point(|segment| segment.decoded.end <= range.start);
        let to = segments.partition_point(|segment| segment.decoded.start < range.end);
        &segments[from..to.max(from)]
    }

    /// The range of the original that a range of a decoded text comes from. Encoded stretches are taken whole.
    pub(super) fn original(&self, depth: usize, range: &Range<usize>) -> Range<usize> {
        let rounds = (1..=depth).rev();
        rounds.fold(range.clone(), |range, depth| {
            let segments = self.segments(depth);
            start_before(segments, range.start)..end_before(segments, range.end)
        })
    }

    /// The lines of a decoded text around segments of it, from the line feed before them to the one after them.
    pub(super) fn around(&self, depth: usize, segments: &[Segment]) -> Range<usize> {
        let text = self.text(depth);
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            return 0..text.len();
        };
        let is_feed = |byte: &u8| *byte == b'\n';
        let start = text[..=first.decoded.start].iter().rposition(is_feed).unwrap_or(0);
        let end = text[last.decoded.end..].iter().position(is_feed);
        start..end.map_or(text.len(), |length| last.decoded.end + length)
    }
}

/// The tags of a finding in decoded text: `decoded:base64`, `decode-depth:1`.
pub(super) fn tags(depth: usize, segments: &[Segment]) -> impl Iterator<Item = String> {
    let mut encodings: Vec<_> =
        segments.iter().flat_map(|segment| segment.encodings.iter().copied()).collect();
    encodings.sort_unstable();
    encodings.dedup();
    let decoded = encodings.into_iter().map(|encoding| format!("decoded:{}", encoding.name()));
    decoded.chain([format!("decode-depth:{depth}")])
}

/// Where the first byte of a range stood before a round.
fn start_before(segments: &[Segment], start: usize) -> usize {
    let next = segments.partition_point(|segment| segment.decoded.end <= start);
    match segments.get(next) {
        Some(segment) if segment.decoded.start <= start => segment.encoded.start,
        _ => shifted(segments, next, start),
    }
}

/// Where a range ended before a round.
fn end_before(segments: &[Segment], end: usize) -> usize {
    let next = segments.partition_point(|segment| segment.decoded.end < end);
    match segments.get(next) {
        Some(segment) if segment.decoded.start < end => segment.encoded.end,
        _ => shifted(segments, next, end),
    }
}

/// A place outside of segments, moved by what those before it became shorter.
fn shifted(segments: &[Segment], next: usize, at: usize) -> usize {
    let before = next.checked_sub(1).map(|before| &segments[before]);
    before.map_or(at, |segment| segment.encoded.end + (at - segment.decoded.end))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::{Layers, tags};

    fn layers(text: &str) -> Layers<'_> {
        let mut layers = Layers::new(text.as_bytes());
        while layers.decode() {}
        layers
    }

    /// Where a text is found after the last round, and what stands there in the original.
    fn original<'t>(text: &'t str, plain: &str) -> &'t str {
        let layers = layers(text);
        let depth = layers.depth();
        let decoded = String::from_utf8(layers.text(depth).to_vec()).unwrap();
        let start = decoded.find(plain).unwrap_or_else(|| panic!("{decoded}"));
        &text[layers.original(depth, &(start..start + plain.len()))]
    }

    #[test]
    fn what_was_encoded_twice_is_found_where_it_stands() {
        let inner = BASE64_STANDARD.encode("password: hunter-22");
        let outer = BASE64_STANDARD.encode(format!("key: {inner}"));
        let text = format!("a: 1\nb: {outer}\nc: 2\n");
        assert_eq!(original(&text, "hunter-22"), outer);
        assert_eq!(original(&text, "c: 2"), "c: 2");
        assert_eq!(original(&text, "b: key"), format!("b: {outer}"));
        let layers = layers(&text);
        assert_eq!(layers.depth(), 2);
        let found: Vec<_> = tags(2, layers.segments(2)).collect();
        assert_eq!(found, ["decoded:base64", "decode-depth:2"]);
    }

    #[test]
    fn places_after_segments_move_by_what_those_became_shorter() {
        assert_eq!(original("a%20b%20c d%41 end", "end"), "end");
        assert_eq!(original(r"\u0070\u0061ss word", "pass"), r"\u0070\u0061ss");
    }

    #[test]
    fn there_are_five_rounds_at_most() {
        let text = (0..7).fold("password: hunter-22".to_owned(), |text, _| BASE64_STANDARD.encode(text));
        assert_eq!(layers(&text).depth(), 5);
    }
}
