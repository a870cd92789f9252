//! A server that runs: started on a core and a port of its own, ended when dropped.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::error::{Context, Error};
use crate::server::Server;

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// One core for the server and another for the load generator, where there are two.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cores {
    Shared,
    Apart { server: usize, generator: usize },
}

impl Cores {
    /// The first two that this process may use.
    pub(crate) fn choose() -> Result<Self, Error> {
        let allowed = sched_getaffinity(None).context("ask for the cores of this process")?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        Ok(match (cores.next(), cores.next()) {
            (Some(server), Some(generator)) => Self::Apart { server, generator },
            _ => Self::Shared,
        })
    }

    /// Runs `start` on the server's core, for a process inherits the core of the thread that starts it, and goes to the
    /// generator's.
    fn start<T>(self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let Self::Apart { server, generator } = self else { return start() };
        pin(server)?;
        let started = start();
        pin(generator)?;
        started
    }
}

fn pin(core: usize) -> io::Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    Ok(sched_setaffinity(None, &set)?)
}

/// Raises the limit of open files, for this process and its servers, as far as it goes: to the hard limit, and beyond it
/// where root may.
pub(crate) fn raise_open_files(sockets: usize) -> Result<(), Error> {
    let allowed = getrlimit(Resource::Nofile).maximum;
    let maximum = allowed.map(|allowed| allowed.max(files(sockets)));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let raised =
        raised.or_else(|_| setrlimit(Resource::Nofile, Rlimit { current: allowed, maximum: allowed }));
    raised.context("raise RLIMIT_NOFILE")
}

/// Refuses more sockets than this process may have.
pub(crate) fn check_open_files(sockets: usize) -> Result<(), Error> {
    let needed = files(sockets);
    match getrlimit(Resource::Nofile).current {
        Some(allowed) if allowed < needed => Err(Error::OpenFiles { needed, allowed }),
        _ => Ok(()),
    }
}

/// Beside sockets: logs, epoll, what a server opens for itself.
fn files(sockets: usize) -> u64 {
    sockets as u64 + 100
}

/// A process of ours.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pub(crate) addr: SocketAddr,
    name: String,
    log: PathBuf,
}

impl Running {
    /// Starts a server and waits until it listens.
    pub(crate) fn start(
        server: &Server,
        command: &[String],
        cores: Cores,
        out: &Path,
    ) -> Result<Self, Error> {
        let log = out.join(format!("{}.log", server.name));
        let file = File::create(&log).context(format!("write {}", log.display()))?;
        let errors = file.try_clone().context("write a log")?;
        let addr = free_port().context("find a free port")?;
        let [program, arguments @ ..] = command else { return Err(Error::NoServers) };
        let mut command = Command::new(program);
        command.args(arguments).env("PORT", addr.port().to_string()).env("WORKERS", "1");
        command.envs(server.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let child = cores.start(|| command.spawn()).context(format!("start {program}"))?;
        let mut running = Self { child, addr, name: server.name.clone(), log };
        running.wait_until_listening()?;
        Ok(running)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_listening(&mut self) -> Result<(), Error> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            self.check()?;
            match TcpStream::connect(self.addr) {
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    pause(Duration::from_millis(20))
                }
                Err(error) => return Err(error).context("connect to the server"),
                Ok(_) => return Ok(()),
            }
        }
        Err(self.failed("did not listen on the port of PORT"))
    }

    /// Whether it is still there.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        match self.child.try_wait().context("ask for the server's state")? {
            Some(_) => Err(self.failed("has ended")),
            None => Ok(()),
        }
    }

    fn failed(&self, what: &'static str) -> Error {
        Error::Server { name: self.name.clone(), what, log: self.log.clone() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

#[expect(clippy::disallowed_methods, reason = "nothing tells when another process begins to listen")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Source;

    #[test]
    fn more_sockets_than_allowed_are_refused_by_the_limits_name() {
        // Beyond what Linux allows anybody: fs.nr_open is an int.
        raise_open_files(1 << 32).expect("as far as it goes");
        let message = check_open_files(1 << 32).expect_err("too many").to_string();
        assert!(message.contains("RLIMIT_NOFILE"), "{message}");
    }

    #[test]
    fn a_server_that_ends_is_told_with_its_log() {
        let command = vec!["false".to_owned()];
        let server =
            Server { name: "false".into(), source: Source::Given(command.clone()), environment: vec![] };
        let out = std::env::temp_dir();
        let error = Running::start(&server, &command, Cores::Shared, &out).expect_err("it ends").to_string();
        assert!(error.starts_with("server false has ended; its log is "), "{error}");
    }
}
