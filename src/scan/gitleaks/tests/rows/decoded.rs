//! Encoded text.

use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        "base64 is decoded, and the finding stands where it is encoded",
        "rules = [{id = 'r', regex = 'key-(\\w+)', keywords = ['key-']}]",
        "a: 1\nb: bXkga2V5LTBhMWIyYzNk\n",
        &[("r", 2, "0a1b2c3d")],
    ),
    row(
        "base64 without a digit or a sign is taken for a word",
        "rules = [{id = 'r', regex = 'key-(\\w+)'}]",
        "a: a2V5LWFhYWFhYWFh\nb: LWtleS1hYWFhYWFh\nc: aGVsbGtleWtleWtl\n",
        &[("r", 1, "aaaaaaaa"), ("r", 2, "aaaaaaa")],
    ),
    row(
        "hexadecimal digits are decoded",
        "rules = [{id = 'r', regex = 'key-(\\w+)'}]",
        "a: 6d79206b65792d306131623263336434\n",
        &[("r", 1, "0a1b2c3d4")],
    ),
    row(
        "percent escapes are decoded",
        "rules = [{id = 'r', regex = 'key-(\\w+)'}]",
        "a: %6b%65y%2D0a1b\n",
        &[("r", 1, "0a1b")],
    ),
    row(
        "unicode escapes are decoded",
        "rules = [{id = 'r', regex = 'key-(\\w+)'}]",
        "a: \\u006b\\u0065y-0a1b\nb: U+006B U+0065 U+0079 U+002D 0a1b\n",
        &[("r", 1, "0a1b"), ("r", 2, "0a1b")],
    ),
    row(
        "what is encoded twice is decoded twice",
        "rules = [{id = 'r', regex = 'key-(\\w+)'}]",
        "a: bXkgYTJWNUxUQmhNV0l5WXpOa0lHVnVaQT09\n",
        &[("r", 1, "0a1b2c3d")],
    ),
    row(
        "an allowlist sees what was decoded, and its line",
        "rules = [{id = 'r', regex = 'key-(\\w+)'}]\n\
         allowlists = [{regexes = ['my key'], regexTarget = 'line'}]",
        "a: 1\nb: bXkga2V5LTBhMWIyYzNk\n",
        &[],
    ),
];
