//! Any text as a gitleaks configuration, with one that it extends: no panic; what is wrong has a place; what is taken can
//! be asked about any text, and what it finds stands in it.

#![no_main]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sealstrap::scan::gitleaks::{Config, Error, Match, Origin, Subject};

const FILE: &str = ".gitleaks.toml";
const BASE: &str = "base.toml";
const PATH: &str = "dir/file.txt";

/// Where the file stands that is extended.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("sealstrap-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
});

/// An error is about a character of its file, or about its end.
fn check_error(error: &Error, config: &str, base: &str) {
    let text = if error.file == Path::new(FILE) { config } else { base };
    let (line, column) = error.place;
    assert!(!error.message.is_empty() && line >= 1 && column >= 1, "{error}");
    let written = text.split('\n').nth(line - 1).unwrap_or_else(|| panic!("{error}"));
    assert!(column <= written.chars().count() + 1, "{error}");
}

fn check_match(config: &Config, found: &Match, text: &[u8]) {
    assert!(config.rule(&found.rule).is_some() && found.entropy >= 0.0);
    assert!(found.range.end <= text.len() && found.secret.end <= found.range.end, "{found:?}");
    assert!(found.range.start <= found.secret.start && found.secret.start <= found.secret.end, "{found:?}");
    // Behind a last line without a line feed stands another one, as gitleaks counts.
    let lines = text.split(|byte| *byte == b'\n').count() + usize::from(found.range.is_empty());
    assert!(found.place.start_line <= found.place.end_line && found.place.end_line <= lines, "{found:?}");
}

fn ask(config: &Config, text: &[u8]) -> Result<(), Error> {
    let origin = Origin { path: PATH, commit: None };
    config.allows_origin(origin)?;
    let all = config.findings(PATH, text, None)?;
    assert!(all.is_sorted_by_key(|found| (found.range.start, found.range.end)));
    for found in all {
        check_match(config, &found, text);
        let secret = &text[found.secret.clone()];
        config.allows(
            &found.rule,
            origin,
            &Subject { secret, matched: &text[found.range], lines: secret },
        )?;
    }
    config.allows("generic-api-key", origin, &Subject { secret: text, matched: text, lines: text })?;
    Ok(())
}

fuzz_target!(|input: &str| {
    let mut parts = input.split('\0');
    let config = parts.next().unwrap_or_default();
    let text = parts.next().unwrap_or(config);
    let base = parts.next().unwrap_or_default();
    // Devices have no end.
    if ["/dev", "/proc", "/sys"].iter().any(|folder| config.contains(folder) || base.contains(folder)) {
        return;
    }
    if config.contains(BASE) {
        std::fs::write(FOLDER.join(BASE), base).expect("written");
    }
    let asked =
        Config::read(Path::new(FILE), config, &FOLDER).and_then(|config| ask(&config, text.as_bytes()));
    if let Err(error) = asked {
        check_error(&error, config, base);
    }
});
