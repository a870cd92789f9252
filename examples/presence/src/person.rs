//! One open tab. Who is in which room with how many tabs is kept by Greenroom's own kind of room, `Presence`.

use greenroom::prelude::*;
use greenroom::presence::{Here, Presence};
use serde::Deserialize;
use serde_json::Value;

/// What the page gives as `auth`. In an application of yours the name comes out of a token.
#[derive(Deserialize)]
pub struct Login {
    name: String,
}

#[derive(Debug, thiserror::Error, Fault)]
pub enum Refusal {
    #[error("a name has 1 to 24 characters")]
    BadName,
    #[error("the name of a room has 1 to 32 characters")]
    BadRoom,
}

/// Tabs with the same name are one person.
#[derive(Handler)]
#[handler(rooms(Presence))]
pub struct Person {
    name: String,
    room: Option<String>,
}

#[events]
impl Person {
    #[connect]
    fn connect(Auth(login): Auth<Login>) -> Result<Self, Refusal> {
        if is_name(&login.name, 24) {
            Ok(Self { name: login.name, room: None })
        } else {
            Err(Refusal::BadName)
        }
    }

    /// Enters a room, and leaves the one before. `meta` is shown to the others beside the tab; from then on the client
    /// hears `presence_state` and `presence_diff`, and changes its `meta` by `presence_update`.
    #[event]
    async fn enter(&mut self, cx: &Cx<Self>, room: String, meta: Value) -> Result<(), Fault> {
        if !is_name(&room, 32) {
            return Err(Refusal::BadRoom.into_fault());
        }
        if let Some(before) = self.room.take() {
            cx.exit::<Presence>(&before);
        }
        cx.enter::<Presence>(&room, Here::new(&self.name, meta)).await?;
        self.room = Some(room);
        Ok(())
    }
}

fn is_name(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count()) && text.trim() == text && !text.contains(char::is_control)
}
