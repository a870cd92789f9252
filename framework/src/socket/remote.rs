//! Sockets seen from afar: what `fetch_sockets` gives.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::Receiver;

use super::{AckFuture, Handshake, RoomNames, Sent, Socket};
use crate::id::SocketId;
use crate::worker::RoomName;

/// A socket as it was when it was asked for, with what can be done to it from afar. It has no listeners.
#[derive(Clone, Debug)]
pub struct RemoteSocket {
    /// The rooms it was in, its own first.
    pub rooms: Vec<RoomName>,
    /// A copy of its data; changing it changes nothing elsewhere.
    pub data: serde_json::Value,
    socket: Socket,
}

impl RemoteSocket {
    /// See [`Socket::id`].
    #[must_use]
    pub fn id(&self) -> SocketId {
        self.socket.id()
    }

    /// See [`Socket::is_away`].
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.socket.is_away()
    }

    /// See [`Socket::handshake`].
    #[must_use]
    pub fn handshake(&self) -> &Handshake {
        self.socket.handshake()
    }

    /// See [`Socket::emit`].
    pub fn emit<T: Serialize>(&self, event: &str, args: T) -> Sent {
        self.socket.emit(event, args)
    }

    /// See [`Socket::emit_with_ack`]; after `timeout` it fails.
    pub fn emit_with_ack<A: DeserializeOwned>(
        &self,
        timeout: Duration,
        event: &str,
        args: impl Serialize,
    ) -> AckFuture<A> {
        self.socket.timeout(timeout).emit_with_ack(event, args)
    }

    /// See [`Socket::join`].
    pub fn join(&self, rooms: impl RoomNames) {
        self.socket.join(rooms);
    }

    /// See [`Socket::leave`].
    pub fn leave(&self, rooms: impl RoomNames) {
        self.socket.leave(rooms);
    }

    /// See [`Socket::disconnect`].
    pub fn disconnect(&self, close: bool) {
        self.socket.disconnect(close);
    }
}

/// Not every worker answered in time.
#[derive(Debug, thiserror::Error)]
#[error("timeout reached: only {answered} responses received out of {expected}")]
pub struct FetchError {
    /// Workers that answered.
    pub answered: usize,
    /// Workers that were asked.
    pub expected: usize,
    /// What the ones that answered said.
    pub sockets: Vec<RemoteSocket>,
}

pub(super) fn of(socket: &Socket) -> RemoteSocket {
    RemoteSocket { rooms: socket.rooms(), data: socket.data(), socket: socket.clone() }
}

pub(super) async fn gather(
    mut rx: Receiver<Vec<RemoteSocket>>,
    expected: usize,
    timeout: Duration,
) -> Result<Vec<RemoteSocket>, FetchError> {
    let deadline = super::ack::deadline_in(timeout);
    let mut sockets = Vec::new();
    for answered in 0..expected {
        match tokio::time::timeout_at(deadline, rx.recv()).await {
            Ok(Some(found)) => sockets.extend(found),
            Ok(None) | Err(_) => return Err(FetchError { answered, expected, sockets }),
        }
    }
    Ok(sockets)
}
