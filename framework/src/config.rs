//! Every option, with its default; wrong ones are refused when the server is built.

mod recovery;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::session::Timing;
use crate::error::ConfigError;
use crate::id::Place;
use crate::protocol;
use crate::worker::{OutboxLimits, Overflow, Settings};
pub use recovery::Recovery;

/// Which origins browsers may connect from, besides the server's own.
#[derive(Clone, Default)]
pub enum Origins {
    /// No CORS header at all: only pages of the same origin.
    #[default]
    SameOrigin,
    /// `*`. Browsers then send no cookies.
    Any,
    /// Every origin, mirrored: allows cookies from everywhere, so use it in development only.
    Mirror,
    /// These, such as `https://app.example.com`.
    List(Vec<String>),
    /// Those that the function accepts.
    Matching(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl std::fmt::Debug for Origins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SameOrigin => f.write_str("SameOrigin"),
            Self::Any => f.write_str("Any"),
            Self::Mirror => f.write_str("Mirror"),
            Self::List(list) => f.debug_tuple("List").field(list).finish(),
            Self::Matching(_) => f.write_str("Matching(_)"),
        }
    }
}

impl Origins {
    /// A list of origins.
    pub fn list<T: Into<String>>(origins: impl IntoIterator<Item = T>) -> Self {
        Self::List(origins.into_iter().map(Into::into).collect())
    }

    /// Origins that a function accepts.
    pub fn matching(accept: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::Matching(Arc::new(accept))
    }

    pub(crate) fn accept(&self, origin: &str) -> bool {
        match self {
            Self::SameOrigin => false,
            Self::Any | Self::Mirror => true,
            Self::List(list) => list.iter().any(|allowed| allowed == origin),
            Self::Matching(accept) => accept(origin),
        }
    }
}

/// Cross-origin resource sharing for polling, and the origins of WebSockets. Defaults are those of the `cors` package.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cors {
    /// Who may connect. Default: the same origin only.
    pub origins: Origins,
    /// `Access-Control-Allow-Methods`. Default: GET,HEAD,PUT,PATCH,POST,DELETE.
    pub methods: String,
    /// `Access-Control-Allow-Headers`. Default: what the browser asks for.
    pub allowed_headers: Option<String>,
    /// `Access-Control-Expose-Headers`. Default: none.
    pub exposed_headers: Option<String>,
    /// Whether cookies may be sent. Default: no. Browsers refuse it together with [`Origins::Any`].
    pub credentials: bool,
    /// `Access-Control-Max-Age`. Default: none.
    pub max_age: Option<Duration>,
}

impl Default for Cors {
    fn default() -> Self {
        Self {
            origins: Origins::default(),
            methods: "GET,HEAD,PUT,PATCH,POST,DELETE".into(),
            allowed_headers: None,
            exposed_headers: None,
            credentials: false,
            max_age: None,
        }
    }
}

impl Cors {
    /// Defaults for these origins.
    #[must_use]
    pub fn new(origins: Origins) -> Self {
        Self { origins, ..Self::default() }
    }

    /// Allows cookies.
    #[must_use]
    pub fn credentials(mut self) -> Self {
        self.credentials = true;
        self
    }
}

/// Where the browser's client comes from.
#[derive(Clone, Debug, Default)]
pub enum ClientBundle {
    /// `{path}/socket.io.js`, `.min.js` and `.esm.min.js` are Greenroom's own small client (14 KB minified), which is part of the
    /// crate. What it can do and when to take the official one is in the guide `docs/client.md`.
    #[default]
    Embedded,
    /// They are not served.
    None,
    /// The files of npm's `socket.io-client/dist`, read when the server is built.
    Dir(PathBuf),
}

impl ClientBundle {
    /// The folder `socket.io-client/dist` of an npm installation.
    pub fn dir(path: impl Into<PathBuf>) -> Self {
        Self::Dir(path.into())
    }
}

/// Options of one server. See each method for its default.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) path: String,
    pub(crate) ping_interval: Duration,
    pub(crate) ping_timeout: Duration,
    pub(crate) upgrade_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) ack_timeout: Duration,
    pub(crate) max_payload: usize,
    pub(crate) polling: bool,
    pub(crate) websocket: bool,
    pub(crate) allow_upgrades: bool,
    pub(crate) check_websocket_origin: bool,
    pub(crate) cors: Cors,
    pub(crate) client: ClientBundle,
    pub(crate) max_attachments: usize,
    pub(crate) max_event_name: usize,
    pub(crate) max_namespaces: usize,
    pub(crate) max_dynamic_namespaces: usize,
    pub(crate) max_rooms_per_socket: usize,
    pub(crate) max_pending_acks: usize,
    pub(crate) max_waiting_events: usize,
    pub(crate) max_sessions_per_worker: usize,
    pub(crate) max_workers: usize,
    pub(crate) outbox_bytes: usize,
    pub(crate) outbox_packets: usize,
    pub(crate) overflow: Overflow,
    pub(crate) worker_budget: usize,
    pub(crate) post_timeout: Duration,
    pub(crate) write_timeout: Duration,
    pub(crate) drain_timeout: Duration,
    pub(crate) cleanup_empty_child_namespaces: bool,
    pub(crate) keep_headers: bool,
    pub(crate) recovery: Option<Recovery>,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            path: "/socket.io".into(),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(45),
            ack_timeout: Duration::from_secs(30),
            max_payload: 1_000_000,
            polling: true,
            websocket: true,
            allow_upgrades: true,
            check_websocket_origin: true,
            cors: Cors::default(),
            client: ClientBundle::Embedded,
            max_attachments: 10,
            max_event_name: 128,
            max_namespaces: 32,
            max_dynamic_namespaces: 10_000,
            max_rooms_per_socket: 1_000,
            max_pending_acks: 1_000,
            max_waiting_events: 64,
            max_sessions_per_worker: 1_000_000,
            max_workers: (cores * 2).max(16),
            outbox_bytes: 1024 * 1024,
            outbox_packets: 4_096,
            overflow: Overflow::Disconnect,
            worker_budget: 64 * 1024 * 1024,
            post_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(5),
            cleanup_empty_child_namespaces: true,
            keep_headers: false,
            recovery: None,
        }
    }
}

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident: $ty:ty),* $(,)?) => {
        $($(#[$doc])* #[must_use] pub fn $name(mut self, value: $ty) -> Self { self.$name = value; self })*
    };
}

impl Options {
    /// All defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    options! {
        /// How long after the handshake, and after each pong, the next ping is sent. Default 25 s.
        ping_interval: Duration,
        /// How long a pong may take. Default 20 s.
        ping_timeout: Duration,
        /// How long an upgrade may take; then the session goes on over polling. Default 10 s.
        upgrade_timeout: Duration,
        /// How long a client may stay without joining a namespace. Default 45 s.
        connect_timeout: Duration,
        /// How long an answer of a client is waited for. Default 30 s.
        ack_timeout: Duration,
        /// Bytes of one WebSocket message, of one POST or poll body, and of one packet with all its attachments. Default 1,000,000. Beyond it: close
        /// 1009, or 413, and the session ends; a packet that its attachments make too large ends it, too.
        max_payload: usize,
        /// Whether sessions may start with HTTP long polling. Default yes.
        polling: bool,
        /// Whether WebSockets are served. Default yes.
        websocket: bool,
        /// Whether clients that poll are told that they may upgrade. Default yes.
        allow_upgrades: bool,
        /// Whether a WebSocket from a page of another origin is refused unless [`cors`](Self::cors) allows the origin. Default yes: browsers do
        /// not apply CORS to WebSockets, so without this any page could connect with the visitor's cookies.
        check_websocket_origin: bool,
        /// Which pages of other origins may connect. Default: none.
        cors: Cors,
        /// Where `{path}/socket.io.js` comes from. Default: Greenroom's own small client.
        client: ClientBundle,
        /// Binary parts of one packet. Default 10. Beyond it the session is closed.
        max_attachments: usize,
        /// Bytes of an event's name. Default 128. Beyond it the session is closed.
        max_event_name: usize,
        /// Namespaces that one connection may be in. Default 32. Beyond it the namespace is refused.
        max_namespaces: usize,
        /// Namespaces that clients may bring to life by patterns and predicates. Default 10,000. Beyond it they are refused.
        max_dynamic_namespaces: usize,
        /// Rooms that one socket may be in, besides its own. Default 1,000.
        max_rooms_per_socket: usize,
        /// Answers that may be awaited from one socket. Default 1,000.
        max_pending_acks: usize,
        /// Events of one socket that may wait for a handler. Default 64 (and `max_payload` bytes). Beyond it the client is not read.
        max_waiting_events: usize,
        /// Sessions on one worker. Default 1,000,000. Beyond it new ones get 503.
        max_sessions_per_worker: usize,
        /// Worker threads that may serve this server. Default: twice the cores, 16 at least.
        max_workers: usize,
        /// Bytes that may wait for one client. Default 1 MiB. An empty outbox takes one packet of any size.
        outbox_bytes: usize,
        /// Packets that may wait for one client. Default 4,096.
        outbox_packets: usize,
        /// What happens to a client whose outbox is full. Default: it is disconnected.
        overflow: Overflow,
        /// Bytes that may wait between two workers. Default 64 MiB. Beyond it deliveries to that worker are dropped and logged.
        worker_budget: usize,
        /// How long a POST body may take; it must also come at 1 KiB/s. Default 10 s. Beyond it: 408, and the session ends.
        post_timeout: Duration,
        /// How long a socket may refuse to take bytes before it is shut down. Default 10 s. Needs [`HttpServerExt`](crate::HttpServerExt).
        write_timeout: Duration,
        /// How long clients get to take their goodbye when the server shuts down. Default 5 s.
        drain_timeout: Duration,
        /// Whether a namespace made by a pattern or predicate goes with its last socket. Default yes.
        cleanup_empty_child_namespaces: bool,
        /// Whether the headers of a connection's first request are kept for `handshake().header(…)`. Default no: they cost each connection some hundred bytes
        /// for as long as it lives. [`allow_request`](crate::Builder::allow_request), [`headers`](crate::Builder::headers) and
        /// [`on_connection_error`](crate::Builder::on_connection_error) are shown them anyhow, and so is middleware of the app; what serves the socket
        /// later (`wrap`, `#[connect]`, handlers) sees none, and the first attempt is logged as an error.
        keep_headers: bool,
    }

    /// Where requests come in. Default `/socket.io`; a trailing slash makes no difference.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Keeps the session of a client that lost its network, so that it comes back with the same id, rooms and state, and gets what it
    /// missed. Default: off.
    #[must_use]
    pub fn connection_state_recovery(mut self, recovery: impl Into<Option<Recovery>>) -> Self {
        self.recovery = recovery.into();
        self
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let error = |option, problem: &str| Err(ConfigError::new(option, problem));
        let path = self.path.trim_end_matches('/');
        if !path.starts_with('/') || path.len() < 2 || path.contains(['?', '#', '{', '}', '*']) {
            return error("path", &format!("`{}` is no path; write it like `/socket.io`", self.path));
        }
        if !self.polling && !self.websocket {
            return error("polling", "polling and WebSocket are both off; leave one of them on");
        }
        for (option, value) in [
            ("ping_interval", self.ping_interval),
            ("ping_timeout", self.ping_timeout),
            ("upgrade_timeout", self.upgrade_timeout),
            ("connect_timeout", self.connect_timeout),
            ("ack_timeout", self.ack_timeout),
            ("post_timeout", self.post_timeout),
            ("write_timeout", self.write_timeout),
        ] {
            if value < Duration::from_millis(1) || value > Duration::from_secs(7 * 24 * 3600) {
                return error(option, &format!("{value:?} is out of range; take 1 ms to 7 days"));
            }
        }
        for (option, value, least, most) in [
            ("max_payload", self.max_payload, 64, u32::MAX as usize),
            ("max_attachments", self.max_attachments, 1, 10_000),
            ("max_event_name", self.max_event_name, 1, 65_536),
            ("max_namespaces", self.max_namespaces, 1, 10_000),
            ("max_rooms_per_socket", self.max_rooms_per_socket, 1, 10_000_000),
            ("max_pending_acks", self.max_pending_acks, 1, 10_000_000),
            ("max_waiting_events", self.max_waiting_events, 1, 1_000_000),
            ("max_sessions_per_worker", self.max_sessions_per_worker, 1, Place::SLOTS),
            ("max_workers", self.max_workers, 1, Place::WORKERS),
            ("outbox_bytes", self.outbox_bytes, 1, usize::MAX),
            ("outbox_packets", self.outbox_packets, 1, usize::MAX),
            ("worker_budget", self.worker_budget, 1, usize::MAX),
        ] {
            if !(least..=most).contains(&value) {
                return error(option, &format!("{value} is out of range; take {least} to {most}"));
            }
        }
        if let Some(recovery) = &self.recovery {
            recovery.check()?;
        }
        if self.cors.credentials && matches!(self.cors.origins, Origins::Any) {
            return error(
                "cors",
                "browsers refuse credentials together with `Origins::Any`; list the origins",
            );
        }
        for origin in if let Origins::List(list) = &self.cors.origins { list.as_slice() } else { &[] } {
            if !origin.contains("://") || origin.ends_with('/') {
                return error(
                    "cors",
                    &format!("`{origin}` is no origin; write it like `https://app.example.com`"),
                );
            }
        }
        Ok(())
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            timing: Timing {
                ping_interval: self.ping_interval,
                ping_timeout: self.ping_timeout,
                upgrade_timeout: self.upgrade_timeout,
            }
            .into(),
            connect_timeout: Some(self.connect_timeout),
            max_payload: self.max_payload,
            outbox: OutboxLimits {
                bytes: self.outbox_bytes,
                packets: self.outbox_packets,
                overflow: self.overflow,
            },
            max_sessions: self.max_sessions_per_worker,
            max_rooms: self.max_rooms_per_socket,
            ack_timeout: self.ack_timeout,
            max_acks: self.max_pending_acks,
            worker_budget: self.worker_budget,
            recovery: self.recovery,
        }
    }

    pub(crate) fn packet_limits(&self) -> protocol::socket::Limits {
        protocol::socket::Limits {
            attachments: self.max_attachments,
            event_name: self.max_event_name,
            packet: self.max_payload,
            ..protocol::socket::Limits::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(Options::new().check(), Ok(()));
    }

    #[test]
    fn a_wrong_option_names_itself_and_what_would_be_right() {
        let wrong = [
            (Options::new().path("chat"), "path", "/socket.io"),
            (Options::new().path("/"), "path", "/socket.io"),
            (Options::new().ping_interval(Duration::ZERO), "ping_interval", "1 ms"),
            (Options::new().max_payload(0), "max_payload", "64"),
            (Options::new().polling(false).websocket(false), "polling", "leave one"),
            (Options::new().max_workers(5000), "max_workers", "1024"),
            (Options::new().cors(Cors::new(Origins::Any).credentials()), "cors", "list the origins"),
            (Options::new().cors(Cors::new(Origins::list(["example.com"]))), "cors", "https://"),
        ];
        for (options, name, hint) in wrong {
            let error = options.check().unwrap_err();
            assert_eq!(error.option, name);
            assert!(error.to_string().contains(hint), "{error}");
        }
    }
}
