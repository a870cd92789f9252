//! Rooms as things of their own: plain ones, and kinds that a person writes.

mod panics;
mod plain;
mod table;
mod workers;
