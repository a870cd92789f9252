//! The integration tests: one binary, so that CI links once.

mod basics;
mod parity;
mod posts;
mod sockets;
mod typed;
