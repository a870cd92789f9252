//! Greenroom.
pub mod protocol;
