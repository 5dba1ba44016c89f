//! The hook itself: a small script that says whose it is.

use std::path::Path;

/// What stands in its second line.
const MARK: &str = "# sealstrap hook:";

const SCRIPT: &str = r#"#!/bin/sh
# sealstrap hook: written, and written anew, by `sealstrap hook install`; `sealstrap hook uninstall` takes it away.
# Runs the hook that was here before, then looks for secrets in clear in what is about to be committed.

before="$(dirname "$0")/pre-commit.before-sealstrap"
if [ -f "$before" ] && [ -x "$before" ]; then
    "$before" "$@" || exit
fi

sealstrap=$(command -v sealstrap) || sealstrap=PROGRAM
if [ ! -x "$sealstrap" ]; then
    undo="rm '$0'"
    [ ! -f "$before" ] || undo="mv '$before' '$0'"
    echo 'error: the commit is refused: its hook does not find sealstrap' >&2
    echo "hint: install it, or put it on PATH; or take the hook away: $undo" >&2
    exit 2
fi

"$sealstrap" scan --staged
code=$?
if [ $code -eq 1 ]; then
    echo 'The commit is refused. Allow what is no secret by a comment beside it: # sealstrap:allow' >&2
elif [ $code -ne 0 ]; then
    echo 'The commit is refused: what is staged could not be scanned.' >&2
fi
exit $code
"#;

/// The text of the hook. A program is run where none is on `PATH`.
pub(super) fn text(program: Option<&Path>) -> String {
    let program = program.and_then(Path::to_str).unwrap_or_default();
    SCRIPT.replace("PROGRAM", &format!("'{}'", program.replace('\'', r"'\''")))
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
        let hook = text(Some(Path::new("/opt/it's/sealstrap")));
        assert!(is_ours(&hook) && !is_ours("#!/bin/sh\nsealstrap scan --staged\n"));
        assert!(hook.contains(r"|| sealstrap='/opt/it'\''s/sealstrap'"), "{hook}");
        assert!(text(None).contains("|| sealstrap=''\n"));
    }
}
