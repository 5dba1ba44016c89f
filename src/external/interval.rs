//! Durations as Go writes them: an API server keeps what was written, a controller writes its own spelling.

use std::fmt;
use std::str::FromStr;

use super::Error;

/// How often an ExternalSecret is read again.
///
/// ```
/// use sealstrap::external::Interval;
///
/// assert_eq!("90m".parse::<Interval>()?.to_string(), "1h30m0s");
/// assert_eq!(Interval::default().to_string(), "1h0m0s");
/// # Ok::<(), sealstrap::external::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    nanoseconds: i128,
}

const SECOND: i128 = 1_000_000_000;
const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3_600 * SECOND),
];

impl Interval {
    /// So many whole seconds.
    #[must_use]
    pub fn of_seconds(seconds: u32) -> Self {
        Self { nanoseconds: i128::from(seconds) * SECOND }
    }

    /// Whether it is zero: read once, and never again.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.nanoseconds == 0
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.nanoseconds < 0
    }
}

impl Default for Interval {
    fn default() -> Self {
        Self::of_seconds(3_600)
    }
}

impl FromStr for Interval {
    type Err = Error;

    /// Reads what `time.ParseDuration` of Go reads.
    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            let (sign, mut rest) = match text.strip_prefix('-') {
                Some(rest) => (-1, rest),
                None => (1, text.strip_prefix('+').unwrap_or(text)),
            };
            if rest == "0" {
                return Some(0);
            }
            let mut all = None;
            while !rest.is_empty() {
                let (part, behind) = part(rest)?;
                all = Some(all.unwrap_or(0) + part);
                rest = behind;
            }
            all.map(|all| all * sign).filter(|all| i64::try_from(*all).is_ok())
        };
        read().map(|nanoseconds| Self { nanoseconds }).ok_or_else(|| Error::Interval(text.to_owned()))
    }
}

/// The nanoseconds of one number with its unit, and what is behind it.
fn part(text: &str) -> Option<(i128, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, rest) = text.split_at(end);
    let unit_end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') || number.len() > 19 {
        return None;
    }
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i128>().ok() };
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    Some((digits(whole)? * size + digits(fraction)? * size / scale, rest))
}

impl fmt::Display for Interval {
    /// As `time.Duration.String` of Go for whole seconds; parts of a second keep their digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.nanoseconds.unsigned_abs();
        let second = SECOND.unsigned_abs();
        if self.nanoseconds < 0 {
            f.write_str("-")?;
        }
        if all != 0 && all < second {
            let (unit, size) = [("ms", 1_000_000), ("µs", 1_000), ("ns", 1)]
                .into_iter()
                .find(|(_, size)| all >= *size)
                .unwrap_or(("ns", 1));
            return write!(f, "{}{unit}", decimal(all, size));
        }
        let (minutes, rest) = (all / (60 * second), all % (60 * second));
        if minutes >= 60 {
            write!(f, "{}h", minutes / 60)?;
        }
        if minutes > 0 {
            write!(f, "{}m", minutes % 60)?;
        }
        write!(f, "{}s", decimal(rest, second))
    }
}

/// A number of units without zeros at its end.
fn decimal(all: u128, size: u128) -> String {
    let digits = size.ilog10() as usize;
    let text = format!("{}.{:0digits$}", all / size, all % size);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::Interval;

    #[test]
    fn spellings_are_those_of_go() {
        let rows = [
            ("1h", "1h0m0s"),
            ("1h0m0s", "1h0m0s"),
            ("60m", "1h0m0s"),
            ("15m", "15m0s"),
            ("30s", "30s"),
            ("0", "0s"),
            ("0s", "0s"),
            ("1.5h", "1h30m0s"),
            ("1h15m30.918s", "1h15m30.918s"),
            ("100ms", "100ms"),
            ("1.5ms", "1.5ms"),
            ("24h", "24h0m0s"),
            ("-5m", "-5m0s"),
            (".5s", "500ms"),
        ];
        for (text, written) in rows {
            assert_eq!(text.parse::<Interval>().unwrap().to_string(), written, "{text}");
        }
        for text in ["", "1", "1d", "h", "1h ", " 1h", "1hour", "5", "-", ".", ".s", "1..2s", "99999999999h"]
        {
            assert!(text.parse::<Interval>().is_err(), "{text}");
        }
    }
}
