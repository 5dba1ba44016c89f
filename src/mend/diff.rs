//! What would change, line by line, with values masked.

use std::fmt::Write as _;
use std::ops::Range;

use super::Changed;
use crate::scan::DOTS;
use crate::scan::verdict::is_sealed;

/// Lines that are shown around a change.
const AROUND: usize = 3;
/// So many pairs of lines are compared at most; larger changes are shown as a whole.
const MOST: usize = 4_000_000;
/// So much of a sealed value is shown.
const HEAD: usize = 8;

/// A change in the form of a unified diff. Dots stand in the place of secrets; of sealed values the beginning is shown.
#[must_use]
pub fn diff(changed: &Changed) -> String {
    let path = changed.path.display();
    // Of a file that goes, all was secret.
    let Some(after) = &changed.after else { return format!("--- a/{path}\n+++ /dev/null\n") };
    let before = changed.before.as_deref().unwrap_or_default();
    let (old, new) = (Side::of(before, &changed.hidden), Side::of(after, &changed.left));
    let mut out = match changed.before {
        Some(_) => format!("--- a/{path}\n+++ b/{path}\n"),
        None => format!("--- /dev/null\n+++ b/{path}\n"),
    };
    for hunk in hunks(&steps(&old.lines, &new.lines)) {
        write_hunk(&mut out, &hunk, &old, &new);
    }
    out
}

/// The lines of a text, and how they are shown.
struct Side<'t> {
    lines: Vec<&'t str>,
    shown: Vec<String>,
}

impl<'t> Side<'t> {
    fn of(text: &'t str, hidden: &[Range<usize>]) -> Self {
        let (mut lines, mut shown, mut at) = (Vec::new(), Vec::new(), 0);
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches(['\n', '\r']);
            lines.push(bare);
            shown.push(shortened(&masked(bare, at, hidden)));
            at += line.len();
        }
        Self { lines, shown }
    }
}

/// A line with dots in the place of what is hidden of it. `at` is its first byte in the text.
fn masked(line: &str, at: usize, hidden: &[Range<usize>]) -> String {
    let (mut out, mut from) = (String::new(), 0);
    for range in hidden.iter().filter(|range| range.start < at + line.len() && at < range.end) {
        let (start, end) = (range.start.saturating_sub(at).max(from), (range.end - at).min(line.len()));
        if start >= end {
            continue;
        }
        let before = line.get(from..start).unwrap_or_default();
        out.push_str(before);
        // The indentation of a block of text is no part of the secret, though of its lines.
        let blank = line.get(start..end).unwrap_or_default();
        out.push_str(&blank[..blank.len() - blank.trim_start().len()]);
        if !blank.trim().is_empty() {
            out.push_str(DOTS);
        }
        from = end;
    }
    out.push_str(line.get(from..).unwrap_or_default());
    out
}

/// A line in which sealed values are cut.
fn shortened(line: &str) -> String {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "+/=".contains(letter);
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(is_letter) {
        let word = &rest[start..];
        let end = word.find(|letter| !is_letter(letter)).unwrap_or(word.len());
        out.push_str(&rest[..start]);
        let word = &word[..end];
        if is_sealed(word) {
            out.push_str(&word[..HEAD]);
            out.push('…');
        } else {
            out.push_str(word);
        }
        rest = &rest[start + end..];
    }
    out + rest
}

/// What happens to a line, by its number in the old and in the new text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Same(usize, usize),
    Gone(usize),
    Come(usize),
}

/// The way from the old lines to the new ones.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (rows, columns) = (old.len() - head - tail, new.len() - head - tail);
    let mut steps: Vec<Step> = (0..head).map(|line| Step::Same(line, line)).collect();
    if rows.saturating_mul(columns) > MOST {
        steps.extend((head..head + rows).map(Step::Gone));
        steps.extend((head..head + columns).map(Step::Come));
    } else {
        steps.extend(middle(&old[head..head + rows], &new[head..head + columns], head));
    }
    steps.extend((0..tail).map(|line| Step::Same(head + rows + line, head + columns + line)));
    steps
}

/// By the longest lines in common.
fn middle(old: &[&str], new: &[&str], head: usize) -> Vec<Step> {
    let width = new.len() + 1;
    let mut common = vec![0u32; (old.len() + 1) * width];
    for row in (0..old.len()).rev() {
        for column in (0..new.len()).rev() {
            common[row * width + column] = if old[row] == new[column] {
                common[(row + 1) * width + column + 1] + 1
            } else {
                common[(row + 1) * width + column].max(common[row * width + column + 1])
            };
        }
    }
    let (mut row, mut column, mut steps) = (0, 0, Vec::new());
    while row < old.len() || column < new.len() {
        let is_same = row < old.len() && column < new.len() && old[row] == new[column];
        let is_gone = column == new.len()
            || row < old.len() && common[(row + 1) * width + column] >= common[row * width + column + 1];
        let step = match (is_same, is_gone) {
            (true, _) => Step::Same(head + row, head + column),
            (false, true) => Step::Gone(head + row),
            (false, false) => Step::Come(head + column),
        };
        row += usize::from(!matches!(step, Step::Come(_)));
        column += usize::from(!matches!(step, Step::Gone(_)));
        steps.push(step);
    }
    steps
}

/// Changes with the lines around them.
fn hunks(steps: &[Step]) -> Vec<Vec<Step>> {
    let is_change = |step: &Step| !matches!(step, Step::Same(..));
    let mut hunks: Vec<Vec<Step>> = Vec::new();
    let mut end = 0;
    for (at, _) in steps.iter().enumerate().filter(|(_, step)| is_change(step)) {
        let start = at.saturating_sub(AROUND);
        let to = (at + AROUND + 1).min(steps.len());
        match hunks.last_mut() {
            Some(last) if start <= end => last.extend(&steps[end..to.max(end)]),
            _ => hunks.push(steps[start..to].to_vec()),
        }
        end = to.max(end);
    }
    hunks
}

fn write_hunk(out: &mut String, hunk: &[Step], old: &Side, new: &Side) {
    let olds = hunk.iter().filter_map(|step| match step {
        Step::Same(line, _) | Step::Gone(line) => Some(*line),
        Step::Come(_) => None,
    });
    let news = hunk.iter().filter_map(|step| match step {
        Step::Same(_, line) | Step::Come(line) => Some(*line),
        Step::Gone(_) => None,
    });
    // To a string nothing fails to be written.
    let _ = writeln!(out, "@@ -{} +{} @@", lines(olds), lines(news));
    for step in hunk {
        let (sign, line) = match step {
            Step::Same(line, _) => (' ', &old.shown[*line]),
            Step::Gone(line) => ('-', &old.shown[*line]),
            Step::Come(line) => ('+', &new.shown[*line]),
        };
        let _ = writeln!(out, "{sign}{line}");
    }
}

/// The first line from 1, and how many.
fn lines(numbers: impl Iterator<Item = usize>) -> String {
    let numbers: Vec<usize> = numbers.collect();
    let first = numbers.first().map_or(0, |first| first + 1);
    format!("{first},{}", numbers.len())
}
