//! Events that the server sends, as a test expects them.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::reply::as_sent;
use super::socket::Socket;
use crate::payload::client_event_frame;
use crate::protocol::socket::{Decoder, Event, Limits, Packet};
use crate::socket::Sent;
use crate::typed::Target;

/// A target of a `#[client]` contract that sends nothing: it writes down which event a test expects.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Rc<RefCell<Option<Event>>>);

/// What a question of the server is answered with.
#[derive(Clone, Copy, Debug)]
pub struct Asked<A>(PhantomData<fn() -> A>);

impl Recorder {
    pub(super) fn recorded(&self) -> Option<Event> {
        self.0.take()
    }

    /// An event named by a string, where there is no contract.
    pub fn emit(&self, event: &str, args: impl Serialize) -> Sent {
        let frame = match client_event_frame("/", None, event, &args) {
            Ok(frame) => frame,
            Err(error) => return Sent::failed("(expected)", event, error),
        };
        let (text, attachments) = frame.parts();
        let most = usize::MAX;
        let limits = Limits { attachments: most, event_name: most, namespace: most, packet: most };
        let mut decoder = Decoder::new(limits);
        let mut packet = decoder.text(text.into());
        for data in attachments {
            packet = decoder.binary(data);
        }
        if let Ok(Some(Packet::Event(event))) = packet {
            self.0.replace(Some(event));
        }
        Sent::done()
    }

    /// A question named by a string, where there is no contract.
    pub fn ask<A>(&self, event: &str, args: impl Serialize) -> Asked<A> {
        let _ = self.emit(event, args);
        Asked(PhantomData)
    }
}

impl Target for Recorder {
    type Answer<A: DeserializeOwned + Send + 'static> = Asked<A>;

    fn emit(&self, event: &str, args: impl Serialize) -> Sent {
        Self::emit(self, event, args)
    }

    fn ask<A: DeserializeOwned + Send + 'static>(&self, event: &str, args: impl Serialize) -> Asked<A> {
        Self::ask(self, event, args)
    }

    fn timeout(self, _: Duration) -> Self {
        self
    }

    fn volatile(self) -> Self {
        self
    }
}

fn json(event: &Event) -> Option<serde_json::Value> {
    serde_json::from_str(&format!("[{}]", event.args())).ok()
}

/// Whether two events say the same: keys may be in another order, and white space elsewhere.
pub(super) fn same(one: &Event, other: &Event) -> bool {
    one.name() == other.name() && json(one) == json(other) && one.attachments() == other.attachments()
}

/// A question of the server, which waits for its answer.
#[must_use = "the server waits for the answer"]
pub struct Question<A, Q = ()> {
    socket: Rc<Socket>,
    event: Event,
    at: &'static Location<'static>,
    /// The question's arguments.
    pub args: Q,
    kind: PhantomData<fn(A)>,
}

impl<A, Q: fmt::Debug> fmt::Debug for Question<A, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question")
            .field("event", &self.event.name())
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
}

impl<A, Q> Question<A, Q> {
    pub(super) fn new(socket: Rc<Socket>, event: Event, args: Q, at: &'static Location<'static>) -> Self {
        Self { socket, event, args, at, kind: PhantomData }
    }
}

impl<A: Serialize, Q> Question<A, Q> {
    /// Answers it.
    pub fn answer(self, answer: A) {
        let Self { socket, event, at, .. } = &self;
        let Some(id) = event.id() else { socket.fail(at, &format!("`{}` asks for no answer", event.name())) };
        if let Err(error) = socket.answer(id, &(answer,)) {
            socket.fail(at, &format!("the answer to `{}` cannot be sent: {error}", event.name()));
        }
    }
}

/// The arguments of an event that came, or the test's failure.
pub(super) fn args_of<A: DeserializeOwned>(socket: &Socket, event: &Event, at: &Location<'_>) -> A {
    as_sent(event.args(), event.attachments()).unwrap_or_else(|error| {
        let kind = std::any::type_name::<A>();
        socket.fail(
            at,
            &format!("`{}` came with [{}], which is no `{kind}`: {error}", event.name(), event.args()),
        )
    })
}
