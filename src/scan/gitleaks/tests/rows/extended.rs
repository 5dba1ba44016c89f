//! Files that extend others.

use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        "a file extends another one",
        "[extend]\npath = 'base.toml'\ndisabledRules = ['off']\n[[rules]]\nid = 'own'\nregex = 'own=(\\w+)'",
        "own=abc\nbase=def\noff=ghi\n",
        &[("own", 1, "abc"), ("base", 2, "def")],
    )
    .extending(&[(
        "base.toml",
        "rules = [{id = 'base', regex = 'base=(\\w+)'}, {id = 'off', regex = 'off=(\\w+)'}]",
    )]),
    row(
        "a rule inherits what it leaves out, and lists are joined",
        "extend = {path = 'base.toml'}\n[[rules]]\nid = 'r'\nentropy = 1.5\nkeywords = ['other']\n\
         [[rules.allowlists]]\nstopwords = ['yyy']",
        "key=abc\nother\nkey=aaa\nkey=xxxyz\nkey=yyyxz\n",
        &[("r", 1, "abc")],
    )
    .extending(&[(
        "base.toml",
        "[[rules]]\nid = 'r'\nregex = 'key=(\\w+)'\nentropy = 3\nkeywords = ['none']\n[[rules.allowlists]]\nstopwords = ['xxx']",
    )]),
    row(
        "what is required comes from the rule that is extended",
        "extend = {path = 'base.toml'}\n\
         rules = [{id = 'r', skipReport = true, required = [{id = 'x'}]}, {id = 'x', regex = 'none'}]",
        "key=abc\nuser=\n",
        &[("r", 1, "abc")],
    )
    .extending(&[(
        "base.toml",
        "rules = [{id = 'r', regex = 'key=(\\w+)', required = [{id = 's'}]}, {id = 's', regex = 'user=', skipReport = true}]",
    )])
    .warned(),
    row(
        "allowlists of the extended file count, but not those with target rules",
        "extend = {path = 'base.toml'}",
        "key=abc\nkey=def\nkey=ghi\n",
        &[("r", 2, "def"), ("r", 3, "ghi")],
    )
    .extending(&[(
        "base.toml",
        "rules = [{id = 'r', regex = 'key=(\\w+)'}]\n\
         allowlists = [{stopwords = ['abc']}, {targetRules = ['r'], stopwords = ['def']}]",
    )])
    .warned(),
    row("files are extended over two levels", "extend = {path = '1.toml'}", "a=abc\nb=def\nc=ghi\n", &[
        ("a", 1, "abc"),
        ("b", 2, "def"),
    ])
    .extending(&[
        ("1.toml", "extend = {path = '2.toml'}\nrules = [{id = 'a', regex = 'a=(\\w+)'}]"),
        ("2.toml", "extend = {path = '3.toml'}\nrules = [{id = 'b', regex = 'b=(\\w+)'}]"),
        ("3.toml", "rules = [{id = 'c', regex = 'c=(\\w+)'}]"),
    ])
    .warned(),
];
