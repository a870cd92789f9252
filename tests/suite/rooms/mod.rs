//! Rooms as things of their own: plain ones, and kinds that a person writes.

mod entering;
mod guards;
mod jitter;
mod panics;
mod plain;
mod presence;
mod table;
mod workers;
