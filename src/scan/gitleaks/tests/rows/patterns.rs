//! Patterns and characters.

use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        "a dot is a character and not a byte",
        "rules = [{id = 'r', regex = 'k=(.{3})!'}, {id = 's', regex = 'k=([^x]{3})!'}]",
        "k=äöü!\n",
        &[("r", 1, "äöü"), ("s", 1, "äöü")],
    ),
    row(
        "characters of several bytes make secrets less random",
        "rules = [{id = 'r', regex = 'k=(.+)', entropy = 1.6}]",
        "k=äöüß\nk=abcd\n",
        &[("r", 2, "abcd")],
    ),
    row(
        "braces that repeat nothing are literals",
        r"rules = [{id = 'r', regex = '\${(\w+)}'}, {id = 's', regex = '{{(\w+)}}'}, {id = 't', regex = 'a{,2}b'}]",
        "${abc}\n{{def}}\na{,2}b aab\n",
        &[("r", 1, "abc"), ("s", 2, "def"), ("t", 3, "a{,2}b")],
    ),
    row(
        "signs in brackets are literals",
        r"rules = [{id = 'r', regex = '=([\w-.&&[~]+)'}]",
        "k=a-b.c&[~d\n",
        &[("r", 1, "a-b.c&[~d")],
    ),
    row(
        "angle brackets may be escaped, and white space leaves the vertical tab out",
        r"rules = [{id = 'r', regex = '\<(\w+)\>'}, {id = 's', regex = 'a\sb'}]",
        "x<abc>\na\u{b}b\n",
        &[("r", 1, "abc")],
    ),
    row(
        "word boundaries know ASCII only",
        r"rules = [{id = 'r', regex = '\bkey=(.)'}]",
        "äkey=ö\n_key=x\n",
        &[("r", 1, "ö")],
    ),
];
