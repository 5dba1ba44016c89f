//! Workflow commands of GitHub Actions. GitHub shows the first ten of a kind in a step as annotations, and all of them
//! in the log.

use super::{calm, covered, last, outcome, sentence};
use crate::report::{Coverage, Leak, Severity};

/// A command for each leak, and a line that sums up.
pub(super) fn write(leaks: &[Leak], seen: &Coverage) -> String {
    let mut lines: Vec<String> = leaks.iter().map(command).collect();
    lines.push(format!("sealstrap scan: {}: {}\n", covered(seen), outcome(leaks, seen)));
    lines.join("\n")
}

fn command(leak: &Leak) -> String {
    let word = match leak.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let hint = leak.hint.as_ref().map(|hint| format!("\nhint: {}", calm(hint))).unwrap_or_default();
    format!(
        "::{word} file={},{},title={}::{}",
        property(&leak.file),
        place(leak),
        property(&format!("sealstrap: {}", leak.rule)),
        data(&format!("{}{hint}", sentence(leak)))
    )
}

/// The runner drops columns where the lines differ. An annotation's last column is within it.
fn place(leak: &Leak) -> String {
    let (end_line, end_column) = last(leak);
    let lines = format!("line={},endLine={end_line}", leak.line);
    match end_column {
        Some(end_column) if end_line == leak.line => {
            format!("{lines},col={},endColumn={}", leak.column, end_column.max(leak.column))
        }
        _ => lines,
    }
}

/// What the runner decodes in the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What the runner decodes in a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{PATH, leaks, seen};
    use super::*;

    /// Reads a command as the runner does (`ActionCommand.TryParseV2`): its name, its properties, its text.
    fn read(line: &str) -> (&str, Vec<(&str, String)>, String) {
        let (head, text) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (name, properties) = head.split_once(' ').unwrap();
        let decode = |text: &str, codes: &[(&str, &str)]| {
            codes.iter().fold(text.to_owned(), |text, (code, letter)| text.replace(code, letter))
        };
        let properties = properties
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| {
                let codes = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
                (name, decode(value, &codes))
            })
            .collect();
        (name, properties, decode(text, &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]))
    }

    #[test]
    fn the_runner_reads_what_was_meant() {
        let text = write(&leaks()[..1], &seen());
        let (name, properties, message) = read(text.lines().next().unwrap());
        assert_eq!(name, "error");
        let expected = [
            ("file", PATH),
            ("line", "7"),
            ("endLine", "7"),
            ("col", "13"),
            ("endColumn", "21"),
            ("title", "sealstrap: secret-data"),
        ];
        assert_eq!(properties, expected.map(|(name, value)| (name, value.to_owned())));
        let hint = "hint: seal it: `sealstrap seal --in-place a&b`, and change the secret";
        assert_eq!(message, format!("Secret shop/db: `data.<p>` is in clear\n{hint}"));
    }

    #[test]
    fn each_leak_is_one_line_and_the_last_line_sums_up() {
        assert_eq!(
            write(&leaks()[1..], &seen()),
            "::warning file=values.yaml,line=3,endLine=4,title=sealstrap%3A private-key::\
             this is a private key, since 0123456789 until fedcba9876\n\
             ::notice file=values.yaml,line=9,endLine=9,col=11,endColumn=18,title=sealstrap%3A helm-values::\
             `password` holds a placeholder\n\
             sealstrap scan: 3 files, 5 documents, 12 values, 1 line not understood, 2 files not read, \
             4 findings allowed: 1 warning, 1 note\n"
        );
    }

    #[test]
    fn a_leak_of_several_lines_has_no_columns() {
        let leak = Leak { end_line: 5, end_column: 9, ..leaks().remove(1) };
        assert_eq!(place(&leak), "line=3,endLine=5");
    }

    #[test]
    fn a_path_starts_no_command_of_its_own() {
        let leak = Leak { file: "a\n::set-env name=X::y\r\n::stop-commands::z".into(), ..leaks().remove(0) };
        assert_eq!(write(&[leak], &seen()).lines().filter(|line| line.contains("::")).count(), 1);
    }

    #[test]
    fn what_looks_encoded_is_encoded_again() {
        assert_eq!((data("50%0A"), property("a%2C,b")), ("50%250A".to_owned(), "a%252C%2Cb".to_owned()));
    }
}
