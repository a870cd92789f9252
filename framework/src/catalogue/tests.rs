//! What is written of each shape.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Catalogue, Shape};
use crate::prelude::*;

/// A line that was said.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Line {
    /// Grows.
    id: u64,
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Login {
    token: String,
}

#[derive(Debug, thiserror::Error, Fault)]
enum Wrong {
    #[error("not there")]
    NotThere,
    #[error("too long")]
    #[fault(code = "long")]
    TooLong,
}

/// What the server says.
#[client(catalogue)]
trait Page {
    /// Somebody said something.
    fn said(&self, room: &str, line: &Line);
    fn file(&self, data: &Binary);
    #[event("are you sure")]
    async fn sure(&self, question: &str, ids: &[u8]) -> bool;
}

/// A room.
///
/// With people in it.
#[derive(Handler)]
#[handler(ns = "/chat/{id}", client = Page)]
struct Chat;

#[events(catalogue, guard = Self::open)]
impl Chat {
    #[connect]
    fn connect(Auth(_login): Auth<Login>) -> Result<Self, Wrong> {
        Ok(Self)
    }

    fn open(&self, _cx: &Cx<Self>) -> bool {
        true
    }

    fn sober(&self, _cx: &Cx<Self>) -> Result<(), Wrong> {
        Err(Wrong::TooLong)
    }

    /// Says a line.
    ///
    /// Twice */ is once.
    #[event("chat message")]
    fn say(&mut self, room: &str, reply: Option<u32>, why: Option<&str>) -> Result<Line, Wrong> {
        let _ = (room, reply, why);
        Err(Wrong::NotThere)
    }

    #[event]
    fn count(&self) -> usize {
        0
    }

    #[event]
    fn leave(&self, r#in: String) {
        drop(r#in);
    }

    #[event(guard = Self::sober)]
    fn maybe(&self, at: Option<u8>) {
        let _ = at;
    }

    #[event]
    fn log(&self, level: u8, rest: Rest<Line>) -> bool {
        level > 0 && rest.0.is_empty()
    }

    #[event]
    fn note(&self, rest: Args<'_>) {
        drop(rest);
    }

    #[event]
    fn later(&self, data: Binary, ack: Ack<Vec<Line>>) {
        drop((data, ack));
    }

    #[event]
    fn any(&self) -> crate::Result<()> {
        Ok(())
    }

    #[fallback]
    fn other(&self, name: &str) {
        let _ = name;
    }
}
use crate::Args;

#[test]
fn show() {
    println!("{}", Catalogue::of::<Chat>().to_declarations());
    println!("{}", Catalogue::of::<Chat>().to_asyncapi());
}
