//! The command line as a whole: consistent, explained by examples, and every example is taken.

use clap::{Command, Parser};

use super::{Cli, Hooked};

/// The commands with the words that lead to them.
fn all(command: &Command, path: &str) -> Vec<(String, Command)> {
    let name = format!("{path} {}", command.get_name()).trim().to_owned();
    let below = command.get_subcommands().flat_map(|sub| all(sub, &name)).collect::<Vec<_>>();
    std::iter::once((name, command.clone())).chain(below).collect()
}

/// The command lines of a help text, without comments and pipes.
fn examples(command: &Command) -> Vec<Vec<String>> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = help.lines().filter(|line| line.starts_with("  sealstrap "));
    lines
        .map(|line| line.split(['#', '|', '>']).next().unwrap_or_default())
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn the_verb_of_hooks_is_the_same_by_itself() {
    let help = |mut command: Command| {
        command.build();
        let scan = command.find_subcommand_mut("scan").unwrap();
        (scan.render_help().to_string(), scan.render_long_help().to_string())
    };
    assert_eq!(help(<Hooked as clap::CommandFactory>::command()), help(Cli::command()));
}

#[test]
fn every_command_explains_itself_with_an_example_of_its_own() {
    for (name, command) in all(&Cli::command(), "") {
        assert!(command.get_about().is_some(), "`{name}` says nothing about itself");
        let examples = examples(&command);
        assert!(
            examples.iter().any(|words| words.join(" ").starts_with(&name)),
            "`{name}` has no example of its own"
        );
    }
}

#[test]
fn every_example_is_taken() {
    for (name, command) in all(&Cli::command(), "") {
        for words in examples(&command) {
            let read = Cli::try_parse_from(&words);
            assert!(read.is_ok(), "`{}` in the help of `{name}`: {}", words.join(" "), read.unwrap_err());
        }
    }
}

#[test]
fn every_flag_is_explained() {
    for (name, command) in all(&Cli::command(), "") {
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "`{}` of `{name}`", argument.get_id());
        }
    }
}

#[test]
fn flags_of_every_command_stand_before_or_after_the_verb() {
    for line in ["sealstrap --json -vv status --context a", "sealstrap status --json --context a -v -v"] {
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        assert_eq!(cli.flags.context.as_deref(), Some("a"), "{line}");
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    for line in [
        "sealstrap run",
        "sealstrap run --list --graph",
        "sealstrap run --list helmfile",
        "sealstrap bootstrap --from a --only b",
        "sealstrap bootstrap --timeout soon",
        "sealstrap seal a --check --plan",
        "sealstrap seal a --in-place --shred",
        "sealstrap schema settings --write schemas",
    ] {
        assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}

#[test]
fn a_misspelt_verb_is_answered_with_the_nearest() {
    let said = Cli::try_parse_from(["sealstrap", "bootstap"]).unwrap_err().to_string();
    assert!(said.contains("'bootstrap'"), "{said}");
}
