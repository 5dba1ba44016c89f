//! The binary: reads the command line, brings the TLS provider, performs the verb, ends with its code.

use std::process::ExitCode;

use sealstrap::cli::Cli;

fn main() -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(said) => return said,
    };
    // ring is the only provider in the build. Installing fails only where one is installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    cli.perform()
}
