//! Typed handlers: one struct per socket, `#[event]` methods.

mod answers;
mod arguments;
mod catalogue;
mod client;
mod connecting;
mod layers;
mod logs;
mod order;
mod readme;
mod stale;
mod testing;
mod two_forms;
