//! Engine.IO: the session as a state machine, and the raw public API.
//!
//! `session` takes events and `now`, and gives verdicts and the next deadline. It does no I/O, reads no clock
//! and knows no actor, so it is tested without a server.

pub(crate) mod session;

pub use session::CloseReason;
// The public face of raw Engine.IO is built on the layers above; this re-export is the one edge that points up.
pub use crate::server::raw::{Engine, EngineBuilder, Message, Session};
