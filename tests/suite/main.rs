//! The integration tests: one binary, so that CI links once.

mod basics;
mod engine;
mod parity;
mod posts;
mod sockets;
