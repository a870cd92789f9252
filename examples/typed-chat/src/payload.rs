//! What travels. The page's types are written from these, comments included.

use greenroom::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the page gives as `auth`.
#[derive(Deserialize, JsonSchema)]
pub struct Login {
    pub name: String,
}

/// Something on the wall. Each has an `id` that grows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Post {
    /// Somebody came.
    Came { id: u64, who: String },
    /// Somebody left.
    Left { id: u64, who: String },
    /// Somebody said something, perhaps to an earlier post.
    Said { id: u64, who: String, text: String, reply_to: Option<u64>, tally: Tally },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    Applause,
    Laughter,
    Flowers,
}

/// How many people reacted to a post, and in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    pub applause: usize,
    pub laughter: usize,
    pub flowers: usize,
}

// One enum for each thing that can fail, so that the page need not know what cannot happen. A code is its variant's name in snake case.

#[derive(Debug, PartialEq, thiserror::Error, Fault)]
pub enum NameError {
    #[error("a name has 1 to 24 characters")]
    BadName,
}

#[derive(Debug, PartialEq, thiserror::Error, Fault)]
pub enum SayError {
    #[error("a post has 1 to 500 characters")]
    BadText,
    #[error("what is replied to is not there any more")]
    NoSuchPost,
}

#[derive(Debug, PartialEq, thiserror::Error, Fault)]
pub enum ReactError {
    #[error("the post is not there any more")]
    NoSuchPost,
}

pub fn is_bad(text: &str, most: usize) -> bool {
    let control = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.trim().is_empty() || text.chars().count() > most || text.chars().any(control)
}
