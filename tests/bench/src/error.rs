//! What can go wrong.

use std::io;
use std::path::PathBuf;

use crate::options::OptionError;

/// Why the program ends, or a cell of its table stays empty.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line cannot be understood.
    #[error(transparent)]
    Options(#[from] OptionError),
    /// The operating system refused something.
    #[error("could not {what}")]
    System {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// More connections than this process may have.
    #[error(
        "{needed} open files are needed, but RLIMIT_NOFILE allows {allowed}: raise it (`ulimit -Hn {needed}` as root)"
    )]
    OpenFiles {
        /// Connections and what else is open.
        needed: u64,
        /// The hard limit.
        allowed: u64,
    },
    /// A program that builds or installs a server failed.
    #[error("`{command}` failed")]
    Build {
        /// The command as one would type it.
        command: String,
    },
    /// A server ended, or did not begin to listen.
    #[error("server {name} {what}; its log is {}", log.display())]
    Server {
        /// Its name.
        name: String,
        /// What happened.
        what: &'static str,
        /// What it printed.
        log: PathBuf,
    },
    /// A workload could not begin.
    #[error("{done} of {wanted} {what} after {seconds} s")]
    Setup {
        /// What was being done.
        what: &'static str,
        /// How many are done.
        done: usize,
        /// How many were wanted.
        wanted: usize,
        /// How long that was tried.
        seconds: u64,
    },
    /// Nothing is left to run.
    #[error("no server to measure: all that were asked for are missing")]
    NoServers,
    /// The server that others are divided by is missing.
    #[error("the base {0} is not installed: --build-peers installs it")]
    NoBase(String),
    /// Some cells are missing.
    #[error("{0} measurements failed")]
    Incomplete(usize),
}

/// Says what was being done when the operating system refused.
pub(crate) trait Context<T> {
    fn context(self, what: impl Into<String>) -> Result<T, Error>;
}

impl<T, E: Into<io::Error>> Context<T> for Result<T, E> {
    fn context(self, what: impl Into<String>) -> Result<T, Error> {
        self.map_err(|source| Error::System { what: what.into(), source: source.into() })
    }
}
