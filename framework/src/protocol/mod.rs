//! The wire, as pure functions: bytes in, packets out, and back.
//!
//! Four codecs, each ignorant of the ones above it. [`websocket`] cuts a byte stream into messages,
//! [`engine`] reads the Engine.IO packet in a message or the packets in a polling body, [`socket`] reads the
//! Socket.IO packet in an Engine.IO message and waits for its attachments, and [`json`] is the one scan a
//! packet's payload gets before it is deserialized into a handler's types.
//!
//! What a peer sends is only ever data here: no input panics, none makes a decoder hold more than its limits
//! allow, and every refusal says what was expected, what was found and where. Nothing in this module reads,
//! writes, waits, logs, asks the time or knows that connections exist.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

pub mod engine;
pub mod json;
pub mod socket;
pub mod websocket;
