//! The XML of `JUnit`: a test case fails for each file with secrets, so that CI servers list the files. Placeholders
//! fail nothing; they are in the suite's output.

use super::markup::escaped;
use super::{by_file, covered, level, numbers, outcome, sentence};
use crate::report::{Coverage, Leak, Severity};

/// One suite.
pub(super) fn write(leaks: &[Leak], seen: &Coverage) -> String {
    let (notes, bad): (Vec<&Leak>, Vec<&Leak>) =
        leaks.iter().partition(|leak| leak.severity == Severity::Note);
    let mut cases: Vec<String> =
        by_file(bad).into_iter().map(|(file, leaks)| of_file(&escaped(file), &leaks)).collect();
    let failures = cases.len();
    let gaps = seen.gaps().join(", ");
    if failures == 0 || !gaps.is_empty() {
        cases.push(of_all(seen, &gaps));
    }
    let (errors, skipped) = (usize::from(!gaps.is_empty()), usize::from(gaps.is_empty() && seen.files == 0));
    let counts = format!(r#"tests="{}" failures="{failures}" errors="{errors}" time="0""#, cases.len());
    let mut output: Vec<String> =
        notes.iter().map(|leak| format!("{}:{}", escaped(&leak.file), entry(leak))).collect();
    output.push(escaped(&format!("{}: {}", covered(seen), outcome(leaks, seen))));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sealstrap" {counts}>
<testsuite name="sealstrap scan" {counts} skipped="{skipped}">
{}<system-out>{}</system-out>
</testsuite>
</testsuites>
"#,
        cases.concat(),
        output.join("\n")
    )
}

/// The case of the scan as a whole: in error where there are gaps, which may hold secrets, and skipped where there was
/// nothing to read.
fn of_all(seen: &Coverage, gaps: &str) -> String {
    let result = if !gaps.is_empty() {
        format!(r#"<error message="{gaps}" type="unread"/>"#)
    } else if seen.files == 0 {
        r#"<skipped message="nothing scanned"/>"#.to_owned()
    } else {
        String::new()
    };
    format!("<testcase name=\"scan\" classname=\"sealstrap.scan\" time=\"0\">{result}</testcase>\n")
}

/// The case of a file. All leaks are in one failure: several in one case are more than most readers take.
fn of_file(name: &str, leaks: &[&Leak]) -> String {
    let worst = leaks.iter().map(|leak| leak.severity).max().unwrap_or(Severity::Error);
    let entries: Vec<String> = leaks.iter().map(|leak| entry(leak)).collect();
    format!(
        r#"<testcase name="{name}" classname="sealstrap.scan" time="0"><failure message="{}" type="{}">
{}
</failure></testcase>
"#,
        numbers(leaks.iter().copied()),
        level(worst),
        entries.join("\n")
    )
}

/// A leak without its file, in lines as people read them.
fn entry(leak: &Leak) -> String {
    let Leak { line, column, severity, rule, source, hint, .. } = leak;
    let mut lines = vec![format!("{line}:{column} {}: {} [{rule}]", level(*severity), sentence(leak))];
    lines.extend(
        Some(source.trim()).filter(|source| !source.is_empty()).map(|source| format!("    {source}")),
    );
    lines.extend(hint.iter().map(|hint| format!("    hint: {hint}")));
    lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{leaks, seen};
    use super::*;

    #[test]
    fn files_with_secrets_fail_and_placeholders_are_output() {
        let counts = r#"tests="3" failures="2" errors="1" time="0""#;
        let path = "apps/&quot;&lt;b&gt;&amp;&#39;100%&#10;::é,ß.yaml";
        let expected = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sealstrap" {counts}>
<testsuite name="sealstrap scan" {counts} skipped="0">
<testcase name="{path}" classname="sealstrap.scan" time="0"><failure message="1 error" type="error">
7:13 error: Secret shop/db: `data.&lt;p&gt;` is in clear [secret-data]
    &lt;p&gt;: •••••••• # ]]&gt; {fffd}
    hint: seal it: `sealstrap seal --in-place a&amp;b`, and change the secret
</failure></testcase>
<testcase name="values.yaml" classname="sealstrap.scan" time="0"><failure message="1 warning" type="warning">
3:8 warning: this is a private key, since 0123456789 until fedcba9876 [private-key]
    key: ••••••••
</failure></testcase>
<testcase name="scan" classname="sealstrap.scan" time="0"><error message="2 files not read" type="unread"/></testcase>
<system-out>values.yaml:9:11 note: `password` holds a placeholder [helm-values]
    password: ••••••••
3 files, 5 documents, 12 values, 1 line not understood, 2 files not read, 4 findings allowed: 1 error, 1 warning, 1 note</system-out>
</testsuite>
</testsuites>
"#,
            fffd = '\u{fffd}'
        );
        assert_eq!(write(&leaks(), &seen()), expected);
    }

    #[test]
    fn nothing_found_passes_and_nothing_scanned_does_not() {
        let passed = write(&leaks()[2..], &Coverage { skipped: 0, ..seen() });
        assert!(passed.contains(r#"tests="1" failures="0" errors="0" time="0" skipped="0">"#));
        assert!(passed.contains(r#"<testcase name="scan" classname="sealstrap.scan" time="0"></testcase>"#));
        let nothing = write(&[], &Coverage::default());
        assert!(nothing.contains(r#"tests="1" failures="0" errors="0" time="0" skipped="1">"#));
        assert!(nothing.contains(r#"<skipped message="nothing scanned"/>"#));
        let unread = write(&[], &Coverage { skipped: 1, ..Coverage::default() });
        assert!(unread.contains(r#"tests="1" failures="0" errors="1" time="0" skipped="0">"#));
    }
}
