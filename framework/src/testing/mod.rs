//! Clients for tests of handlers, without a network.
#![doc = include_str!("../../docs/testing.md")]
#![expect(clippy::panic, reason = "a test fails by a panic")]

mod calls;
mod client;
mod connection;
mod expect;
mod next;
mod reply;
mod server;
mod socket;
mod transport;

use std::fmt;

#[doc(hidden)]
pub use calls::and_all;
pub use calls::{AnyArg, AsArg, Closures, InRoom, OptionalText, Raw, RawCalls, Testable};
pub use client::TestClient;
pub use connection::TestConnection;
pub use expect::{Asked, Question, Recorder};
#[doc(hidden)]
pub use next::Count;
pub use next::{NextEvent, NextQuestion, RawNext};
pub use reply::Reply;
pub use server::{TestServer, Visitor};

use serde::Deserialize;

/// Why a client was not let in: what the official client calls `connect_error`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// `err.data.code`. Empty when there is none, `connection` when the server took no connection at all (see
    /// [`Builder::allow_request`](crate::Builder::allow_request)), `closed` when it closed it.
    pub code: String,
    /// `err.message`.
    pub message: String,
    /// `err.data`.
    pub data: Option<serde_json::Value>,
}

impl Refused {
    fn read(payload: &str) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Payload {
            message: String,
            data: Option<serde_json::Value>,
        }
        let Payload { message, data } = serde_json::from_str(payload).unwrap_or_default();
        let code = data.as_ref().and_then(|data| data.get("code")?.as_str()).unwrap_or_default().to_owned();
        Self { code, message, data }
    }

    fn closed(left: Left) -> Self {
        Self { code: "closed".into(), message: left.to_string(), data: None }
    }
}

impl From<crate::ConnectionError> for Refused {
    fn from(error: crate::ConnectionError) -> Self {
        Self { code: "connection".into(), message: error.message, data: None }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refused {}

/// How a client's time in a namespace ended, as its side sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It left by itself: `io client disconnect`.
    Client,
    /// The server made it leave: `io server disconnect`. The official client does not come back by itself.
    Namespace,
    /// The connection ended, with the code of the server's close frame if there was one: `transport close`. The official client comes back.
    Connection(Option<u16>),
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client => f.write_str("io client disconnect"),
            Self::Namespace => f.write_str("io server disconnect"),
            Self::Connection(Some(code)) => write!(f, "transport close, {code}"),
            Self::Connection(None) => f.write_str("transport close"),
        }
    }
}
