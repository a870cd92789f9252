//! The integration tests: one binary, so that CI links once.

mod basics;
mod engine;
mod layering;
mod parity;
mod posts;
mod sockets;
mod typed;
