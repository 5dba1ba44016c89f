//! What would change in a file, as a diff without secrets.

use std::path::Path;

use crate::mend::{self, Changed};
use crate::scan::{self, Policy};

/// The lines that change. Those around them are not ours, so that what is secret in them is not shown.
pub(super) fn shown(path: &Path, before: Option<&str>, after: &str) -> String {
    let hidden = |text: &str| {
        let scanned = scan::scan(&Policy::default(), &path.to_string_lossy(), text.as_bytes());
        scanned.findings.into_iter().map(|finding| finding.range).collect()
    };
    mend::diff(&Changed {
        path: path.to_owned(),
        hidden: before.map(hidden).unwrap_or_default(),
        left: if before.is_some() { hidden(after) } else { Vec::new() },
        before: before.map(str::to_owned),
        after: after.to_owned(),
    })
}
