//! The command line program.

use std::error::Error as _;
use std::io::{self, Write};
use std::process::ExitCode;

use greenroom_bench::{Command, Error, HELP, WORKLOADS, parse, run, servers};

fn main() -> ExitCode {
    match go() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            eprintln!("error: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

fn go() -> Result<(), Error> {
    let text = match parse(std::env::args().skip(1))? {
        Command::Run(options) => run(&options)?,
        Command::List => list(),
        Command::Help => HELP.to_owned(),
    };
    // A reader that has gone, as `head` does, is no failure.
    drop(io::stdout().write_all(text.as_bytes()));
    Ok(())
}

fn list() -> String {
    let workloads = WORKLOADS.iter().map(|workload| {
        format!("{:<5} {:>6}  {} (per {})\n", workload.name, workload.size, workload.what, workload.operation)
    });
    let servers = servers().into_iter().map(|server| format!("{}\n", server.name));
    workloads.chain(["\n".to_owned()]).chain(servers).collect()
}
