//! What is measured of one cell: operations and latencies between two readings of everybody's CPU time.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::error::{Context, Error};
use crate::procfs;

/// How many unexpected packets of a cell are shown.
const SHOWN: u64 = 3;

/// A latency of a minute, in nanoseconds; longer ones count as this.
const LONGEST: u64 = 60_000_000_000;

/// How long a cell warms up, and how long it is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) warm_up: Duration,
    pub(crate) duration: Duration,
}

/// The figures of one cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Operations that were measured.
    pub operations: u64,
    /// How long that took.
    pub seconds: f64,
    /// Server CPU, microseconds per operation; none without operations.
    pub cpu_us: Option<f64>,
    /// Operations per second.
    pub per_second: f64,
    /// Median latency in microseconds.
    pub p50_us: Option<f64>,
    /// 99th percentile of latency in microseconds.
    pub p99_us: Option<f64>,
    /// How far the server's resident memory grew, per connection, in bytes.
    pub rss_per_connection: Option<f64>,
    /// Cores that the server used.
    pub server_cores: f64,
    /// Cores that the load generator used: near 1, it was the limit.
    pub generator_cores: f64,
    /// Cores that all other processes used meanwhile.
    pub other_cores: f64,
    /// Packets that should not have come, and connections lost.
    pub errors: u64,
    /// Answers that overtook another of their connection.
    pub reordered: u64,
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    at: Instant,
    server: Duration,
    generator: Duration,
    machine: Duration,
}

impl Reading {
    fn take(server: u32) -> Result<Self, Error> {
        Ok(Self {
            at: Instant::now(),
            server: procfs::cpu_time(server).context("read the server's CPU time: has it ended?")?,
            generator: procfs::cpu_time(std::process::id()).context("read one's own CPU time")?,
            machine: procfs::machine_time().context("read the machine's CPU time")?,
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    WarmingUp,
    Measuring(Reading),
    Finished(Reading, Reading),
}

/// Counts operations while a cell is measured.
#[derive(Debug)]
pub(crate) struct Meter {
    server: u32,
    phase: Phase,
    begin: Instant,
    end: Instant,
    duration: Duration,
    operations: u64,
    errors: u64,
    reordered: u64,
    latencies: Histogram<u64>,
}

impl Meter {
    /// Begins to warm up.
    pub(crate) fn new(server: u32, timing: Timing) -> Result<Self, Error> {
        let begin = Instant::now() + timing.warm_up;
        let latencies = Histogram::new_with_bounds(1, LONGEST, 3).map_err(std::io::Error::other);
        let latencies = latencies.context("make a histogram")?;
        Ok(Self {
            server,
            phase: Phase::WarmingUp,
            begin,
            end: begin + timing.duration,
            duration: timing.duration,
            operations: 0,
            errors: 0,
            reordered: 0,
            latencies,
        })
    }

    /// Goes on to the next phase when its time has come; when to call again.
    pub(crate) fn turn(&mut self) -> Result<Option<Instant>, Error> {
        let now = Instant::now();
        match self.phase {
            Phase::WarmingUp if now >= self.begin => {
                // Its whole duration, though a turn full of events has made it late.
                self.end = now + self.duration;
                self.phase = Phase::Measuring(Reading::take(self.server)?);
            }
            Phase::Measuring(first) if now >= self.end => {
                self.phase = Phase::Finished(first, Reading::take(self.server)?);
            }
            Phase::WarmingUp => return Ok(Some(self.begin)),
            Phase::Measuring(_) | Phase::Finished(..) => {}
        }
        Ok(Some(self.end))
    }

    pub(crate) fn is_finished(&self) -> bool {
        matches!(self.phase, Phase::Finished(..))
    }

    /// Ends at the next turn.
    pub(crate) fn end(&mut self) {
        self.end = Instant::now();
    }

    pub(crate) fn operation(&mut self) {
        self.operations(1);
    }

    pub(crate) fn operations(&mut self, count: u64) {
        if self.is_measuring() {
            self.operations += count;
        }
    }

    pub(crate) fn latency(&mut self, since: Instant) {
        if self.is_measuring() {
            self.latencies.saturating_record(since.elapsed().as_nanos() as u64);
        }
    }

    pub(crate) fn reordered(&mut self) {
        self.reordered += u64::from(self.is_measuring());
    }

    /// Errors count from the beginning: one while warming up is no less wrong.
    pub(crate) fn lost(&mut self) {
        self.errors += 1;
    }

    pub(crate) fn unexpected(&mut self, packet: &[u8]) {
        self.errors += 1;
        if self.errors <= SHOWN {
            let packet = String::from_utf8_lossy(&packet[..packet.len().min(200)]);
            eprintln!("  unexpected: {packet}");
        }
    }

    fn is_measuring(&self) -> bool {
        matches!(self.phase, Phase::Measuring(_))
    }

    pub(crate) fn figures(&self) -> Figures {
        let Phase::Finished(first, last) = self.phase else { return Figures::default() };
        let seconds = (last.at - first.at).as_secs_f64();
        let cores = |last: Duration, first| last.saturating_sub(first).as_secs_f64() / seconds;
        let server_cores = cores(last.server, first.server);
        let generator_cores = cores(last.generator, first.generator);
        let machine_cores = cores(last.machine, first.machine);
        let percentile = |quantile| self.latencies.value_at_quantile(quantile) as f64 / 1e3;
        let has_latencies = !self.latencies.is_empty();
        Figures {
            operations: self.operations,
            seconds,
            cpu_us: (self.operations > 0).then(|| server_cores * seconds * 1e6 / self.operations as f64),
            per_second: self.operations as f64 / seconds,
            p50_us: has_latencies.then(|| percentile(0.5)),
            p99_us: has_latencies.then(|| percentile(0.99)),
            rss_per_connection: None,
            server_cores,
            generator_cores,
            other_cores: (machine_cores - server_cores - generator_cores).max(0.0),
            errors: self.errors,
            reordered: self.reordered,
        }
    }
}
