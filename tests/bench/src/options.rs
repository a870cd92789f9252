//! The command line.

mod error;
mod values;

use std::path::PathBuf;
use std::time::Duration;

use crate::server::{Server, all};
use crate::workload::{WORKLOADS, Workload};
pub use error::OptionError;
use values::{given, list, number, seconds, server, workload};

/// What `--help` prints.
pub const HELP: &str = "\
End-to-end benchmarks: Greenroom and its peers in one interleaved run.

    greenroom-bench run [OPTIONS]     builds, measures, prints a table, writes results and a plot
    greenroom-bench list              names workloads and servers

    --rounds N              how often everything is measured; medians are printed         7
    --workloads W1,W3       or `all`                                   all but W4 and W4b
    --servers NAME,NAME     which to measure                          all but greenroom-native
    --server NAME=COMMAND   one more; COMMAND may begin with VARIABLE=VALUE, PORT is given
    --base NAME             whom the others are divided by     socketioxide, else the first
    --duration SECONDS      how long a cell is measured                                   3
    --warm-up SECONDS       how long it runs before                                       1
    --growth                each workload with 1, 10, 100, 1,000 and 10,000 connections
    --sizes 1,100           other sizes than those of --growth
    --max-other CORES       repeats a cell while others used more than this             0.2
    --retry N               how often, at most                                            1
    --build-peers           builds and installs the peers before
    --out FOLDER            where results and plots go                         target/bench
";

const SIZES: [usize; 5] = [1, 10, 100, 1000, 10_000];

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Measure.
    Run(Options),
    /// Name workloads and servers.
    List,
    /// Explain.
    Help,
}

/// How to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How often everything is measured.
    pub rounds: u32,
    /// What.
    pub workloads: Vec<Workload>,
    /// Whom.
    pub servers: Vec<Server>,
    /// Whom the others are divided by.
    pub base: Option<String>,
    /// How long a cell is measured.
    pub duration: Duration,
    /// How long it runs before.
    pub warm_up: Duration,
    /// Sizes instead of each workload's own.
    pub sizes: Vec<usize>,
    /// Cores of other processes above which a cell is repeated.
    pub max_other: f64,
    /// How often it is repeated, at most.
    pub retry: u32,
    /// Whether peers are built and installed before.
    pub build_peers: bool,
    /// Where results go.
    pub out: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rounds: 7,
            workloads: WORKLOADS.iter().filter(|workload| workload.usual).copied().collect(),
            servers: all(),
            base: None,
            duration: Duration::from_secs(3),
            warm_up: Duration::from_secs(1),
            sizes: vec![],
            max_other: 0.2,
            retry: 1,
            build_peers: false,
            out: crate::server::workspace().join("target/bench"),
        }
    }
}

/// Reads the arguments behind the program's name.
///
/// # Errors
/// On the first one that cannot be understood.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, OptionError> {
    let mut arguments = arguments.into_iter();
    match arguments.next().as_deref() {
        Some("run") => run(arguments).map(|options| options.map_or(Command::Help, Command::Run)),
        Some("list") => Ok(Command::List),
        Some("help" | "--help" | "-h") => Ok(Command::Help),
        Some(other) => Err(OptionError::Command(format!("`{other}`"))),
        None => Err(OptionError::Command("nothing".to_owned())),
    }
}

/// The options of `run`; `None` when help is asked for.
fn run(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, OptionError> {
    let mut options = Options::default();
    let mut added = vec![];
    while let Some(argument) = arguments.next() {
        let (option, value) = match argument.split_once('=') {
            Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        match option.as_str() {
            "--growth" => options.sizes = SIZES.to_vec(),
            "--build-peers" => options.build_peers = true,
            "--help" | "-h" => return Ok(None),
            name if VALUED.contains(&name) => {
                let value =
                    value.or_else(|| arguments.next()).ok_or_else(|| OptionError::NoValue(option.clone()))?;
                set(&mut options, &mut added, &option, &value)?;
            }
            _ => return Err(OptionError::Unknown(option)),
        }
    }
    options.servers.extend(added);
    check_base(&options)?;
    Ok(Some(options))
}

const VALUED: [&str; 11] = [
    "--rounds",
    "--workloads",
    "--servers",
    "--server",
    "--base",
    "--duration",
    "--warm-up",
    "--sizes",
    "--max-other",
    "--retry",
    "--out",
];

fn set(options: &mut Options, added: &mut Vec<Server>, option: &str, value: &str) -> Result<(), OptionError> {
    match option {
        "--rounds" => options.rounds = number(option, value, "a number above 0", |rounds| *rounds > 0)?,
        "--workloads" if value == "all" => options.workloads = WORKLOADS.to_vec(),
        "--workloads" => options.workloads = list(value, workload)?,
        "--servers" => options.servers = list(value, server)?,
        "--server" => added.push(given(option, value)?),
        "--base" => options.base = Some(value.to_owned()),
        "--duration" => options.duration = seconds(option, value)?,
        "--warm-up" => options.warm_up = seconds(option, value)?,
        "--sizes" => {
            let size = |size: &str| number(option, size, "numbers above 0", |size| *size > 0);
            options.sizes = list(value, size)?;
        }
        "--max-other" => options.max_other = number(option, value, "cores", |cores: &f64| *cores >= 0.0)?,
        "--retry" => options.retry = number(option, value, "a number", |_| true)?,
        "--out" => options.out = PathBuf::from(value),
        _ => return Err(OptionError::Unknown(option.to_owned())),
    }
    Ok(())
}

fn check_base(options: &Options) -> Result<(), OptionError> {
    let Some(base) = &options.base else { return Ok(()) };
    let names: Vec<_> = options.servers.iter().map(|server| server.name.as_str()).collect();
    if names.contains(&base.as_str()) {
        return Ok(());
    }
    Err(OptionError::Name { what: "server to measure", name: base.clone(), known: names.join(", ") })
}

#[cfg(test)]
mod tests;
