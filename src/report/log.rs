//! The log: our own lines by the verbosity asked for; those of dependencies only on an explicit wish, and
//! never of crates that log bodies or tokens.

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, ParseError, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry};

use super::Printer;

const OURS: &str = "sealstrap";

/// Crates that log request or reply bodies, headers or tokens; nothing of them is ever shown.
const TALKATIVE: [&str; 12] = [
    "kube",
    "kube_client",
    "vaultrs",
    "rustify",
    "octocrab",
    "hyper",
    "hyper_util",
    "reqwest",
    "tower",
    "tower_http",
    "h2",
    "oci_client",
];

/// Starts the log for the whole process: warnings of ours, with `verbosity` 1 to 3 also information, debug,
/// trace. `wish` names targets as `RUST_LOG` does.
///
/// # Errors
/// A wish that is not of that form.
pub fn start_log(printer: &Printer, verbosity: u8, wish: Option<&str>) -> Result<(), ParseError> {
    // A second start, in one process, keeps the first.
    drop(tracing::subscriber::set_global_default(subscriber(printer, verbosity, wish)?));
    Ok(())
}

fn subscriber(
    printer: &Printer,
    verbosity: u8,
    wish: Option<&str>,
) -> Result<impl tracing::Subscriber + Send + Sync + use<>, ParseError> {
    let level = match verbosity {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let wished: Targets = wish.unwrap_or_default().parse()?;
    let wanted = Targets::new().with_target(OURS, level);
    let filter = filter_fn(move |line| {
        let (target, level) = (line.target(), line.level());
        may_be_shown(line) && (wanted.would_enable(target, level) || wished.would_enable(target, level))
    });
    let printer = printer.clone();
    let lines = tracing_subscriber::fmt::layer()
        .without_time()
        .with_ansi(false)
        .with_writer(move || printer.log_writer())
        .with_filter(filter);
    Ok(Registry::default().with(lines))
}

/// Whether a line may be shown at all, whoever wishes for it.
fn may_be_shown(line: &Metadata<'_>) -> bool {
    let krate = line.target().split("::").next().unwrap_or_default();
    krate == OURS || (!TALKATIVE.contains(&krate) && *line.level() <= Level::WARN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Manner;
    use crate::report::printer::recorded::texts;

    fn logged(verbosity: u8, wish: Option<&str>) -> String {
        let speak = |printer: &Printer| {
            tracing::subscriber::with_default(subscriber(printer, verbosity, wish).unwrap(), || {
                tracing::warn!(target: "sealstrap::remote", "ours warns");
                tracing::debug!(target: "sealstrap::remote", "ours debugs");
                tracing::warn!(target: "kube_client::client", "a whole body");
                tracing::error!(target: "octocrab", "a token");
                tracing::warn!(target: "rustls::conn", "theirs warns");
                tracing::info!(target: "rustls::conn", "theirs informs");
            });
        };
        texts(Manner::default(), speak).1
    }

    #[test]
    fn by_default_only_our_own_warnings_are_logged() {
        assert_eq!(logged(0, None), " WARN sealstrap::remote: ours warns\n");
    }

    #[test]
    fn verbosity_never_shows_dependencies() {
        assert_eq!(
            logged(3, None),
            " WARN sealstrap::remote: ours warns\nDEBUG sealstrap::remote: ours debugs\n"
        );
    }

    #[test]
    fn an_explicit_wish_shows_warnings_of_dependencies_but_never_bodies() {
        assert_eq!(
            logged(0, Some("trace")),
            " WARN sealstrap::remote: ours warns\nDEBUG sealstrap::remote: ours debugs\n \
             WARN rustls::conn: theirs warns\n"
        );
    }
}
