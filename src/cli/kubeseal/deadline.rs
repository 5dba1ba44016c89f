//! `--request-timeout`, as kubectl reads it.

use std::time::Duration;

use super::{Failure, Job};

/// What no deadline becomes: kubeseal waits for ever; here that is long, but not for ever.
const LONG: Duration = Duration::from_secs(120);
/// Seconds that a duration of Go can hold.
const MOST: f64 = 9_223_372_036.0;

impl Job<'_> {
    /// The deadline of one request.
    pub(super) fn deadline(&self) -> Result<Duration, Failure> {
        read(self.flags.cluster.request_timeout.as_deref().unwrap_or_default())
    }
}

/// Seconds, or a duration of Go. One that is empty, 0 or negative is none.
fn read(text: &str) -> Result<Duration, Failure> {
    let bare = text.strip_prefix('+').unwrap_or(text);
    let length = match text.parse::<u64>() {
        _ if text.is_empty() => return Ok(LONG),
        Ok(seconds) => Duration::from_secs(seconds.min(u32::MAX.into())),
        Err(_) if text.starts_with('-') => of_go(&text[1..]).map(|_| Duration::ZERO).ok_or_else(odd)?,
        Err(_) => of_go(bare).ok_or_else(odd)?,
    };
    Ok(if length.is_zero() { LONG } else { length })
}

/// A duration as Go writes one, without its sign: `1m30s`, `1.5s`.
fn of_go(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut sum = 0.0;
    loop {
        let (number, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let (unit, behind) = behind.split_at(behind.find(is_of_number).unwrap_or(behind.len()));
        // It takes `1.s` and `.5s`, as Go does.
        let digits = number.bytes().any(|byte| byte.is_ascii_digit());
        let number: f64 = digits.then(|| number.parse().ok()).flatten()?;
        sum += number * seconds_of(unit)?;
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    (sum <= MOST).then(|| Duration::try_from_secs_f64(sum).ok()).flatten()
}

fn is_of_number(letter: char) -> bool {
    letter.is_ascii_digit() || letter == '.'
}

fn seconds_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-9,
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    })
}

fn odd() -> Failure {
    Failure::new(
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a \
         corresponding time unit (e.g. 1s | 2m | 3h)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_are_read_as_kubectl_reads_them() {
        for (text, millis) in [
            ("5", 5000),
            ("+5", 5000),
            ("5s", 5000),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("250ms", 250),
            ("1.5s", 1500),
            (".5s", 500),
            ("1.s", 1000),
            ("1m30s", 90_000),
            ("1h30m10ms", 5_400_010),
            ("5000µs", 5),
        ] {
            assert_eq!(read(text).unwrap(), Duration::from_millis(millis), "{text}");
        }
    }

    #[test]
    fn no_deadline_is_a_long_one() {
        for text in ["", "0", "0s", "-5s", "0h0m"] {
            assert_eq!(read(text).unwrap(), LONG, "{text}");
        }
    }

    #[test]
    fn what_go_does_not_take_is_refused() {
        for odd in [
            "x",
            "5x",
            "-1",
            "-",
            "+",
            "++5",
            "5 s",
            "1.",
            "1.5",
            ".s",
            "1.2.3s",
            "PT5S",
            "5sec",
            "99999999999h",
        ] {
            assert!(read(odd).is_err(), "{odd}");
        }
    }
}
