//! The clients of the load: thousands of connections in one thread, which reads and writes what is ready.
//!
//! No async runtime: a load generator has to be cheaper than any server that it loads.

mod connection;
mod frame;
mod http;
mod message;
mod receive;

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;

use crate::error::{Context, Error};
pub(crate) use connection::Protocol;
use connection::{Connection, Phase};
pub(crate) use message::{Message, number, put_number};

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// How long the loop waits at most, so that a scenario without a deadline can end.
const TURN: Duration = Duration::from_millis(50);

/// A connection. Of one that was closed the number is given to another later.
pub(crate) type Id = usize;

/// What happens to a connection.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// There is a TCP connection.
    Connected,
    /// It is a WebSocket now.
    Upgraded,
    /// A message over WebSocket: one Engine.IO packet. Heartbeats are answered and not told.
    Packet(&'a [u8]),
    /// An answer over HTTP: status and body.
    Response(u16, &'a [u8]),
    /// The server, or the network, ended it.
    Closed,
}

/// What the clients do.
pub(crate) trait Scenario {
    /// Goes on after an event.
    fn event(&mut self, client: &mut Client, id: Id, event: Event<'_>) -> Result<(), Error>;

    /// Called once per turn of the loop; when to call it again at the latest.
    fn turn(&mut self, _client: &mut Client) -> Result<Option<Instant>, Error> {
        Ok(None)
    }

    /// Whether the loop may end.
    fn finished(&self) -> bool;
}

/// All connections to one server.
#[derive(Debug)]
pub(crate) struct Client {
    epoll: OwnedFd,
    server: SocketAddr,
    host: String,
    connections: Vec<Connection>,
    /// Numbers that may be given again.
    free: Vec<Id>,
    /// Closed in this turn, whose events may still tell of them.
    closed: Vec<Id>,
    /// Connections that have something to write.
    queue: VecDeque<Id>,
    buffer: Vec<u8>,
    opened: usize,
    /// Heartbeats of the server over WebSocket.
    pub(crate) heartbeats: u64,
}

impl Client {
    pub(crate) fn new(server: SocketAddr) -> Result<Self, Error> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC).context("ask for events of sockets")?,
            server,
            host: server.to_string(),
            connections: vec![],
            free: vec![],
            closed: vec![],
            queue: VecDeque::new(),
            buffer: vec![0; 256 * 1024],
            opened: 0,
            heartbeats: 0,
        })
    }

    /// Opens a connection; `tag` is the scenario's name for it.
    pub(crate) fn connect(&mut self, protocol: Protocol, tag: usize) -> Result<Id, Error> {
        let socket = connection::open(self.server, self.opened).context("connect to the server")?;
        self.opened += 1;
        let id = self.free.pop().unwrap_or(self.connections.len());
        let interest =
            epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::RDHUP | epoll::EventFlags::ET;
        epoll::add(&self.epoll, &socket, epoll::EventData::new_u64(id as u64), interest)
            .context("ask for events of a socket")?;
        let connection = Connection::new(socket, protocol, tag);
        match self.connections.get_mut(id) {
            Some(free) => *free = connection,
            None => self.connections.push(connection),
        }
        Ok(id)
    }

    pub(crate) fn tag(&self, id: Id) -> usize {
        self.connections[id].tag
    }

    pub(crate) fn set_tag(&mut self, id: Id, tag: usize) {
        self.connections[id].tag = tag;
    }

    pub(crate) fn protocol(&self, id: Id) -> Protocol {
        self.connections[id].protocol
    }

    /// Asks for a WebSocket, of the session `sid` or of a new one.
    pub(crate) fn upgrade(&mut self, id: Id, sid: Option<&str>) {
        let request = http::upgrade(&self.host, sid);
        self.write(id, request.as_bytes());
        self.connections[id].phase = Phase::Upgrading;
    }

    /// Polls the session `sid`, or opens one.
    pub(crate) fn get(&mut self, id: Id, sid: Option<&str>) {
        let request = http::get(&self.host, sid);
        self.write(id, request.as_bytes());
    }

    /// Sends packets of the session `sid` over polling.
    pub(crate) fn post(&mut self, id: Id, sid: &str, packets: &[u8]) {
        let head = http::post(&self.host, sid, packets.len());
        self.write(id, head.as_bytes());
        self.write(id, packets);
    }

    /// Sends one packet over WebSocket.
    pub(crate) fn send(&mut self, id: Id, packet: &[u8]) {
        let connection = &mut self.connections[id];
        if !matches!(connection.phase, Phase::Closed | Phase::Closing) {
            connection.write_frame(TEXT, packet);
            self.enqueue(id);
        }
    }

    /// Ends a WebSocket as the protocol asks for: a close frame each, then the connection.
    pub(crate) fn close(&mut self, id: Id) {
        let connection = &mut self.connections[id];
        if connection.phase != Phase::Open {
            return self.abort(id);
        }
        connection.write_frame(CLOSE, &1000u16.to_be_bytes());
        connection.phase = Phase::Closing;
        self.enqueue(id);
    }

    /// Ends a connection.
    pub(crate) fn abort(&mut self, id: Id) {
        if self.connections[id].phase != Phase::Closed {
            self.connections[id].close();
            self.closed.push(id);
        }
    }

    /// Runs a scenario to its end.
    pub(crate) fn run(&mut self, scenario: &mut impl Scenario) -> Result<(), Error> {
        let mut events = Vec::with_capacity(512);
        loop {
            let deadline = scenario.turn(self)?;
            self.flush(scenario)?;
            if scenario.finished() {
                return Ok(());
            }
            self.wait(deadline, &mut events)?;
            for event in events.drain(..) {
                self.ready(scenario, event.data.u64() as Id, event.flags)?;
                // At once: what is measured is the server, which must neither wait for other connections' answers nor
                // profit from them.
                self.flush(scenario)?;
            }
            self.free.append(&mut self.closed);
        }
    }

    fn wait(&self, deadline: Option<Instant>, events: &mut Vec<epoll::Event>) -> Result<(), Error> {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left = left.unwrap_or(TURN).min(TURN);
        let timeout = Timespec { tv_sec: 0, tv_nsec: left.subsec_nanos().into() };
        match epoll::wait(&self.epoll, spare_capacity(events), Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(io::Error::from(error)).context("wait for events of sockets"),
        }
    }

    fn write(&mut self, id: Id, bytes: &[u8]) {
        self.connections[id].write(bytes);
        self.enqueue(id);
    }

    fn enqueue(&mut self, id: Id) {
        let connection = &mut self.connections[id];
        if !connection.queued {
            connection.queued = true;
            self.queue.push_back(id);
        }
    }

    fn flush(&mut self, scenario: &mut impl Scenario) -> Result<(), Error> {
        while let Some(id) = self.queue.pop_front() {
            self.connections[id].queued = false;
            if self.connections[id].flush().is_err() {
                self.lost(scenario, id)?;
            }
        }
        Ok(())
    }

    fn lost(&mut self, scenario: &mut impl Scenario, id: Id) -> Result<(), Error> {
        self.abort(id);
        scenario.event(self, id, Event::Closed)
    }
}
