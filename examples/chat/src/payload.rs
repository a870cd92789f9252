//! What travels between the page and the server, and the rules it keeps.

use std::fmt;

use greenroom::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the page gives as `auth`.
#[derive(Deserialize, JsonSchema)]
pub struct Login {
    pub name: String,
}

impl Login {
    /// The person's name, if it is one.
    pub fn name(self) -> Result<String, ChatError> {
        let bad = is_bad(&self.name, 24) || self.name.trim() != self.name || self.name.contains('\n');
        if bad { Err(ChatError::BadName) } else { Ok(self.name) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RoomName(pub String);

impl Validate for RoomName {
    fn validate(&self) -> Result<(), Fault> {
        if is_bad(&self.0, 32) { Err(ChatError::BadRoom.into_fault()) } else { Ok(()) }
    }
}

/// The Socket.IO room of a chat room: prefixed, so that nobody names a room after somebody's id.
impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "room:{}", self.0)
    }
}

/// What somebody says.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Text(pub String);

impl Validate for Text {
    fn validate(&self) -> Result<(), Fault> {
        if is_bad(&self.0, 2000) { Err(ChatError::BadText.into_fault()) } else { Ok(()) }
    }
}

/// Made by the page, so that a line sent again after a cut is not said twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Key(pub String);

impl Validate for Key {
    fn validate(&self) -> Result<(), Fault> {
        if self.0.len() > 64 { Err(ChatError::BadKey.into_fault()) } else { Ok(()) }
    }
}

/// A line as everybody reads it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Grows within a room.
    pub id: u64,
    pub room: RoomName,
    pub name: String,
    pub text: String,
    /// In milliseconds since 1970.
    pub at: u64,
    pub key: Key,
}

/// One room of the list.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    pub name: RoomName,
    pub count: usize,
}

/// What one sees who enters a room.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Entered {
    pub members: Vec<String>,
    pub history: Vec<Line>,
    /// Whether there were lines before these.
    pub earlier: bool,
}

/// The receipt for a line.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    pub id: u64,
    pub at: u64,
}

/// What can go wrong; the code of each is its name in snake case.
#[derive(Debug, thiserror::Error, Fault)]
pub enum ChatError {
    #[error("A name has 1 to 24 characters.")]
    BadName,
    #[error("a room's name has 1 to 32 characters")]
    BadRoom,
    #[error("a line has 1 to 2000 characters")]
    BadText,
    #[error("a key has at most 64 bytes")]
    BadKey,
    #[error("there are enough rooms")]
    TooManyRooms,
    #[error("you are not in that room")]
    NotInRoom,
}

fn is_bad(text: &str, most: usize) -> bool {
    let control = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.trim().is_empty() || text.chars().count() > most || text.chars().any(control)
}
