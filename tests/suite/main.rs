//! The integration tests: one binary, so that CI links once.

#![expect(clippy::disallowed_methods, reason = "tests run clients beside each other and keep all they hear")]

mod basics;
mod engine;
mod layering;
mod parity;
mod posts;
mod recovery;
mod rooms;
mod sockets;
mod typed;
