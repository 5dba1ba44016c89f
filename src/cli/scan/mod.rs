//! `sealstrap scan`: secrets in clear in files, or in what is about to be committed.

mod advice;
mod baseline;
mod command_line;
mod desk;
mod fix;
mod haul;
mod known;
mod refs;
mod rules;
mod tell;

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::caller::Caller;
use crate::error::{Error, Exit};
use crate::report::format::Format;
use crate::scan::history::{self, History, Range};
use crate::scan::{self, LARGEST, Looked, Policy, Words};
use crate::settings::environment;
use baseline::Known;
use desk::Desk;
use fix::Fix;
use haul::{Haul, Text};
use jiff::civil::Date;
use tell::{Origin, Tally};

/// Find secrets that lie in clear, by what documents mean and by what credentials look like
///
/// Knows Secrets, SealedSecrets, ExternalSecrets, files of SOPS, values of Helm, generators of Kustomize and texts of
/// settings within them; says nothing of ciphertext, references and templates. A folder is scanned with its hidden
/// files, without what Git ignores. `# sealstrap:allow[RULE] REASON` beside a value, or in a comment above it, allows it.
/// Texts of more than 64 MB are not read, and told.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap scan                                     # all files below the current folder
  sealstrap scan --staged                            # what is about to be committed
  sealstrap scan --fix --plan                        # how it would be sealed
  sealstrap scan --fix --untrack --take-out          # and nothing is left in clear in any tracked file
  sealstrap scan --history                           # all that was ever committed
  sealstrap scan --since origin/main                 # what a pull request brings
  sealstrap scan --archives charts/                  # packed charts too
  sealstrap scan --format sarif > scan.sarif         # for GitHub code scanning
  helm template chart | sealstrap scan -
  sealstrap scan --json | jq 'select(.event == \"leak\")'

Exit codes: 0 no secret in clear (placeholders aside); 1 at least one; 2 it could not look.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Scan {
    /// Files and folders; `-` for standard input
    #[arg(value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// Scan what is staged in Git. Of a file that was committed before only what is new in it is told. With folders:
    /// what is staged in them. With files: the staged content of each, and where nothing of one is staged the file
    /// itself, as pre-commit passes them
    #[arg(long)]
    staged: bool,
    /// Scan the history: each content that any branch, tag or other reference holds or held, merges included. With a
    /// range (`main..feature`), what its commits brought
    #[arg(long, value_name = "RANGE", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with_all = ["staged", "paths"])]
    history: Option<String>,
    /// Scan what came since a revision: the commits of a pull request
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["staged", "paths", "history"])]
    since: Option<String>,
    /// Scan what is about to be pushed: reads the lines that Git gives to a pre-push or pre-receive hook
    #[arg(long, conflicts_with_all = ["staged", "paths", "history", "since"])]
    stdin_refs: bool,
    /// The remote that is pushed to: what it has is not looked at again. Without it, what any remote has
    #[arg(long, value_name = "NAME", requires = "stdin_refs")]
    remote: Option<String>,
    /// Look into archives too: tar and tar.gz, as charts of Helm are. A file in one is told as ARCHIVE!FILE
    #[arg(long, conflicts_with_all = ["staged", "history", "since", "stdin_refs"])]
    archives: bool,
    /// Tell what was found in the format of another tool, on standard output
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    format: Option<TypedFormat>,
    /// A gitleaks configuration, instead of the `.gitleaks.toml` at the top of the repository. Its rules find more, and
    /// its allowlists allow; so does `.gitleaksignore`
    #[arg(long, value_name = "FILE")]
    gitleaks: Option<PathBuf>,
    /// The file with findings that are known and not told again, instead of the one that the settings name or the
    /// `.sealstrap-baseline` at the top of the repository
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write all that is found into the baseline. Without paths, what is not found any more goes out of it. Its
    /// fingerprints are made with a key that lies in `.git`, or in `SEALSTRAP_BASELINE_KEY`
    #[arg(long, conflicts_with_all = ["staged", "stdin_refs", "format"])]
    write_baseline: bool,
    /// Why new entries of the baseline are there
    #[arg(long, value_name = "TEXT", requires = "write_baseline")]
    reason: Option<String>,
    /// The last day on which new entries of the baseline hold
    #[arg(long, value_name = "YYYY-MM-DD", requires = "write_baseline")]
    until: Option<Date>,
    #[command(flatten)]
    fix: Fix,
}

/// Formats of other tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TypedFormat {
    /// SARIF 2.1.0, for GitHub code scanning and editors
    Sarif,
    /// `JUnit`'s XML, for CI servers
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// gitleaks' JSON report
    Gitleaks,
    /// One page for people
    Html,
}

impl From<TypedFormat> for Format {
    fn from(typed: TypedFormat) -> Self {
        match typed {
            TypedFormat::Sarif => Self::Sarif,
            TypedFormat::Junit => Self::Junit,
            TypedFormat::Github => Self::Github,
            TypedFormat::Gitleaks => Self::Gitleaks,
            TypedFormat::Html => Self::Html,
        }
    }
}

impl Scan {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let folder = Caller::folder()?;
        let top = rules::top(&folder);
        let (policy, named) = rules::policy(caller, &folder, self.gitleaks.as_deref())?;
        let named = self.baseline.as_ref().map(|file| folder.join(file)).or(named);
        let range = self.range()?;
        let is_whole = self.is_whole(&folder, range.as_ref());
        let mut known = Known::open(top, named.as_deref(), self.write_baseline, is_whole, self.archives)?;
        let mut haul = match &range {
            Some(range) => Haul::History(history(caller, &policy, &folder, range)?),
            None => Haul::Texts(self.texts(&policy, &folder)?),
        };
        let found = haul.found(top);
        known.find_key(&found, self.write_baseline)?;
        if self.write_baseline {
            let words = Words { until: self.until, reason: self.reason.clone(), history: range.is_some() };
            known.write(caller, &found, &words)?;
        }
        let standings = known.standings(caller, &found);
        let sifted = haul.sift(&standings);
        if self.fix.fix {
            let desk = if self.staged { Desk::staged(top)? } else { Desk::tree(top) };
            self.fix.perform(caller, &policy, &mut haul, &desk)?;
        }
        let mut tally = Tally::new(caller, self.format.map(Into::into), known.key());
        tally.known(sifted);
        haul.tell(&mut tally);
        Ok(tally.end())
    }

    /// Whether all is looked at that the baseline may know.
    fn is_whole(&self, folder: &Path, range: Option<&Range>) -> bool {
        let all_files = || {
            let is_top = |path: &PathBuf| path.as_os_str() == ".";
            !self.staged && rules::top(folder) == folder && self.paths.iter().all(is_top)
        };
        range.map_or_else(all_files, |range| *range == Range::All)
    }

    /// Texts from where they are asked for.
    fn texts(&self, policy: &Policy, folder: &Path) -> Result<Vec<Text>, Error> {
        if self.staged {
            return self.staged(policy, folder);
        }
        let (inputs, paths): (Vec<PathBuf>, Vec<PathBuf>) =
            self.paths.iter().cloned().partition(|path| is_stdin(path));
        let here = vec![PathBuf::from(".")];
        let paths = if self.paths.is_empty() { &here } else { &paths };
        let of_tree = |looked| Text::new(looked, Origin::Tree);
        let looked = files(policy, paths)?;
        let is_looked_at = |looked: &Looked| looked.result.as_ref().is_ok_and(|scanned| !scanned.excluded);
        let is_archive =
            |looked: &&Looked| self.archives && scan::is_archive(&looked.path) && is_looked_at(looked);
        let packed: Vec<Looked> = looked
            .iter()
            .filter(is_archive)
            .flat_map(|archive| scan::scan_archive(policy, &archive.path))
            .collect();
        let mut all: Vec<_> = looked.into_iter().chain(packed).map(of_tree).collect();
        if !inputs.is_empty() {
            all.push(Text::new(stdin(policy)?, Origin::Stdin));
        }
        Ok(all)
    }

    /// The commits to scan, where a history is to be.
    fn range(&self) -> Result<Option<Range>, Error> {
        if self.stdin_refs {
            let mut lines = String::new();
            std::io::stdin()
                .lock()
                .read_to_string(&mut lines)
                .map_err(Error::system("read standard input"))?;
            return Ok(Some(refs::range(&lines, self.remote.as_deref())?));
        }
        Ok(match (&self.history, &self.since) {
            (Some(range), _) if range.is_empty() => Some(Range::All),
            (Some(range), _) => Some(Range::Revisions(vec![revision(range)?])),
            (None, Some(since)) => Some(Range::Revisions(vec![format!("{}..HEAD", revision(since)?)])),
            (None, None) => None,
        })
    }

    fn staged(&self, policy: &Policy, folder: &Path) -> Result<Vec<Text>, Error> {
        let staged = scan::scan_staged(policy, folder, &self.paths)?;
        // Git runs hooks at the top, and names the folder in which the command was typed.
        let seen_from = environment::git_prefix().map_or_else(|| scan::prefix(folder), Ok)?;
        let origin = Origin::Staged { seen_from };
        // Of a folder what is staged was asked for; the target of a link is not what is committed.
        let is_other = |path: &PathBuf| path.symlink_metadata().is_ok_and(|kind| !kind.is_file());
        let rest: Vec<PathBuf> = staged.rest.into_iter().filter(|path| !is_other(path)).collect();
        let rest = files(policy, &rest)?.into_iter().map(|looked| Text::new(looked, Origin::Tree));
        Ok(staged.looked.into_iter().map(|looked| Text::new(looked, origin.clone())).chain(rest).collect())
    }
}

fn history(caller: &Caller, policy: &Policy, folder: &Path, range: &Range) -> Result<History, Error> {
    caller.printer.busy();
    let history = history::scan_history(policy, folder, range);
    caller.printer.idle();
    Ok(history?)
}

fn files(policy: &Policy, paths: &[PathBuf]) -> Result<Vec<Looked>, Error> {
    scan::scan_paths(policy, paths)
        .map_err(|(path, error)| Error::system(format!("read {}", path.display()))(error))
}

/// A revision that was typed, and no option of Git.
fn revision(typed: &str) -> Result<String, Error> {
    if typed.starts_with('-') || typed.is_empty() {
        let complaint = format!("`{typed}` is no revision");
        return Err(Error::Usage { complaint, hint: "write for example `main..feature` or `v1.0`".into() });
    }
    Ok(typed.to_owned())
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Standard input, which has no path: it is read as documents where it looks like some.
fn stdin(policy: &Policy) -> Result<Looked, Error> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::system("read standard input"))?;
    let size = bytes.len() as u64;
    let result =
        if size > LARGEST { Err(scan::Skipped::TooLarge) } else { Ok(scan::scan(policy, "-", &bytes)) };
    Ok(Looked { path: "-".into(), bytes: size, result })
}
