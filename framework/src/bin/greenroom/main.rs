//! `greenroom new my-chat --from chat`: an example of the repository becomes a project of one's own.
//!
//! The project is the example's files, and a manifest that names the crate where it really is. What is there already is never written over,
//! nothing is asked of a network, and nothing of the new project depends on this program.

#![expect(clippy::print_stdout, reason = "what was asked for is answered on standard output")]

mod arguments;
mod examples;
mod project;

use std::process::ExitCode;

use arguments::{Command, USAGE};
use examples::EXAMPLES;

fn main() -> ExitCode {
    match arguments::read(std::env::args().skip(1)) {
        Ok(Command::Help) => println!("{USAGE}"),
        Ok(Command::List) => list(),
        Ok(Command::New(wanted)) => match project::create(&wanted) {
            Ok(()) => welcome(&wanted),
            Err(error) => return fail(&error),
        },
        Err(error) => return fail(&error),
    }
    ExitCode::SUCCESS
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("greenroom: {error}");
    ExitCode::FAILURE
}

fn list() {
    for example in &EXAMPLES {
        println!("{:10} {}", example.name, example.description());
    }
}

fn welcome(wanted: &project::Project) {
    let folder = wanted.folder.display();
    println!("{folder} is a project of its own now, from the example `{}`:\n", wanted.example.name);
    println!("  cd {folder}\n  cargo run\n\nIts README.md says more.");
}
