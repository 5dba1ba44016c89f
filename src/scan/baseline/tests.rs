use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};

use super::{Baseline, Found, Renewal, Standing, Words};
use crate::scan::fingerprint::tests::key;
use crate::scan::{Finding, Policy, scan};

const DB: &str = "DB_PASSWORD=postgres\n";
const TODAY: Date = date(2026, 11, 26);

/// Files and what is found in them.
fn all(files: &[(&str, &str)]) -> Vec<(PathBuf, Finding)> {
    let findings = |(path, text): &(&str, &str)| {
        let path = PathBuf::from(path);
        let scanned = scan(&Policy::default(), &path.to_string_lossy(), text.as_bytes());
        scanned.findings.into_iter().map(move |finding| (path.clone(), finding)).collect::<Vec<_>>()
    };
    files.iter().flat_map(findings).collect()
}

fn found(all: &[(PathBuf, Finding)]) -> Vec<Found<'_>> {
    all.iter().map(|(path, finding)| Found { path: path.clone(), finding }).collect()
}

/// Where all was looked at, or not.
fn looked(all: bool) -> Renewal<'static> {
    Renewal { all, archives: false, is_free: &|_| true, today: TODAY }
}

fn baseline(files: &[(&str, &str)], words: &Words) -> Baseline {
    Baseline::default().renewed(&key(), &found(&all(files)), words, looked(true))
}

fn standings(baseline: &Baseline, files: &[(&str, &str)]) -> Vec<Standing> {
    baseline.standings(&key(), &found(&all(files)), &|_| true, TODAY)
}

fn read(text: &str) -> Result<Baseline, String> {
    Baseline::read(Path::new("known"), text).map_err(|error| error.to_string())
}

#[test]
fn what_is_known_stays_so_when_it_moves_and_is_new_when_it_changes() {
    let known = baseline(&[("a.env", DB)], &Words::default());
    assert_eq!(standings(&known, &[("a.env", DB)]), [Standing::Known]);
    assert_eq!(standings(&known, &[("a.env", &format!("# more\n\n{DB}"))]), [Standing::Known]);
    assert_eq!(standings(&known, &[("b/c.env", DB)]), [Standing::Known], "moved");
    assert_eq!(standings(&known, &[("a.env", "DB_PASSWORD=mysql\n")]), [Standing::New], "edited");
}

#[test]
fn a_copy_of_what_is_known_is_new() {
    let known = baseline(&[("a.env", DB)], &Words::default());
    let both = [("Z.env", DB), ("a.env", DB)];
    assert_eq!(standings(&known, &both), [Standing::New, Standing::Known]);
}

#[test]
fn where_not_all_is_looked_at_an_entry_moves_only_from_a_file_that_is_gone() {
    let known = baseline(&[("a.env", DB)], &Words::default());
    let all = all(&[("b.env", DB)]);
    let standing = |is_free: bool| known.standings(&key(), &found(&all), &|_| is_free, TODAY);
    assert_eq!((standing(true), standing(false)), (vec![Standing::Known], vec![Standing::New]));
}

#[test]
fn an_entry_that_is_over_is_renewed_with_new_words() {
    let words = |until, reason: &str| Words { until, reason: Some(reason.into()), ..Words::default() };
    let over = baseline(&[("a.env", DB)], &words(Some(date(2026, 11, 25)), "old"));
    let again = all(&[("a.env", DB)]);
    let renewed = over.renewed(&key(), &found(&again), &words(None, "new"), looked(true));
    assert!(renewed.to_string().ends_with(" variable a.env # new\n"), "{renewed}");
    let good = baseline(&[("a.env", DB)], &words(None, "old"));
    let renewed = good.renewed(&key(), &found(&again), &words(None, "new"), looked(true));
    assert!(renewed.to_string().ends_with(" # old\n"), "{renewed}");
}

#[test]
fn an_entry_ends_with_its_day() {
    let until = |day| baseline(&[("a.env", DB)], &Words { until: Some(day), ..Words::default() });
    assert_eq!(standings(&until(TODAY), &[("a.env", DB)]), [Standing::Known]);
    let past = date(2026, 11, 25);
    assert_eq!(standings(&until(past), &[("a.env", DB)]), [Standing::Ended(past)]);
}

#[test]
fn it_is_read_as_it_is_written() {
    let words = Words { until: Some(TODAY), reason: Some("of the\ntests".into()), history: false };
    let text = baseline(&[("my tests/a.env", DB)], &words).to_string();
    let line = text.lines().last().unwrap();
    assert!(line.ends_with(" variable until 2026-11-26 my tests/a.env # of the tests"), "{text}");
    assert!(!text.contains("postgres"));
    assert_eq!(read(&text).unwrap().to_string(), text);
}

#[test]
fn lines_of_two_branches_are_read_together() {
    let mine = baseline(&[("a.env", DB)], &Words::default());
    let theirs = baseline(&[("b.env", "API_PASSWORD=hunter2\n")], &Words::default());
    let merged = read(&format!("{theirs}{mine}")).unwrap();
    let both = [("a.env", DB), ("b.env", "API_PASSWORD=hunter2\n")];
    assert_eq!(standings(&merged, &both), [Standing::Known; 2]);
    let again = merged.renewed(&key(), &found(&all(&both)), &Words::default(), looked(true)).to_string();
    assert_eq!(again, baseline(&both, &Words::default()).to_string());
}

#[test]
fn stale_entries_are_named_and_go() {
    let words = Words { reason: Some("why".into()), ..Words::default() };
    let known = baseline(&[("a.env", DB), ("b.env", "API_PASSWORD=hunter2\n")], &words);
    let left = all(&[("b.env", "API_PASSWORD=hunter2\n")]);
    assert_eq!(known.stale(&key(), &found(&left), false), ["`variable` in a.env (why)"]);
    let lines = |baseline: &Baseline| baseline.to_string().lines().count();
    assert_eq!(lines(&known.renewed(&key(), &found(&left), &Words::default(), looked(false))), lines(&known));
    let renewed = known.renewed(&key(), &found(&left), &Words::default(), looked(true));
    assert_eq!(lines(&renewed), lines(&known) - 1);
    assert!(renewed.to_string().ends_with(" b.env # why\n"), "{renewed}");
}

#[test]
fn what_is_in_an_archive_is_not_gone_while_that_is_closed() {
    let known =
        baseline(&[("charts/wiki.tgz!wiki/values.yaml", "password: tr0ub4dor-Kx9v\n")], &Words::default());
    assert!(!known.is_empty());
    assert_eq!(known.stale(&key(), &[], false), [""; 0]);
    assert_eq!(known.stale(&key(), &[], true).len(), 1);
    assert!(!known.renewed(&key(), &[], &Words::default(), looked(true)).is_empty());
    let opened = Renewal { archives: true, ..looked(true) };
    assert!(known.renewed(&key(), &[], &Words::default(), opened).is_empty());
}

#[test]
fn what_is_known_of_the_history_need_not_be_in_the_tree() {
    let words = Words { history: true, ..Words::default() };
    let known = baseline(&[("a.env", DB)], &words);
    assert!(known.stale(&key(), &[], true).is_empty());
    assert!(!known.renewed(&key(), &[], &Words::default(), looked(true)).is_empty());
    assert!(known.renewed(&key(), &[], &words, looked(true)).is_empty());
}

#[test]
fn placeholders_are_not_kept() {
    assert!(baseline(&[("a.env", "API_PASSWORD=changeme\n")], &Words::default()).is_empty());
}

#[test]
fn a_line_that_is_none_is_told_with_its_place() {
    let digits = "0".repeat(32);
    for (line, complaint) in [
        ("nonsense", "known:2: an entry begins with the 32 hexadecimal digits of a fingerprint"),
        (
            &format!("{digits} field until tomorrow a"),
            "known:2: `tomorrow` is no day: write it as `2027-01-31`",
        ),
        (
            &format!("{digits} field"),
            "known:2: an entry is `FINGERPRINT RULE [history] [until DATE] PATH [# REASON]`",
        ),
    ] {
        assert_eq!(read(&format!("# a\n{line}\n")).unwrap_err(), complaint);
    }
}

#[test]
fn another_key_is_told() {
    let other = crate::scan::FingerprintKey::of(&crate::plain::Plain::from("1".repeat(32))).unwrap();
    let known = baseline(&[("a.env", DB)], &Words::default());
    assert!(known.check(Path::new("known"), &key()).is_ok());
    let error = known.check(Path::new("known"), &other).unwrap_err();
    assert!(error.to_string().starts_with("known was made with the key `"), "{error}");
}
