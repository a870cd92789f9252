//! Rooms as things of their own: plain ones, and kinds that a person writes.

mod plain;
