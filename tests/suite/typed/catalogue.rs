//! The catalogue of a handler that has one of everything. `tests/js` compiles programs against the files that are checked here.

use std::collections::BTreeMap;

use greenroom::catalogue::Catalogue;
use greenroom::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who comes in.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Login {
    #[expect(dead_code, reason = "described only")]
    user_name: String,
    /// None for visitors.
    #[expect(dead_code, reason = "described only")]
    ticket: Option<u32>,
}

/// What hangs on the wall.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Thing {
    /// Framed.
    Picture { title: String, size: (u16, u16) },
    /// With the time.
    Clock,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Wall {
    name: String,
    things: Vec<Thing>,
    #[serde(default)]
    notes: BTreeMap<String, String>,
    behind: Option<Box<Self>>,
}

#[derive(Debug, thiserror::Error, Fault)]
enum HouseError {
    #[error("there is no such wall")]
    NoSuchWall,
    #[error("it fell down")]
    #[fault(code = "fell", hidden)]
    Fell,
}

/// What the house says.
#[client(catalogue)]
trait Visitor {
    /// Something was hung up.
    #[event("hung up")]
    fn hung_up(&self, wall: &Wall, by: Option<&str>);
    fn photo(&self, name: &str, jpeg: &Binary);
    /// Asks everybody.
    async fn agree(&self, question: &str) -> bool;
}

/// A house with walls.
#[derive(Handler)]
#[handler(ns = "/house/{street}", client = Visitor)]
struct House;

#[events(catalogue)]
impl House {
    #[connect]
    fn connect(_cx: &Connect<Self>, _login: Auth<Login>) -> Result<Self, HouseError> {
        Ok(Self)
    }

    /// How many walls there are.
    #[event]
    fn walls(&self) -> usize {
        4
    }

    /// Hangs something up, and answers with the wall.
    #[event("hang up")]
    fn hang_up(
        &mut self,
        cx: &Cx<Self>,
        wall: &str,
        thing: Thing,
        by: Option<&str>,
    ) -> Result<Wall, HouseError> {
        if wall.is_empty() {
            return Err(HouseError::NoSuchWall);
        }
        let wall = Wall { name: wall.to_owned(), things: vec![thing], notes: BTreeMap::new(), behind: None };
        cx.others().hung_up(&wall, by);
        Ok(wall)
    }

    #[event]
    fn paint(&mut self, wall: Wall, colour: Option<String>) {
        drop((wall, colour));
    }

    #[event(guard = Self::owner)]
    fn burn(&self) {}

    #[event]
    fn photo(&self, name: String, jpeg: Binary, ack: Ack<usize>) {
        drop(name);
        ack.send(jpeg.len());
    }

    #[event]
    fn note(&self, wall: u8, words: Rest<String>) -> usize {
        usize::from(wall) + words.0.len()
    }

    #[event]
    async fn ask(&mut self, cx: &Cx<Self>) -> greenroom::Result<bool> {
        Ok(cx.client().agree("well?").await?)
    }

    fn owner(&self, _cx: &Cx<Self>) -> Result<(), HouseError> {
        Err(HouseError::Fell)
    }
}

/// What a bed says.
#[client(catalogue)]
trait BedClient {
    /// Something has been planted.
    fn planted(&self, what: &str, by: u32);
}

#[derive(Debug, thiserror::Error, Fault)]
enum BedError {
    #[error("there is no room left")]
    Full,
    #[error("the bed is another's")]
    NotYours,
}

/// A bed of the garden: its events are the garden's, for those who are at it.
#[derive(Default, Room)]
#[room(client = BedClient)]
struct Bed;

#[events(catalogue)]
impl Bed {
    /// Plants something in the bed that one is at.
    #[event(guard = Self::owner)]
    fn plant(&mut self, cx: &RoomCx<Self>, what: String, rows: Option<u8>) -> Result<u32, BedError> {
        cx.everyone().planted(&what, 1);
        rows.map(u32::from).ok_or(BedError::Full)
    }

    fn owner(&self, _cx: &RoomCx<Self>, _who: &Member<Self>) -> Result<(), BedError> {
        Err(BedError::NotYours)
    }
}

/// Trees are many: each event says at which.
#[derive(Default, Room)]
#[room(key = u32, addressed, client = BedClient)]
struct Tree;

#[events(room, catalogue)]
impl Tree {
    #[event]
    fn shake(&mut self, hard: bool) -> u32 {
        u32::from(hard)
    }
}

/// The other side of the street.
#[derive(Handler, Default)]
#[handler(ns = "/garden", rooms(Bed, Tree))]
struct Garden;

#[events(catalogue)]
impl Garden {
    #[event]
    fn wall(&self) -> Wall {
        Wall { name: "hedge".into(), things: Vec::new(), notes: BTreeMap::new(), behind: None }
    }

    #[fallback]
    fn other(&self, name: &str) {
        let _ = name;
    }
}

fn catalogue() -> Catalogue {
    Catalogue::of::<House>().and::<Garden>().titled("House and garden")
}

/// `UPDATE_CATALOGUE=1 cargo test -p greenroom-tests --test suite catalogue` writes the files.
///
/// Rows: TYP-01, TYP-03
#[test]
fn the_files_that_are_compiled_in_javascript_are_fresh() {
    catalogue().typescript("js/types/house.ts").asyncapi("js/types/house.json").check();
}
