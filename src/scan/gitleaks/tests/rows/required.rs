//! Rules that require others.

use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        "a required rule must find something too, and nothing is said of it",
        "rules = [{id = 'r', regex = 'k=(\\w+)', required = [{id = 's'}]}, {id = 's', regex = 'user=(\\w+)', skipReport = true}]",
        "k=abc\n\n\n\nuser=me\n",
        &[("r", 1, "abc")],
    ),
    row(
        "a required rule that finds nothing silences the one that requires it",
        "rules = [{id = 'r', regex = 'k=(\\w+)', required = [{id = 's'}]}, {id = 's', regex = 'user=(\\w+)'}]",
        "k=abc\n",
        &[],
    ),
    row(
        "a required rule is asked without its keywords",
        "rules = [{id = 'r', regex = 'k=(\\w+)', required = [{id = 's'}]}, \
         {id = 's', regex = 'user=(\\w+)', keywords = ['none']}]",
        "k=abc\nuser=me\n",
        &[("r", 1, "abc")],
    ),
    row(
        "required findings must be near in lines",
        "rules = [{id = 'r', regex = 'k=(\\w+)', required = [{id = 's', withinLines = 2}]}, \
         {id = 's', regex = 'user=(\\w+)', skipReport = true}]",
        "k=far\n\n\nk=near\n\nuser=me\n\n\nk=off\n",
        &[("r", 4, "near")],
    ),
    row(
        "required findings must be near in columns",
        "rules = [{id = 'r', regex = 'k=(\\w+)', required = [{id = 's', withinColumns = 6}]}, \
         {id = 's', regex = 'user=(\\w+)', skipReport = true}]",
        "\nuser=me\n      k=near\n       k=far\n",
        &[("r", 3, "near")],
    ),
    row(
        "all required rules must find something",
        "rules = [{id = 'r', regex = 'k=(\\w+)', required = [{id = 's', withinLines = 1}, {id = 't'}]}, \
         {id = 's', regex = 'user=', skipReport = true}, {id = 't', regex = 'host=', skipReport = true}]",
        "k=abc\nuser=\n\n\nk=def\nhost=\n",
        &[("r", 1, "abc")],
    ),
    row(
        "of two distances to the same rule one suffices",
        "rules = [{id = 'r', regex = 'k=(\\w+)', required = [{id = 's', withinLines = 0}, {id = 's', withinLines = 1}]}, \
         {id = 's', regex = 'user=', skipReport = true}]",
        "k=abc\nuser=\n\nk=def\n",
        &[("r", 1, "abc")],
    ),
];
