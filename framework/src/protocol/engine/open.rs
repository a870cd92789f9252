//! The handshake.

use crate::protocol::json::put_string;
use std::{fmt::Write as _, time::Duration};

/// What the server tells a client that opens a session.
#[derive(Clone, Copy, Debug)]
pub struct Open<'a> {
    /// The session's id.
    pub sid: &'a str,
    /// Transports the client may move to.
    pub upgrades: &'a [&'a str],
    /// Between two pings of the server. Sent in whole milliseconds.
    pub ping_interval: Duration,
    /// What a pong may take. Sent in whole milliseconds.
    pub ping_timeout: Duration,
    /// Bytes the client may send in one polling body or WebSocket message.
    pub max_payload: usize,
}

impl Open<'_> {
    /// The packet's text, type digit included.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out = String::with_capacity(128);
        out.push_str("0{\"sid\":");
        put_string(&mut out, self.sid);
        out.push_str(",\"upgrades\":[");
        for (index, upgrade) in self.upgrades.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            put_string(&mut out, upgrade);
        }
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "],\"pingInterval\":{},\"pingTimeout\":{},\"maxPayload\":{}}}",
            self.ping_interval.as_millis(),
            self.ping_timeout.as_millis(),
            self.max_payload,
        );
        out
    }
}
