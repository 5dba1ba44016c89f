//! Rules: groups, entropy, keywords, paths, and how fields are read.

use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        "the secret is the first group that is not empty",
        r"rules = [{id = 'r', regex = 'key=(x*)(\w+)'}]",
        "key=abc\n",
        &[("r", 1, "abc")],
    ),
    row("without groups the secret is the match", r"rules = [{id = 'r', regex = 'key=\w+'}]", "a\nkey=abc\n", &[
        ("r", 2, "key=abc"),
    ]),
    row(
        "the secret is the group that is named",
        r"rules = [{id = 'r', regex = '(key)=(\w+)', secretGroup = 2}]",
        "key=abc\n",
        &[("r", 1, "abc")],
    ),
    row(
        "a group that took no part is an empty secret",
        r"rules = [{id = 'r', regex = 'key=(\w+)|(none)', secretGroup = 2}]",
        "key=abc\n",
        &[("r", 1, "")],
    ),
    row(
        "the regex is asked again about the match alone",
        r"rules = [{id = 'r', regex = '\nkey=(\w+)'}]",
        "a\nkey=abc\n",
        &[("r", 2, "key=abc")],
    ),
    row(
        "entropy must be exceeded and not reached",
        r"rules = [{id = 'two', regex = 'k=(\w+)', entropy = 2}, {id = 'less', regex = 'k=(\w+)', entropy = 1.9}]",
        "k=abcd\n",
        &[("less", 1, "abcd")],
    ),
    row(
        "one keyword of a rule must be in the text, in any case",
        r"rules = [{id = 'r', regex = '=(\w+)', keywords = ['Pass', 'none']}, {id = 's', regex = '=', keywords = ['none']}]",
        "MY_PASS=abc\n",
        &[("r", 1, "abc")],
    ),
    row(
        "keywords beyond ASCII are found in any case",
        r"rules = [{id = 'r', regex = '=(\w+)', keywords = ['schlüssel']}]",
        "SCHLÜSSEL=abc\n",
        &[("r", 1, "abc")],
    ),
    row(
        "an empty keyword is in no text",
        r"rules = [{id = 'r', regex = '=(\w+)', keywords = ['']}]",
        "a=abc\n",
        &[],
    ),
    row(
        "path and regex must both match",
        r"rules = [{id = 'r', regex = '=\w+', path = '\.txt$'}, {id = 's', regex = '=\w+', path = '\.env$'}]",
        "a=abc\n",
        &[("r", 1, "=abc")],
    ),
    row(
        "a rule with a path only finds the file",
        r"rules = [{id = 'r', path = '\.p12$'}, {id = 's', path = '\.p12$', keywords = ['none']}]",
        "binary\n",
        &[("r", 0, "")],
    )
    .at("keys/store.p12"),
    row(
        "two rules may find the same",
        r"rules = [{id = 's', regex = '=\w+'}, {id = 'r', regex = '=\w+'}]",
        "a=abc\n",
        &[("r", 1, "=abc"), ("s", 1, "=abc")],
    ),
    row(
        "of rules with the same name the last one counts",
        r"rules = [{id = 'r', regex = 'a=(\w+)'}, {id = 'r', regex = 'b=(\w+)'}]",
        "a=abc\nb=def\n",
        &[("r", 2, "def")],
    )
    .warned(),
    row(
        "a match of several lines is told by its first",
        r"rules = [{id = 'r', regex = '(?s)BEGIN.*END'}]",
        "a\nBEGIN\nb\nEND\n",
        &[("r", 2, "BEGIN\nb\nEND")],
    ),
    row(
        "line feeds at the ends of a match are not part of it",
        r"rules = [{id = 'r', regex = 'key=\w+\n+'}]",
        "a\nkey=abc\n\n\nb\n",
        &[("r", 2, "key=abc")],
    ),
    row(
        "names of fields are read in any case, and values are converted",
        "[[Rules]]\nID = 'r'\nRegex = '(k)=(\\w+)'\nSECRETGROUP = '2'\nentropy = '1.5'\nkeywords = 'none,k='\nfoo = 1",
        "k=abc\nk=aab\n",
        &[("r", 1, "abc")],
    )
    .warned(),
    row(
        "one table stands for a list of one",
        "[rules]\nid = 'r'\nregex = 'k=(\\w+)'\n[allowlists]\nstopwords = 'abc'",
        "k=abc\nk=def\n",
        &[("r", 2, "def")],
    ),
    row(
        "a pattern that is a string and not a list is cut at commas",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\nallowlists = [{regexes = '^abc$,^x'}]",
        "k=abc\nk=xyz\nk=def\n",
        &[("r", 3, "def")],
    ),
    row(
        "a generic rule is silent where another rule finds its secret in a longer one",
        "rules = [{id = 'my-generic', regex = '_(\\w+)'}, {id = 'r', regex = 'k=(\\w+)'}, {id = 'x', regex = '=(a)'}]",
        "k=acme_abc\nj=other_def\n",
        &[("r", 1, "acme_abc"), ("x", 1, "a"), ("my-generic", 2, "def")],
    ),
];
