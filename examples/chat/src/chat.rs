//! One page that is connected: what it may do, and what it is told.

use std::collections::BTreeSet;

use greenroom::catalogue::Catalogue;
use greenroom::prelude::*;

use crate::house::House;
use crate::payload::{ChatError, Entered, Key, Line, Listed, Login, RoomName, Said, Text};

/// What the server sends to a page.
#[client(catalogue)]
pub trait Page {
    /// All rooms, when somebody entered or left one.
    fn rooms(&self, rooms: &[Listed]);
    /// Somebody entered a room you are in.
    fn joined(&self, room: &RoomName, name: &str, members: &[String]);
    /// Somebody left it.
    fn left(&self, room: &RoomName, name: &str, members: &[String]);
    /// Somebody said something there.
    fn message(&self, line: &Line);
    /// Somebody writes, or stopped writing.
    fn typing(&self, room: &RoomName, name: &str, active: bool);
}

/// One connected page, and the person in front of it.
#[derive(Handler)]
#[handler(state = House, client = Page)]
pub struct Chat {
    name: String,
    /// The rooms that this page is in.
    rooms: BTreeSet<RoomName>,
}

#[events(catalogue)]
impl Chat {
    /// Who has no proper name does not get in.
    #[connect]
    fn connect(Auth(login): Auth<Login>) -> Result<Self, ChatError> {
        Ok(Self { name: login.name()?, rooms: BTreeSet::new() })
    }

    #[connected]
    fn welcome(&mut self, cx: &Cx<Self>) {
        cx.client().rooms(&cx.state().list());
    }

    /// Enters a room, and answers with what is to be seen there.
    #[event]
    fn join(&mut self, cx: &Cx<Self>, room: RoomName) -> Result<Entered, ChatError> {
        if self.rooms.contains(&room) {
            return cx.state().view(&room);
        }
        let entered = cx.state().enter(&room, &self.name)?;
        cx.join(&room);
        cx.to(&room).joined(&room, &self.name, &entered.members);
        cx.everyone().rooms(&cx.state().list());
        self.rooms.insert(room);
        Ok(entered)
    }

    #[event]
    fn leave(&mut self, cx: &Cx<Self>, room: RoomName) {
        if self.rooms.remove(&room) {
            cx.leave(&room);
            self.exit(cx, &room);
        }
    }

    /// Says a line. The key makes it safe to ask twice: the second time nothing is said, and the answer is the same.
    #[event]
    fn say(&mut self, cx: &Cx<Self>, room: RoomName, text: Text, key: Key) -> Result<Said, ChatError> {
        if !self.rooms.contains(&room) {
            return Err(ChatError::NotInRoom);
        }
        let (line, new) = cx.state().say(&room, &self.name, text.0, key)?;
        if new {
            cx.to(&room).message(&line);
        }
        Ok(Said { id: line.id, at: line.at })
    }

    #[event]
    fn typing(&self, cx: &Cx<Self>, room: RoomName, active: bool) {
        if self.rooms.contains(&room) {
            // A late "is typing" is worth nothing.
            cx.to(&room).volatile().typing(&room, &self.name, active);
        }
    }

    /// Also when the connection was lost.
    #[disconnect]
    fn bye(&mut self, cx: &Cx<Self>) {
        for room in &self.rooms {
            self.exit(cx, room);
        }
    }

    fn exit(&self, cx: &Cx<Self>, room: &RoomName) {
        let members = cx.state().leave(room, &self.name);
        cx.to(room).left(room, &self.name, &members);
        cx.everyone().rooms(&cx.state().list());
    }
}

/// What the page's types are written from.
pub fn catalogue() -> Catalogue {
    Catalogue::of::<Chat>()
}

/// `UPDATE_CATALOGUE=1 cargo test` writes the files.
#[test]
fn the_types_of_the_page_are_fresh() {
    catalogue().typescript("static/contract.d.ts").asyncapi("asyncapi.json").check();
}
