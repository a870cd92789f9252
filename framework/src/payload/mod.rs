//! Arguments of events and acknowledgements: Rust values in, packet text out, and back.
//!
//! Promises that a value is written straight into its frame and read straight from the packet's bytes, with no JSON
//! tree in between; that binary may sit anywhere in a payload; and that an error names the argument. Refuses to know
//! sockets and transports.

mod args;
mod binary;
mod emit;
mod json;
#[cfg(test)]
mod json_tests;
mod value;

pub use args::{ArgError, Args, Rest};
pub use binary::Binary;
pub use emit::EncodeError;
pub(crate) use emit::{SEVERAL, ack_frame, args_text, event_frame};
pub use value::Value;
#[cfg(feature = "testing")]
pub(crate) use {binary::providing, emit::client_event_frame, emit::is_tuple};
