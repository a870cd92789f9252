//! Typed handlers: one struct per socket, `#[event]` methods.

mod answers;
mod arguments;
mod client;
mod connecting;
mod layers;
mod logs;
mod order;
mod readme;
mod testing;
mod two_forms;
