//! A page for people: one file that loads nothing and runs no script. Without `:has()` in the browser its filter shows
//! everything.

use super::markup::escaped;
use super::{by_file, level, numbers, outcome, short, subject};
use crate::report::{Commit, Coverage, Leak};

const STYLE: &str = include_str!("html/style.css");

/// The page.
pub(super) fn write(leaks: &[Leak], seen: &Coverage) -> String {
    let class = match leaks.iter().map(|leak| leak.severity).max() {
        // What was not looked at is not clean.
        None if seen.files == 0 || !seen.gaps().is_empty() => "none",
        None => "clean",
        Some(worst) => level(worst),
    };
    let outcome = outcome(leaks, seen);
    let files: Vec<String> = by_file(leaks).into_iter().map(|(file, leaks)| section(file, &leaks)).collect();
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>sealstrap scan: {outcome}</title>
<style>
{STYLE}</style>
</head>
<body>
<header>
<h1>Secrets in clear</h1>
<p class="outcome {class}">{outcome}</p>
{}{}</header>
<main>
{}</main>
</body>
</html>
"#,
        coverage(seen),
        if leaks.is_empty() { "" } else { FILTER },
        files.concat()
    )
}

const FILTER: &str = r#"<fieldset class="filter">
<legend>Show</legend>
<label><input type="radio" name="from" id="from-note" checked> all</label>
<label><input type="radio" name="from" id="from-warning"> errors and warnings</label>
<label><input type="radio" name="from" id="from-error"> errors</label>
</fieldset>
"#;

fn coverage(seen: &Coverage) -> String {
    let Coverage { files, documents, values, doubts, binary, skipped, missing, allowed, .. } = *seen;
    let mut rows = match seen.commits {
        Some(commits) => vec![
            ("Commits", commits),
            ("Contents of files", files),
            ("Contents missing from this clone", missing),
        ],
        None => vec![("Files", files), ("Documents", documents), ("Values judged", values)],
    };
    rows.extend([
        ("Lines not understood", doubts),
        ("Binary files passed over", binary),
        ("Files not read", skipped),
        ("Findings allowed", allowed),
    ]);
    let row = |(name, number)| format!("<tr><th scope=\"row\">{name}</th><td>{number}</td></tr>\n");
    let rows: Vec<String> = rows.into_iter().map(row).collect();
    format!(
        r#"<section class="coverage">
<h2>Coverage</h2>
<table>
<caption>What was scanned</caption>
<tbody>
{}</tbody>
</table>
</section>
"#,
        rows.concat()
    )
}

fn section(file: &str, leaks: &[&Leak]) -> String {
    let rows: Vec<String> = leaks.iter().map(|leak| row(leak)).collect();
    format!(
        r#"<section class="file">
<h2>{}</h2>
<table>
<caption>{}</caption>
<thead><tr><th scope="col">Place</th><th scope="col">Severity</th><th scope="col">Finding</th></tr></thead>
<tbody>
{}</tbody>
</table>
</section>
"#,
        escaped(file),
        numbers(leaks.iter().copied()),
        rows.concat()
    )
}

fn row(leak: &Leak) -> String {
    let Leak { rule, severity, line, column, source, hint, commit, until, .. } = leak;
    let level = level(*severity);
    let mut told =
        vec![format!("<p>{} <code class=\"rule\">{}</code></p>", ticked(&subject(leak)), escaped(rule))];
    if !source.trim().is_empty() {
        told.push(format!("<pre>{}</pre>", escaped(source.trim())));
    }
    told.extend(hint.iter().map(|hint| format!("<p class=\"hint\">Hint: {}</p>", ticked(hint))));
    told.extend(commit.iter().map(|first| span(first, until.as_ref())));
    format!(
        "<tr class=\"{level}\"><th scope=\"row\">{line}:{column}</th><td><strong>{level}</strong></td>\n<td>{}</td></tr>\n",
        told.concat()
    )
}

/// Since when a secret is in a history, and until when.
fn span(first: &Commit, last: Option<&Commit>) -> String {
    let told = |commit: &Commit| {
        let (id, author, date) = (escaped(short(commit)), escaped(&commit.author), escaped(&commit.date));
        format!("<code>{id}</code> ({date}, {author})")
    };
    let until = last.map_or_else(|| "and still there".to_owned(), |last| format!("until {}", told(last)));
    format!("<p class=\"commit\">In clear since {}, {until}</p>", told(first))
}

/// The text, with what stands between backticks as code.
fn ticked(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let is_code = |index: usize| index % 2 == 1;
    let shown = parts.iter().enumerate().map(|(index, part)| {
        if is_code(index) { format!("<code>{}</code>", escaped(part)) } else { escaped(part) }
    });
    shown.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{leaks, seen};
    use super::*;

    #[test]
    fn all_that_comes_from_files_is_escaped() {
        let page = write(&leaks(), &seen());
        let row = "<tr class=\"error\"><th scope=\"row\">7:13</th><td><strong>error</strong></td>\n\
                   <td><p>Secret shop/db: <code>data.&lt;p&gt;</code> is in clear <code class=\"rule\">secret-data</code></p>\
                   <pre>&lt;p&gt;: •••••••• # ]]&gt; \u{fffd}</pre>\
                   <p class=\"hint\">Hint: seal it: <code>sealstrap seal --in-place a&amp;b</code>, and change the secret</p>\
                   </td></tr>\n";
        assert!(page.contains(row), "{page}");
        assert!(page.contains("<h2>apps/&quot;&lt;b&gt;&amp;&#39;100%&#10;::é,ß.yaml</h2>"), "{page}");
        assert!(page.contains("until <code>fedcba9876</code> (2026-01-02T03:04:05Z, Zoë &quot;Z&quot; &lt;zoe@example.com&gt;)</p>"), "{page}");
        assert!(!page.contains("<b>"), "{page}");
    }

    #[test]
    fn the_page_loads_nothing_and_runs_no_script() {
        let page = write(&leaks(), &seen());
        for word in
            ["<script", "<link", "<img", "src=", "href=", "url(", "@import", "onclick", "http:", "https:"]
        {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn coverage_and_outcome_are_on_top() {
        let page = write(&[], &Coverage::default());
        assert!(page.contains("<p class=\"outcome none\">nothing scanned</p>"), "{page}");
        assert!(!page.contains("<fieldset"), "{page}");
        let page = write(&[], &seen());
        assert!(page.contains("<p class=\"outcome none\">no secret found</p>"), "{page}");
        let page = write(&[], &Coverage { skipped: 0, ..seen() });
        assert!(page.contains("<p class=\"outcome clean\">no secret found</p>"), "{page}");
        assert!(page.contains("<tr><th scope=\"row\">Files not read</th><td>0</td></tr>"), "{page}");
        let of_history = Coverage { commits: Some(2), missing: 7, ..seen() };
        let missing = "<tr><th scope=\"row\">Contents missing from this clone</th><td>7</td></tr>";
        assert_eq!([seen(), of_history].map(|seen| write(&[], &seen).contains(missing)), [false, true]);
        assert!(page.find("<caption>What was scanned").unwrap() < page.find("<main>").unwrap());
    }

    #[test]
    fn files_come_once_with_their_leaks() {
        let page = write(&leaks(), &seen());
        assert_eq!(page.matches("<section class=\"file\">").count(), 2);
        assert!(
            page.contains("<h2>values.yaml</h2>\n<table>\n<caption>1 warning, 1 note</caption>"),
            "{page}"
        );
    }

    #[test]
    fn an_odd_backtick_makes_no_code() {
        assert_eq!((ticked("a `b` c"), ticked("a `b c")), ("a <code>b</code> c".into(), "a `b c".into()));
    }
}
