//! Allowlists and comments.

use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        "a global regex allows a secret",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\nallowlists = [{regexes = ['^abc$', 'x$']}]",
        "k=abc\nk=abcd\nk=yx\n",
        &[("r", 2, "abcd")],
    ),
    row(
        "an alternation that is anchored at its ends only allows what is between them anywhere",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\nallowlists = [{regexes = ['^true|false|null$']}]",
        "k=trueish\nk=xfalsex\nk=nonnull\nk=nullx\n",
        &[("r", 4, "nullx")],
    ),
    row(
        "a flag holds for the regexes after it in the same list",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\nallowlists = [{regexes = ['abc', '(?i)xyz', 'def']}]",
        "k=ABC\nk=DEF\nk=XYZ\n",
        &[("r", 1, "ABC")],
    ),
    row(
        "a regex can be about the match",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\nallowlists = [{regexes = ['^k=abc'], regexTarget = 'match'}]",
        "k=abc\nk=def\n",
        &[("r", 2, "def")],
    ),
    row(
        "a regex can be about the line",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\nallowlists = [{regexes = ['example$'], regexTarget = 'line'}]",
        "k=abc # example\nk=def\n# example\nk=ghi # example\n",
        &[("r", 2, "def")],
    ),
    row(
        "a line begins with the line feed before it, unless it is the first",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\nallowlists = [{regexes = ['^k'], regexTarget = 'line'}]",
        "k=abc\nk=def\n",
        &[("r", 2, "def")],
    ),
    row(
        "stop words are parts of the secret in any case",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\nallowlists = [{stopwords = ['Example']}]",
        "k=myEXAMPLEkey\nk=real # example\n",
        &[("r", 2, "real")],
    ),
    row(
        "of several conditions one suffices",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\nallowlists = [{regexes = ['^a'], stopwords = ['z']}]",
        "k=abc\nk=xyz\nk=def\n",
        &[("r", 3, "def")],
    ),
    row(
        "with AND all conditions must hold",
        "rules = [{id = 'r', regex = 'k=(\\w+)', allowlists = [{condition = 'and', paths = ['^dir/', '^dur/'], \
         regexes = ['^a'], stopwords = ['z']}]}]",
        "k=abc\nk=xyz\nk=abz\n",
        &[("r", 1, "abc"), ("r", 2, "xyz")],
    ),
    row(
        "with AND a path that does not hold allows nothing",
        "rules = [{id = 'r', regex = 'k=(\\w+)', allowlists = [{condition = '&&', paths = ['^dur/'], stopwords = ['z']}]}]",
        "k=abz\n",
        &[("r", 1, "abz")],
    ),
    row(
        "with AND a global path does not allow by itself",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\n\
         allowlists = [{condition = 'AND', paths = ['file.txt$'], stopwords = ['z']}]",
        "k=abc\nk=abz\n",
        &[("r", 1, "abc")],
    )
    .theirs(&[]),
    row(
        "a global path allows the file",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}, {id = 'p', path = 'txt'}]\nallowlists = [{paths = ['ile\\.txt$']}]",
        "k=abc\n",
        &[],
    ),
    row(
        "a path of a rule's allowlist allows the file for that rule",
        "rules = [{id = 'r', regex = 'k=(\\w+)', allowlists = [{paths = ['file']}]}, {id = 's', regex = 'k=(\\w+)'}]",
        "k=abc\n",
        &[("s", 1, "abc")],
    ),
    row(
        "an allowlist with target rules is theirs",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}, {id = 's', regex = 'k=(\\w+)'}]\n\
         allowlists = [{targetRules = ['s'], stopwords = ['abc']}]",
        "k=abc\n",
        &[("r", 1, "abc")],
    ),
    row(
        "the older forms of allowlists are read",
        "[allowlist]\nregexes = ['^abc$']\n[[rules]]\nid = 'r'\nregex = 'k=(\\w+)'\n[rules.allowlist]\nstopwords = ['def']",
        "k=abc\nk=def\nk=ghi\n",
        &[("r", 3, "ghi")],
    ),
    row(
        "an empty table of the older form at the top is not seen",
        "[allowlist]\n[[rules]]\nid = 'r'\nregex = 'k=(\\w+)'",
        "k=abc\n",
        &[("r", 1, "abc")],
    ),
    row(
        "a comment allows findings on its line",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]",
        "k=abc # gitleaks:allow\nk=def\n# gitleaks:allow\n",
        &[("r", 2, "def")],
    ),
    row(
        "a comment allows a match of several lines on each of them",
        "rules = [{id = 'r', regex = '(?s)BEGIN.*?END'}]",
        "BEGIN\nb # gitleaks:allow\nEND\n\nBEGIN END\n",
        &[("r", 5, "BEGIN END")],
    ),
    row(
        "a comment does not allow the last line from above",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]",
        "# gitleaks:allow\nk=abc",
        &[("r", 2, "abc")],
    )
    .theirs(&[]),
    row(
        "an allowed line does not allow the last line from above",
        "rules = [{id = 'r', regex = 'k=(\\w+)'}]\nallowlists = [{regexes = ['example'], regexTarget = 'line'}]",
        "# example\nk=abc",
        &[("r", 2, "abc")],
    )
    .theirs(&[]),
];
