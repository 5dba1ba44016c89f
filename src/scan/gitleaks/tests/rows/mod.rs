//! What configurations find in texts: data only, so that the same rows can be shown to gitleaks itself.

mod allowlists;
mod decoded;
mod extended;
mod patterns;
mod refused;
mod required;
mod rules;

/// A rule, the line of its match, and its secret. Line 0 is a whole file.
pub(crate) type Found = (&'static str, usize, &'static str);

/// A configuration, a file, and what is found in it.
pub(crate) struct Row {
    /// What it shows.
    pub(crate) name: &'static str,
    /// The configuration.
    pub(crate) config: &'static str,
    /// Files that it extends, in the working directory.
    pub(crate) extended: &'static [(&'static str, &'static str)],
    /// The path of the file.
    pub(crate) path: &'static str,
    /// Its text.
    pub(crate) text: &'static str,
    /// What is found, by line and rule.
    pub(crate) found: &'static [Found],
    /// What gitleaks finds, where that is another thing.
    pub(crate) theirs: Option<&'static [Found]>,
    /// Whether something in it does not count, and so is warned of.
    pub(crate) warns: bool,
}

const fn row(name: &'static str, config: &'static str, text: &'static str, found: &'static [Found]) -> Row {
    Row { name, config, extended: &[], path: "dir/file.txt", text, found, theirs: None, warns: false }
}

impl Row {
    const fn at(self, path: &'static str) -> Self {
        Self { path, ..self }
    }

    const fn extending(self, extended: &'static [(&'static str, &'static str)]) -> Self {
        Self { extended, ..self }
    }

    const fn theirs(self, theirs: &'static [Found]) -> Self {
        Self { theirs: Some(theirs), ..self }
    }

    const fn warned(self) -> Self {
        Self { warns: true, ..self }
    }
}

/// What configurations find.
pub(crate) fn all() -> impl Iterator<Item = &'static Row> {
    [allowlists::ROWS, decoded::ROWS, extended::ROWS, patterns::ROWS, required::ROWS, rules::ROWS]
        .into_iter()
        .flatten()
}

/// A configuration that is refused, where, and how the message begins.
pub(crate) struct Refused {
    /// The configuration.
    pub(crate) config: &'static str,
    /// Line and column.
    pub(crate) place: (usize, usize),
    /// What is wrong.
    pub(crate) message: &'static str,
}

/// Configurations that are refused.
pub(crate) const REFUSED: &[Refused] = refused::REFUSED;
