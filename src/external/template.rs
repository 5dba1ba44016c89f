//! Templates of charts, which only Helm can read.

use std::path::Path;

/// Whether a file is a template of a chart, and says something in Helm's language.
#[must_use]
pub fn is_chart_template(file: &Path, text: &str) -> bool {
    let is_of_chart = |folder: &Path| {
        folder.file_name().is_some_and(|name| name == "templates")
            && folder.with_file_name("Chart.yaml").is_file()
    };
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    text.contains("{{") && file.ancestors().skip(1).any(is_of_chart)
}
