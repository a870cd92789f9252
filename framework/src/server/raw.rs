//! Engine.IO without Socket.IO: messages of a session, for protocols of one's own.

use std::future::Future;

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;

use super::Builder;
use crate::config::Options;
use crate::connection::{AppFactory, RawCell};
use crate::engine::CloseReason;
use crate::engine::session::TransportKind;
use crate::error::{ConfigError, Refuse};
use crate::event::Hook;
use crate::id::SessionId;
use crate::socket::Request;
use crate::web::Front;
use crate::worker::{Fleet, Frame, HubInner, Line, LineAddress, Op};

/// A message of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(ByteString),
    /// Bytes.
    Binary(Bytes),
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

struct Inner {
    at: LineAddress,
    request: Arc<Request>,
}

/// One client, below Socket.IO. `Clone` and `Send`.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    pub(crate) fn new(hub: &HubInner, line: &Line, request: Arc<Request>) -> Self {
        Self(Arc::new(Inner { at: LineAddress::of(hub, line), request }))
    }

    /// The session's id, a secret.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.0.at.sid
    }

    /// The first request of the session.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.0.request
    }

    /// What carries the session at this moment.
    #[must_use]
    pub fn transport(&self) -> TransportKind {
        self.0.request.carrier.kind()
    }

    /// Sends a message. Dropped when the session has ended, and, from another thread, when the session's worker is behind
    /// by its whole [`worker_budget`](Options::worker_budget).
    pub fn send(&self, message: impl Into<Message>) {
        let frame = match message.into() {
            Message::Text(text) => Frame::message(&text),
            Message::Binary(data) => Frame::binary(&data),
        };
        let LineAddress { fleet, worker, slot, sid } = &self.0.at;
        match HubInner::here(fleet).filter(|hub| hub.worker == *worker) {
            Some(hub) => {
                if let Some(line) = hub.line(*slot, &sid.0) {
                    line.offer(&hub, frame, false);
                }
            }
            None => {
                let op = Op::Offer { slot: *slot, sid: sid.0, frame };
                HubInner::post_from_anywhere(fleet, *worker, op);
            }
        }
    }

    /// Ends the session, after what was sent before.
    pub fn close(&self) {
        self.0.at.run(|hub, line| hub.close(line, CloseReason::ForcedClose));
    }

    fn cell(&self, f: impl FnOnce(&RawCell) + Send + 'static) {
        self.0.at.run(move |_, line| {
            if let Some(cell) = line.attached::<RawCell>().first() {
                f(cell);
            }
        });
    }

    /// Told of each message, one at a time and in order, also when it is async. Replaces an earlier one.
    pub fn on_message<F, R, M>(&self, mut f: F)
    where
        F: FnMut(Self, Message) -> R + Send + 'static,
        R: Hook<M>,
    {
        self.cell(move |cell| *cell.on_message.borrow_mut() = Some(Box::new(move |s, m| f(s, m).task())));
    }

    /// Told once, when the session has ended. Replaces an earlier one.
    pub fn on_close<F, R, M>(&self, mut f: F)
    where
        F: FnMut(Self, CloseReason) -> R + Send + 'static,
        R: Hook<M>,
    {
        self.cell(move |cell| *cell.on_close.borrow_mut() = Some(Box::new(move |s, r| f(s, r).task())));
    }
}

/// An Engine.IO server. `Clone` and `Send`; an actix-web service.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Front>);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl Engine {
    /// Options of the Engine.IO part of [`Options`]; the path is `/engine.io` unless set.
    #[must_use]
    pub fn builder(options: Options) -> EngineBuilder {
        let default = Options::default().path;
        let options = if options.path == default { options.path("/engine.io") } else { options };
        EngineBuilder(Builder::new(options))
    }

    /// Sessions that are open.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.0.fleet.sessions()
    }
}

/// Options and hooks of an Engine.IO server to be.
#[derive(Clone, Debug)]
pub struct EngineBuilder(Builder);

impl EngineBuilder {
    /// See [`Builder::allow_request`].
    #[must_use]
    pub fn allow_request<F, R>(self, gate: F) -> Self
    where
        F: Fn(Arc<Request>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), Refuse>> + 'static,
    {
        Self(self.0.allow_request(gate))
    }

    /// See [`Builder::headers`].
    #[must_use]
    pub fn headers(
        self,
        hook: impl Fn(&Request, bool, &mut Vec<(String, String)>) + Send + Sync + 'static,
    ) -> Self {
        Self(self.0.headers(hook))
    }

    /// Builds the server. `welcome` is called for each new session, before its first message is handled.
    ///
    /// # Errors
    /// When an option makes no sense; the error names it and says what would be right.
    pub fn on_session(
        self,
        welcome: impl Fn(Session) + Send + Sync + 'static,
    ) -> Result<Engine, ConfigError> {
        let Builder { options, gate, headers, refused, bundle } = self.0.check()?;
        let mut settings = options.settings();
        settings.connect_timeout = None;
        let fleet = Arc::new(Fleet::new(options.max_workers, settings));
        let factory = AppFactory::Raw { welcome: Arc::new(welcome), max_waiting: options.max_waiting_events };
        Ok(Engine(Arc::new(Front { fleet, options, factory, gate, headers, refused, bundle })))
    }
}
