//! Whether the pinned certificate is still the one to seal with.

use jiff::Timestamp;

use super::read;
use crate::bootstrap::Finding;
use crate::cli::sealing::recipient::{Known, Sealing};
use crate::error::{Error, Exit};
use crate::seal::Certificate;

pub(super) fn check(sealing: &Sealing<'_>, known: &Known) -> Result<Exit, Error> {
    let (pem, from) = sealing.pem(known)?;
    let pinned = read(&pem, &known.which(&from))?;
    known.check_fingerprint(&pinned, &from)?;
    // An ended one needs no cluster to be known as such.
    if let Err(ended) = pinned.check(Timestamp::now()) {
        let detail = format!("{from}: {ended}");
        return Ok(sealing.caller.found(vec![finding(known, Some(detail))]));
    }
    let served = read(&sealing.served(known)?, &known.which("what its controller serves"))?;
    let wrong = compare(&pinned, &served).map(|what| format!("{from} {what}"));
    Ok(sealing.caller.found(vec![finding(known, wrong)]))
}

fn finding(known: &Known, wrong: Option<String>) -> Finding {
    let sound = wrong.is_none();
    Finding {
        check: format!("certificate of {}", known.whom()),
        sound,
        detail: wrong.unwrap_or_else(|| "it is the one that the controller serves".into()),
        hint: (!sound).then(|| "pin what the controller serves with `sealstrap cert pin --replace`, once you know that it is the right controller".into()),
    }
}

/// What the pinned certificate is, where it is not the served one. A controller serves its newest only, so whether it
/// holds the key of another one cannot be seen from here.
fn compare(pinned: &Certificate, served: &Certificate) -> Option<String> {
    if pinned.recipient.fingerprint() == served.recipient.fingerprint() {
        return None;
    }
    let day =
        |time: Option<Timestamp>| time.map_or("a day unknown".into(), |time| time.strftime("%F").to_string());
    let (from, since) = (day(pinned.not_before), day(served.not_before));
    Some(if served.not_before > pinned.not_before {
        format!("of {from} was superseded: the controller serves one of {since}, SHA-256 {}", served.sha256)
    } else {
        format!(
            "of {from} is another cluster's: the controller serves an older one, of {since}, SHA-256 {}",
            served.sha256
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_one_supersedes_and_an_older_one_is_another_clusters() {
        let own = Certificate::from_pem(include_bytes!("../../../tests/seal/certificate.pem")).unwrap();
        let mut other = Certificate::from_pem(include_bytes!("../../../tests/seal/4096.pem")).unwrap();
        assert_eq!(compare(&own, &own), None);
        other.not_before = own.not_before.map(|time| time + jiff::SignedDuration::from_hours(24));
        assert!(compare(&own, &other).unwrap().contains("was superseded"));
        assert!(compare(&other, &own).unwrap().contains("is another cluster's"));
    }
}
