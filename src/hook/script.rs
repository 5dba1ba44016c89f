//! The hook itself: a small script that says whose it is.

use std::path::Path;

use super::Kind;

/// What stands in its second line.
const MARK: &str = "# sealstrap hook:";

const SCRIPT: &str = r#"#!/bin/sh
# sealstrap hook: written, and written anew, by `sealstrap hook install`; `sealstrap hook uninstall` takes it away.
# Runs the hook that was here before, then looks for secrets in clear.
<READ>
before="$(dirname "$0")/<NAME>.before-sealstrap"
if [ -f "$before" ] && [ -x "$before" ]; then
    <FEED>"$before" "$@" || exit
fi

sealstrap=$(command -v sealstrap) || sealstrap=<PROGRAM>
if [ ! -x "$sealstrap" ]; then
    undo="rm '$0'"
    [ ! -f "$before" ] || undo="mv '$before' '$0'"
    echo 'error: the <DEED> is refused: its hook does not find sealstrap' >&2
    echo "hint: install it, or put it on PATH; or take the hook away: $undo" >&2
    exit 2
fi

<FEED>"$sealstrap" <SCAN> >&2
code=$?
if [ $code -eq 1 ]; then
    echo 'The <DEED> is refused. Allow what is no secret by a comment beside it: # sealstrap:allow' >&2
elif [ $code -ne 0 ]; then
    echo 'The <DEED> is refused: not all of it could be scanned.' >&2
fi
exit $code
"#;

/// Keeps standard input, which two programs are to read, with the line ends that `$( )` takes away.
const READ: &str = r"
lines=$(cat && echo .)
lines=${lines%.}
";
const FEED: &str = r#"printf '%s' "$lines" | "#;

/// The text of a hook. A program is run where none is on `PATH`.
pub(super) fn text(kind: Kind, program: Option<&Path>) -> String {
    let (read, feed) = if kind.is_told() { (READ, FEED) } else { ("", "") };
    let program = program.and_then(Path::to_str).unwrap_or_default();
    SCRIPT
        .replace("<READ>\n", &format!("{read}\n"))
        .replace("<FEED>", feed)
        .replace("<NAME>", kind.name())
        .replace("<DEED>", kind.deed())
        .replace("<SCAN>", kind.scan())
        .replace("<PROGRAM>", &format!("'{}'", program.replace('\'', r"'\''")))
}

/// Whether a hook is ours.
pub(super) fn is_ours(text: &str) -> bool {
    text.lines().nth(1).is_some_and(|line| line.starts_with(MARK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_knows_itself_and_quotes_its_program() {
        for kind in Kind::ALL {
            let hook = text(kind, Some(Path::new("/opt/it's/sealstrap")));
            assert!(is_ours(&hook) && !is_ours("#!/bin/sh\nsealstrap scan --staged\n"));
            assert!(hook.contains(r"|| sealstrap='/opt/it'\''s/sealstrap'"), "{hook}");
            assert!(!hook.contains('<'), "all is filled in: {hook}");
            assert!(text(kind, None).contains("|| sealstrap=''\n"));
        }
    }
}
