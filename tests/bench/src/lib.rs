//! End-to-end benchmarks of Greenroom and its peers: `cargo run --release -p greenroom-bench -- run`.
//!
//! One process loads one server after the other, over loopback, and reads from Linux what CPU time each took.

mod client;
mod error;
mod meter;
mod options;
mod plot;
mod process;
mod procfs;
mod results;
mod runner;
mod scenario;
mod server;
mod statistics;
mod table;
mod workload;

pub use error::Error;
pub use meter::Figures;
pub use options::{Command, HELP, OptionError, Options, parse};
pub use results::Cell;
pub use runner::{measure, run};
pub use server::{Server, Source, all as servers};
pub use workload::{WORKLOADS, Workload, find};
