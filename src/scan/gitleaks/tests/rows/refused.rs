//! Configurations that are refused.

use super::Refused;

const fn refused(config: &'static str, place: (usize, usize), message: &'static str) -> Refused {
    Refused { config, place, message }
}

pub(super) const REFUSED: &[Refused] = &[
    refused("a = 1\nb == 2\n", (2, 4), "not TOML"),
    refused("rules = 3", (1, 9), "`rules` must be a list of tables and is of type integer"),
    refused("[[rules]]\nid = ['r']", (2, 6), "`id` must be a string and is of type array"),
    refused("[[rules]]\nid = 'r'\nregex = 'a'\nentropy = 'high'", (4, 11), "`entropy` must be a number"),
    refused("[[allowlist]]\nstopwords = ['a']", (1, 1), "`allowlist` must be one table and is of type array"),
    refused("[[rules]]\nregex = 'a'", (1, 1), "this rule has no `id`"),
    refused("[[rules]]\nid = 'r'", (1, 1), "the rule `r` finds nothing"),
    refused(
        "[[rules]]\nid = 'r'\nregex = '(a)'\nsecretGroup = 2",
        (1, 1),
        "`secretGroup` of the rule `r` is 2",
    ),
    refused(
        "[[rules]]\nid = 'r'\nregex = '''ab(c'''",
        (3, 14),
        "the pattern is not valid: this group is not closed",
    ),
    refused(
        "[[rules]]\nid = 'r'\nregex = \"ab\\\\d(c\"",
        (3, 9),
        "the pattern is not valid: this group is not closed",
    ),
    refused(
        "[[rules]]\nid = 'r'\npath = 'a**'",
        (3, 11),
        "the pattern is not valid: a repetition cannot be repeated",
    ),
    refused(
        "[[allowlists]]\npaths = ['ok', '(?=no)']",
        (2, 17),
        "the pattern is not valid: RE2 has no look-ahead",
    ),
    refused("[[allowlists]]\ndescription = 'nothing'", (1, 1), "this allowlist allows nothing"),
    refused("[[rules]]\nid = 'r'\nregex = 'a'\n[rules.allowlist]", (4, 1), "this allowlist allows nothing"),
    refused("[[allowlists]]\ncondition = 'xor'\npaths = ['a']", (2, 13), "this is no `condition`"),
    refused("[[allowlists]]\nregexTarget = 'Line'\nregexes = ['a']", (2, 15), "this is no `regexTarget`"),
    refused(
        "[allowlist]\npaths = ['a']\n[[allowlists]]\npaths = ['b']",
        (1, 1),
        "the older form `allowlist` cannot stand beside `allowlists`",
    ),
    refused(
        "[[rules]]\nid = 'r'\nregex = 'a'\n[rules.allowlist]\npaths = ['a']\n[[rules.allowlists]]\npaths = ['b']",
        (4, 1),
        "the older form `allowlist` cannot stand beside `allowlists`",
    ),
    refused("[[allowlists]]\ntargetRules = ['r']\npaths = ['a']", (2, 16), "there is no rule `r`"),
    refused(
        "[[rules]]\nid = 'r'\nregex = 'a'\n[[rules.required]]\nid = 's'",
        (4, 1),
        "there is no rule `s` to require",
    ),
    refused(
        "[[rules]]\nid = 'r'\nregex = 'a'\n[[rules.required]]\nwithinLines = 1",
        (4, 1),
        "`required` names no rule",
    ),
    refused(
        "[extend]\npath = 'a.toml'\nuseDefault = true",
        (2, 8),
        "`path` and `useDefault` exclude each other",
    ),
    refused("[extend]\npath = 'none.toml'", (2, 8), "cannot read the file that is extended"),
];
