//! One Engine.IO session: which transport carries it, its heartbeat, its upgrade, how it ends.
//!
//! Promises that a session ends exactly once, with the first reason; that at most one poll and one POST are
//! served at a time; and that only a session that is polling can be upgraded. Refuses to know bytes: packets
//! come decoded, answers are named, not written.
//! Source: Engine.IO protocol v4, "Transports", "Heartbeat", "Upgrade".

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::protocol::engine::Packet;

/// How long a poll goes on waiting for packets during an upgrade: the client can switch only between two polls. As in the reference. A client that is
/// joining, or talking, has its poll released by an answer before that.
const RELEASE: Duration = Duration::from_millis(100);

/// The same for a client that has joined and said nothing since: nothing else is to be expected. Not at once: a client that has the
/// poll's answer before its probe's polls again.
const RELEASE_QUIET: Duration = Duration::from_millis(1);

/// The same for a poll of such a client that comes after the probe was answered, or after one that was released. Until it knows of the answer a
/// client polls on.
const RELEASE_AGAIN: Duration = Duration::from_millis(10);

/// How early a deadline may be called due.
const EARLY: Duration = Duration::from_millis(5);

/// Why an Engine.IO session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// No pong in time.
    PingTimeout,
    /// The client closed: a close packet, a WebSocket close, the end of the TCP connection.
    TransportClose,
    /// The transport failed or was misused: two polls at once, an aborted poll, a broken WebSocket frame.
    TransportError,
    /// A packet that is not Engine.IO.
    ParseError,
    /// The server closed it: a broken Socket.IO packet, a limit, `Session::close`.
    ForcedClose,
    /// The server closed it because of packets out of order, or nothing joined in time.
    ForcedServerClose,
    /// The server made all sockets of the connection leave: `Socket::disconnect(true)`.
    ServerDisconnect,
    /// The server is going down.
    ServerShuttingDown,
    /// The client does not read what is sent to it, and the outbox's policy is to disconnect.
    TooSlow,
}

impl CloseReason {
    /// The reason's text, as the reference words it. [`TooSlow`](Self::TooSlow) has no counterpart there and is a `transport error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PingTimeout => "ping timeout",
            Self::TransportClose => "transport close",
            Self::TransportError | Self::TooSlow => "transport error",
            Self::ParseError => "parse error",
            Self::ForcedClose | Self::ServerDisconnect => "forced close",
            Self::ForcedServerClose => "forced server close",
            Self::ServerShuttingDown => "server shutting down",
        }
    }

    /// The code of the WebSocket close frame (RFC 6455, 7.4.1).
    pub(crate) fn websocket_code(self) -> Option<u16> {
        match self {
            Self::ServerShuttingDown => Some(1001),
            Self::TooSlow => Some(1008),
            Self::PingTimeout
            | Self::TransportClose
            | Self::TransportError
            | Self::ParseError
            | Self::ForcedClose
            | Self::ServerDisconnect
            | Self::ForcedServerClose => None,
        }
    }
}

/// The durations a session lives by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) ping_interval: Duration,
    pub(crate) ping_timeout: Duration,
    pub(crate) upgrade_timeout: Duration,
}

/// What carries a session now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransportKind {
    /// HTTP long polling.
    Polling,
    /// WebSocket.
    WebSocket,
}

impl TransportKind {
    /// `polling` or `websocket`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }
}

#[derive(Debug)]
enum State {
    /// `upgrade`: a WebSocket with this session's id is open. Boxed, as mostly there is none.
    Polling {
        get: bool,
        post: bool,
        talk: Talk,
        upgrade: Option<Box<Probing>>,
    },
    WebSocket,
    Closed,
}

/// What a client that polls has sent: the first POST joins a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Talk {
    Nothing,
    /// One POST, and no poll was answered since.
    Joining,
    /// One POST, and a poll was answered: there is nothing to wait for.
    Quiet,
    Talking,
}

#[derive(Debug)]
struct Probing {
    until: Instant,
    /// Its `2probe` got its `3probe`, and a poll that waits is released then.
    release_at: Option<Instant>,
    /// The poll that waits came after the probe was answered. A client that has the answer polls no more, so if the upgrade
    /// packet comes now, it was sent before that poll.
    late: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heartbeat {
    /// Kept by another worker, where the client's connection is.
    Far,
    /// Quiet until the next ping.
    Rests,
    /// Pinged; silence ends the session.
    AwaitsPong,
}

/// What a packet on the main transport asks for.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// A message for the layer above.
    Deliver(crate::protocol::engine::Packet),
    /// Nothing more to do.
    Ignore,
    /// The session ends.
    Close(CloseReason),
}

/// What a packet on a probing WebSocket asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ProbeVerdict {
    /// Answer `3probe` on the WebSocket.
    Answer,
    /// The WebSocket carries the session from now on. `refuses_poll`: a poll that waits came too late, and is answered so.
    Switch { refuses_poll: bool },
    /// Close only this WebSocket.
    Refuse,
}

/// What a deadline asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Ping,
    /// The upgrade did not finish: close only the probing WebSocket.
    DropProbe,
    /// Answer the waiting poll with a noop, so that the client can finish its upgrade.
    ReleasePoll,
    Close(CloseReason),
    Nothing,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Session {
    state: State,
    heartbeat: Heartbeat,
    /// When the next ping is due, or the pong.
    beat_at: Instant,
    /// The same for all sessions of a server.
    timing: Arc<Timing>,
    pinged: Instant,
    heard: Instant,
    /// Pings besides the heartbeat's that were not answered.
    asked: u32,
}

impl Session {
    pub(crate) fn open(via: TransportKind, timing: impl Into<Arc<Timing>>, now: Instant) -> Self {
        let timing = timing.into();
        let state = match via {
            TransportKind::Polling => {
                State::Polling { get: false, post: false, talk: Talk::Nothing, upgrade: None }
            }
            TransportKind::WebSocket => State::WebSocket,
        };
        Self {
            state,
            heartbeat: Heartbeat::Rests,
            beat_at: now + timing.ping_interval,
            timing,
            pinged: now,
            heard: now,
            asked: 0,
        }
    }

    /// For a client whose connection, heartbeat included, is on another worker.
    pub(crate) fn open_far(timing: impl Into<Arc<Timing>>, now: Instant) -> Self {
        Self { heartbeat: Heartbeat::Far, ..Self::open(TransportKind::WebSocket, timing, now) }
    }

    pub(crate) fn transport(&self) -> Option<TransportKind> {
        match self.state {
            State::Polling { .. } => Some(TransportKind::Polling),
            State::WebSocket => Some(TransportKind::WebSocket),
            State::Closed => None,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// A ping is sent besides the heartbeat's.
    pub(crate) fn asks(&mut self) {
        self.asked = self.asked.saturating_add(1);
    }

    /// The client has received everything sent before: it answered a ping that was sent then.
    pub(crate) fn heard(&self) -> Instant {
        self.heard
    }

    /// True for the first reason only.
    pub(crate) fn close(&mut self) -> bool {
        if self.is_closed() {
            return false;
        }
        self.state = State::Closed;
        true
    }

    /// When [`Self::due`] wants to be asked next; none once closed.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let beat = (self.heartbeat != Heartbeat::Far).then_some(self.beat_at);
        match &self.state {
            State::Polling { get, upgrade: Some(probing), .. } => {
                let release = probing.release_at.filter(|_| *get);
                [beat, Some(probing.until), release].into_iter().flatten().min()
            }
            State::Polling { .. } | State::WebSocket => beat,
            State::Closed => None,
        }
    }

    /// What is due at `now`. `reading`: whether the client is being read at all; while it is held back because its
    /// events wait, its pong waits too and its silence proves nothing.
    pub(crate) fn due(&mut self, now: Instant, reading: bool) -> Due {
        if self.is_closed() {
            return Due::Nothing;
        }
        match self.heartbeat {
            Heartbeat::Rests if self.beat_at <= now => {
                // Both deadlines count from the schedule, not from when the timer fired: lateness must not add up.
                let by = self.beat_at + self.timing.ping_timeout;
                // After a long pause of the whole process (SIGSTOP, sleep) the client gets its full time.
                self.beat_at = if by <= now { now + self.timing.ping_timeout } else { by };
                self.heartbeat = Heartbeat::AwaitsPong;
                // A caller's timers may be a little early; rather too old than too new.
                self.pinged = now.checked_sub(EARLY).unwrap_or(now);
                return Due::Ping;
            }
            Heartbeat::AwaitsPong if self.beat_at <= now => {
                if reading {
                    return Due::Close(CloseReason::PingTimeout);
                }
                self.beat_at = now + self.timing.ping_timeout;
            }
            Heartbeat::Rests | Heartbeat::AwaitsPong | Heartbeat::Far => {}
        }
        let State::Polling { get, upgrade, .. } = &mut self.state else { return Due::Nothing };
        let Some(probing) = upgrade else { return Due::Nothing };
        if probing.until <= now {
            *upgrade = None;
            return Due::DropProbe;
        }
        match &mut probing.release_at {
            Some(at) if *get && *at <= now => {
                *at = now + RELEASE_AGAIN;
                Due::ReleasePoll
            }
            _ => Due::Nothing,
        }
    }

    /// A packet on the transport that carries the session.
    pub(crate) fn packet(&mut self, packet: Packet, now: Instant) -> Verdict {
        if self.is_closed() {
            return Verdict::Ignore;
        }
        match packet {
            Packet::Message(_) | Packet::Binary(_) => Verdict::Deliver(packet),
            Packet::Pong(_) => {
                if self.asked > 0 {
                    // Perhaps the answer to what others asked, perhaps not: it proves nothing here.
                    self.asked -= 1;
                } else if self.heartbeat == Heartbeat::AwaitsPong {
                    self.heard = self.pinged;
                }
                self.heartbeat = Heartbeat::Rests;
                self.beat_at = now + self.timing.ping_interval;
                Verdict::Ignore
            }
            Packet::Close => Verdict::Close(CloseReason::TransportClose),
            // In version 4 only the server pings.
            Packet::Ping(_) => Verdict::Close(CloseReason::TransportError),
            Packet::Open(_) | Packet::Upgrade | Packet::Noop => Verdict::Ignore,
        }
    }

    /// A GET asks for packets. An error ends the session: polls must not overlap.
    pub(crate) fn poll_begins(&mut self, now: Instant) -> Result<(), Misuse> {
        match &mut self.state {
            State::Polling { get: true, .. } => Err(Misuse::Overlap),
            State::Polling { get, talk, upgrade, .. } => {
                *get = true;
                if let Some(Probing { release_at: Some(at), late, .. }) = upgrade.as_deref_mut() {
                    *late = true;
                    // Not at once: the upgrade packet may have come over the other connection already.
                    *at = if *talk == Talk::Quiet {
                        now + RELEASE_AGAIN
                    } else {
                        (*at).max(now + RELEASE_AGAIN)
                    };
                }
                Ok(())
            }
            State::WebSocket => Err(Misuse::WrongTransport),
            State::Closed => Err(Misuse::Unknown),
        }
    }

    /// The GET was answered.
    pub(crate) fn poll_ends(&mut self) {
        if let State::Polling { get, talk, upgrade, .. } = &mut self.state {
            *get = false;
            if *talk == Talk::Joining {
                *talk = Talk::Quiet;
            }
            if let Some(probing) = upgrade {
                probing.late = false;
            }
        }
    }

    /// A POST brings packets. An error ends the session: POSTs must not overlap.
    pub(crate) fn post_begins(&mut self, now: Instant) -> Result<(), Misuse> {
        match &mut self.state {
            State::Polling { post: true, .. } => Err(Misuse::Overlap),
            State::Polling { post, talk, upgrade, .. } => {
                *post = true;
                *talk = if *talk == Talk::Nothing { Talk::Joining } else { Talk::Talking };
                if let (Talk::Talking, Some(Probing { release_at: Some(at), .. })) =
                    (*talk, upgrade.as_deref_mut())
                {
                    *at = now + RELEASE;
                }
                Ok(())
            }
            State::WebSocket => Err(Misuse::WrongTransport),
            State::Closed => Err(Misuse::Unknown),
        }
    }

    /// The POST was answered.
    pub(crate) fn post_ends(&mut self) {
        if let State::Polling { post, .. } = &mut self.state {
            *post = false;
        }
    }

    /// A WebSocket with this session's id wants to take over.
    pub(crate) fn probe_begins(&mut self, now: Instant) -> Result<(), Misuse> {
        match &mut self.state {
            State::Polling { upgrade: upgrade @ None, .. } => {
                let until = now + self.timing.upgrade_timeout;
                *upgrade = Some(Box::new(Probing { until, release_at: None, late: false }));
                Ok(())
            }
            State::Polling { .. } => Err(Misuse::Overlap),
            State::WebSocket => Err(Misuse::WrongTransport),
            State::Closed => Err(Misuse::Unknown),
        }
    }

    /// A packet on the probing WebSocket.
    pub(crate) fn probe_packet(&mut self, packet: &Packet, now: Instant) -> ProbeVerdict {
        let State::Polling { talk, upgrade, .. } = &mut self.state else {
            return ProbeVerdict::Refuse;
        };
        match (upgrade.as_deref_mut(), packet) {
            (Some(Probing { release_at, .. }), Packet::Ping(data)) if data == "probe" => {
                release_at.get_or_insert(now + if *talk == Talk::Quiet { RELEASE_QUIET } else { RELEASE });
                ProbeVerdict::Answer
            }
            (Some(Probing { release_at: Some(_), late, .. }), Packet::Upgrade) => {
                let refuses_poll = *late;
                self.state = State::WebSocket;
                ProbeVerdict::Switch { refuses_poll }
            }
            _ => {
                *upgrade = None;
                ProbeVerdict::Refuse
            }
        }
    }

    /// The probing WebSocket went away; polling goes on.
    pub(crate) fn probe_ends(&mut self) {
        if let State::Polling { upgrade, .. } = &mut self.state {
            *upgrade = None;
        }
    }
}

/// A request that does not fit the session's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misuse {
    /// A second of its kind while the first is open.
    Overlap,
    /// The session is carried by another transport.
    WrongTransport,
    /// The session has ended.
    Unknown,
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
