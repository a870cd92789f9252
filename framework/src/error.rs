//! What an app says to a client that it does not let in, and what the builder says to an app.

use std::fmt;

use serde::Serialize;

/// A refusal: of a connection (the client's `connect_error`) or, in packet middleware, of an event.
///
/// Any `std::error::Error` turns into one with `?`: the client is then told `internal error`, and the error's text goes to the log only.
#[derive(Clone, Debug)]
pub struct Refuse {
    message: String,
    data: Option<serde_json::Value>,
    hidden: Option<String>,
}

impl Refuse {
    /// `err.message` is the message, `err.data` is `{"code": code}`.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::because(message).with_data(serde_json::json!({ "code": code.into() }))
    }

    /// `err.message` is the message; there is no `err.data`.
    pub fn because(message: impl Into<String>) -> Self {
        Self { message: message.into(), data: None, hidden: None }
    }

    /// Replaces `err.data`.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<serde_json::Value>) -> Self {
        self.data = Some(data.into());
        self
    }

    /// Sends this text to the log, where the message would be.
    pub(crate) fn hiding(mut self, text: String) -> Self {
        self.hidden = Some(text);
        self
    }

    /// What the log gets, where it is not the message.
    pub(crate) fn hidden(&self) -> Option<&str> {
        self.hidden.as_deref()
    }

    /// The message that the client gets.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The data that the client gets.
    #[must_use]
    pub fn data(&self) -> Option<&serde_json::Value> {
        self.data.as_ref()
    }

    /// The payload of a CONNECT_ERROR packet: `{"message", "data"}`, the second absent when there is none.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        #[derive(Serialize)]
        struct Payload<'a> {
            message: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            data: Option<&'a serde_json::Value>,
        }
        serde_json::to_writer(out, &Payload { message: &self.message, data: self.data.as_ref() })
    }
}

impl fmt::Display for Refuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hidden.as_deref().unwrap_or(&self.message))
    }
}

impl<E: std::error::Error> From<E> for Refuse {
    fn from(error: E) -> Self {
        let data = serde_json::json!({ "code": "internal" });
        Self { message: "internal error".into(), data: Some(data), hidden: Some(error.to_string()) }
    }
}

/// A request that was not served: the reference's `connection_error`, the first thing to look at when a deployment does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionError {
    /// 0 unknown transport, 1 unknown session, 2 bad handshake method, 3 bad request, 4 forbidden, 5 unsupported protocol version; 6, which
    /// the reference does not have, is no room or going down.
    pub code: u8,
    /// What the client was told.
    pub message: String,
    /// More, for code 3: `INVALID_ORIGIN`, `TRANSPORT_MISMATCH`, `TRANSPORT_HANDSHAKE_ERROR`, `EIO_MISMATCH`. Empty otherwise.
    pub context: &'static str,
}

/// An option that makes no sense, named, with what would be right.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("option `{option}`: {problem}")]
pub struct ConfigError {
    /// The option's name, as the builder's method is called.
    pub option: &'static str,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl ConfigError {
    pub(crate) fn new(option: &'static str, problem: impl Into<String>) -> Self {
        Self { option, problem: problem.into() }
    }

    pub(crate) fn with_hint(self, hint: &str) -> Self {
        Self { problem: format!("{} ({hint})", self.problem), ..self }
    }
}
