//! Sending to one client, with flags.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use super::ack::Waiter;
use super::{AckFuture, Socket};
use crate::payload::{EncodeError, event_frame};
use crate::worker::Occupant as _;

/// Why an event was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The event cannot be expressed.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// What became of an `emit`. Errors are mistakes of the program (a reserved name, a value that is not JSON) and were logged, so
/// most callers ignore this.
#[derive(Debug)]
pub struct Sent(Result<(), EmitError>);

impl Sent {
    pub(crate) fn done() -> Self {
        Self(Ok(()))
    }

    pub(crate) fn failed(namespace: &str, event: &str, error: EncodeError) -> Self {
        crate::trace::not_sent(namespace, event, &error);
        Self(Err(error.into()))
    }

    /// Whether the event was handed to delivery.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.0.is_ok()
    }

    /// The outcome as a `Result`.
    ///
    /// # Errors
    /// When the event could not be encoded.
    pub fn into_result(self) -> Result<(), EmitError> {
        self.0
    }
}

/// A client with flags for one `emit`: `socket.volatile().emit(…)`, `socket.timeout(d).emit_with_ack(…)`.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `emit`"]
pub struct Emitter<'a> {
    socket: &'a Socket,
    volatile: bool,
    timeout: Option<Duration>,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(socket: &'a Socket) -> Self {
        Self { socket, volatile: false, timeout: None }
    }

    /// Drop the event if the client cannot take it at once.
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// How long an answer is waited for.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// See [`Socket::emit`].
    pub fn emit<T: Serialize>(self, event: &str, args: T) -> Sent {
        match event_frame(&self.socket.0.space, None, event, &args) {
            Ok(frame) => {
                self.socket.transmit(frame, self.volatile);
                Sent::done()
            }
            Err(error) => Sent::failed(self.socket.namespace(), event, error),
        }
    }

    /// See [`Socket::emit_with_ack`].
    pub fn emit_with_ack<A: DeserializeOwned>(self, event: &str, args: impl Serialize) -> AckFuture<A> {
        let space = &self.socket.0.space;
        let id = space.ack_id();
        let frame = match event_frame(space, Some(id), event, &args) {
            Ok(frame) => frame,
            Err(error) => return AckFuture::failed(error.into()),
        };
        let (tx, rx) = oneshot::channel();
        let volatile = self.volatile;
        // Dropped unrun when the socket has left: the receiver then says so.
        self.socket.at_home(move |cell| {
            if cell.expect_answer(id, Waiter::One(tx)) {
                cell.transmit(frame, volatile, cell.socket.0.life);
            }
        });
        AckFuture::new(rx, self.timeout.unwrap_or(self.socket.0.fleet.settings.ack_timeout))
    }
}
