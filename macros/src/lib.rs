//! The macros of greenroom.
