//! One run: A B C, A B C, … for each workload, so that whatever else the machine does meets all servers alike.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Context, Error};
use crate::meter::{Figures, Timing};
use crate::options::Options;
use crate::plot;
use crate::process::{Cores, Running, check_open_files, raise_open_files};
use crate::results::{Cell, append};
use crate::scenario::{self, Target};
use crate::server::Server;
use crate::table::{Measured, figure};
use crate::workload::Workload;

/// Whom others are divided by where nobody is named.
const BASE: &str = "socketioxide";

/// A server that can be started.
struct Ready<'a> {
    server: &'a Server,
    command: Vec<String>,
}

struct Run<'a> {
    options: &'a Options,
    cores: Cores,
    results: PathBuf,
    file: File,
    cells: Vec<Cell>,
    failed: usize,
}

/// Measures what the options ask for; the tables, and where everything is.
///
/// # Errors
/// When a server cannot be built, nothing can be measured, or some of it could not.
pub fn run(options: &Options) -> Result<String, Error> {
    let ready = ready(options)?;
    let names: Vec<_> = ready.iter().map(|ready| ready.server.name.clone()).collect();
    let base = base(options, &names)?;
    let pairs = pairs(options)?;
    fs::create_dir_all(&options.out).context(format!("make {}", options.out.display()))?;
    let stamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let results = options.out.join(format!("results-{stamp}.jsonl"));
    let file = File::create(&results).context(format!("write {}", results.display()))?;
    let cores = Cores::choose()?;
    let mut run = Run { options, cores, results, file, cells: vec![], failed: 0 };
    for round in 1..=options.rounds {
        run.round(round, &pairs, &ready)?;
    }
    let text = run.report(&names, &base, &options.out.join(format!("plot-{stamp}.svg")))?;
    if run.failed > 0 {
        eprintln!("{text}");
        return Err(Error::Incomplete(run.failed));
    }
    Ok(text)
}

/// Loads a server that runs already.
///
/// # Errors
/// When it cannot be reached, or is not a process of this machine.
pub fn measure(
    addr: SocketAddr,
    pid: u32,
    workload: &Workload,
    size: usize,
    warm_up: Duration,
    duration: Duration,
) -> Result<Figures, Error> {
    scenario::run(workload, size, &Target { addr, pid, timing: Timing { warm_up, duration } })
}

fn ready(options: &Options) -> Result<Vec<Ready<'_>>, Error> {
    let mut ready = vec![];
    for server in &options.servers {
        if options.build_peers {
            server.source.build()?;
        }
        match server.source.command()? {
            Some(command) => ready.push(Ready { server, command }),
            None => eprintln!("SKIPPED: {} is not installed; --build-peers installs it", server.name),
        }
    }
    if ready.is_empty() { Err(Error::NoServers) } else { Ok(ready) }
}

fn base(options: &Options, names: &[String]) -> Result<String, Error> {
    let asked = options.base.as_deref().unwrap_or(BASE);
    match names.iter().find(|name| *name == asked) {
        Some(name) => Ok(name.clone()),
        None if options.base.is_some() => Err(Error::NoBase(asked.to_owned())),
        None => names.first().cloned().ok_or(Error::NoServers),
    }
}

/// All workloads with their sizes, in the order of measuring; without those that need more open files than are allowed.
fn pairs(options: &Options) -> Result<Vec<(&Workload, usize)>, Error> {
    let all = options.workloads.iter();
    let all = all.flat_map(|workload| sizes(options, workload).into_iter().map(move |size| (workload, size)));
    let mut pairs: Vec<_> = all.collect();
    raise_open_files(pairs.iter().map(|(workload, size)| workload.sockets(*size)).max().unwrap_or(0))?;
    let mut refused = None;
    pairs.retain(|(workload, size)| match check_open_files(workload.sockets(*size)) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("SKIPPED: {} with {size}: {error}", workload.name);
            refused = Some(error);
            false
        }
    });
    match refused {
        Some(error) if pairs.is_empty() => Err(error),
        _ => Ok(pairs),
    }
}

fn sizes(options: &Options, workload: &Workload) -> Vec<usize> {
    if options.sizes.is_empty() { vec![workload.size] } else { options.sizes.clone() }
}

impl Run<'_> {
    fn round(&mut self, round: u32, pairs: &[(&Workload, usize)], ready: &[Ready<'_>]) -> Result<(), Error> {
        for (workload, size) in pairs.iter().copied() {
            for ready in ready {
                let label = format!(
                    "round {round}/{}  {} {size}  {}",
                    self.options.rounds, workload.name, ready.server.name
                );
                match self.cell(round, workload, size, ready) {
                    Ok(cell) => {
                        let figures = &cell.figures;
                        let (cpu, others) = (figure(figures.cpu_us), figure(Some(figures.other_cores)));
                        eprintln!("{label}: {cpu} µs/op, others {others} cores");
                        append(&mut self.file, &self.results, &cell)?;
                        self.cells.push(cell);
                    }
                    // The other cells are worth having.
                    Err(error) => {
                        self.failed += 1;
                        eprintln!("{label}: FAILED: {error}");
                    }
                }
            }
        }
        Ok(())
    }

    /// Measures until others are quiet, but not for ever; the quietest attempt counts.
    fn cell(&self, round: u32, workload: &Workload, size: usize, ready: &Ready<'_>) -> Result<Cell, Error> {
        let mut attempts = 1;
        let mut figures = self.attempt(workload, size, ready)?;
        while figures.other_cores > self.options.max_other && attempts <= self.options.retry {
            let again = self.attempt(workload, size, ready)?;
            attempts += 1;
            if again.other_cores < figures.other_cores {
                figures = again;
            }
        }
        let noisy = figures.other_cores > self.options.max_other;
        let (workload, server) = (workload.name.to_owned(), ready.server.name.clone());
        Ok(Cell { round, workload, size, server, attempts, noisy, figures })
    }

    /// With a server of its own: what it remembers of another workload, as memory, is not measured.
    fn attempt(&self, workload: &Workload, size: usize, ready: &Ready<'_>) -> Result<Figures, Error> {
        let Options { warm_up, duration, out, .. } = self.options;
        let mut server = Running::start(ready.server, &ready.command, self.cores, out)?;
        let figures = measure(server.addr, server.pid(), workload, size, *warm_up, *duration);
        server.check()?;
        figures
    }

    fn report(&self, servers: &[String], base: &str, plot: &Path) -> Result<String, Error> {
        let measured = Measured { cells: &self.cells, servers, base };
        let Options { workloads, sizes, .. } = self.options;
        let (tables, image): (String, _) = if sizes.is_empty() {
            let tables = workloads.iter().map(|workload| measured.table(workload, workload.size));
            (tables.collect(), plot::bars(&measured, workloads))
        } else {
            let tables = workloads.iter().map(|workload| measured.growth(workload, sizes));
            (tables.collect(), plot::growth(&measured, workloads, sizes))
        };
        fs::write(plot, image).context(format!("write {}", plot.display()))?;
        let legend = "~n/m: in n of m rounds others used more than --max-other cores, in every attempt.";
        let files = format!("results: {}\nplot:    {}", self.results.display(), plot.display());
        Ok(format!("{tables}base: {base}\n{legend}\n{files}\n"))
    }
}
