//! The arena: a room whose state is a sky, and whose members are pilots. It beats 30 times a second.

use std::cell::Cell;

use greenroom::prelude::*;
use serde::Serialize;

use crate::sky::{Dice, Frame, HEIGHT, Sky, WIDTH};

/// Comets that drift by themselves, so that there is something to see.
const DRIFTERS: usize = 5;

/// A member: who flies which comet.
pub struct Pilot {
    name: String,
    comet: Cell<u32>,
}

/// What the page begins with.
#[derive(Serialize)]
pub struct Welcome {
    you: u32,
    width: f32,
    height: f32,
    pilots: Vec<(u32, String)>,
}

#[client]
pub trait ArenaClient {
    /// The sky, at each beat; whoever cannot take it at once has the next one.
    fn frame(&self, frame: &Frame);
    /// Who flies which comet, when somebody comes or goes.
    fn pilots(&self, pilots: &[(u32, String)]);
}

#[derive(Room)]
#[room(member = Pilot, join = String, snapshot = Welcome, client = ArenaClient, capacity = 40)]
pub struct Arena {
    sky: Sky,
}

#[events]
impl Arena {
    /// After a panic, too: the pilots are still there, and get new comets.
    #[created]
    fn created(cx: &RoomCx<Self>) -> Self {
        let mut sky = Sky::new(Dice(0x9E37_79B9));
        for _ in 0..DRIFTERS {
            sky.enter(true);
        }
        for pilot in cx.members() {
            pilot.data().comet.set(sky.enter(false));
        }
        Self { sky }
    }

    #[joining]
    fn joining(&mut self, name: String) -> Result<Pilot, Fault> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 16 || name.chars().any(char::is_control) {
            return Err(Fault::new("bad_name", "a name has 1 to 16 characters"));
        }
        Ok(Pilot { name: name.to_owned(), comet: Cell::new(0) })
    }

    #[joined]
    fn joined(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) -> Welcome {
        let you = self.sky.enter(false);
        who.data().comet.set(you);
        cx.others(who).pilots(&pilots(cx));
        Welcome { you, width: WIDTH, height: HEIGHT, pilots: pilots(cx) }
    }

    #[left]
    fn left(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) {
        self.sky.leave(who.data().comet.get());
        cx.everyone().pilots(&pilots(cx));
    }

    /// An angle, in radians.
    #[event]
    fn steer(&mut self, who: &Member<Self>, heading: f32) {
        self.sky.steer(who.data().comet.get(), heading);
    }

    #[every("33ms")]
    fn beat(&mut self, cx: &RoomCx<Self>) {
        cx.everyone().volatile().frame(&self.sky.beat());
    }
}

fn pilots(cx: &RoomCx<Arena>) -> Vec<(u32, String)> {
    cx.members().iter().map(|pilot| (pilot.data().comet.get(), pilot.data().name.clone())).collect()
}

/// A page that is connected.
#[derive(Handler, Default)]
#[handler(rooms(Arena))]
pub struct Player;

#[events]
impl Player {
    #[event]
    async fn fly(&mut self, cx: &Cx<Self>, arena: String, name: String) -> Result<Welcome, Fault> {
        Ok(cx.enter::<Arena>(arena, name).await?.snapshot)
    }
}

#[cfg(test)]
mod tests {
    use greenroom::testing::TestServer;
    use serde_json::Value;

    use super::*;

    #[actix_web::test]
    async fn two_pilots_fly_in_one_sky_that_beats_by_itself() {
        let app = TestServer::new(Greenroom::new().mount::<Player>());
        let ann = app.connect::<Player>(()).await.expect("let in");
        let bob = app.connect::<Player>(()).await.expect("let in");
        ann.push::<Value>("fly", ("main", " ")).assert_fault("bad_name").await;
        let welcome = ann.push::<Value>("fly", ("main", "Ann")).await.expect("a comet");
        bob.push::<Value>("fly", ("main", "Bob")).await.expect("a comet");
        let pilots = ann.expect::<Vec<(u32, String)>>("pilots").await;
        assert_eq!(pilots.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["Ann", "Bob"]);
        ann.push::<()>("steer", 1.5).await.expect("steered");
        let mut beats = Vec::new();
        for _ in 0..3 {
            let frame = bob.expect::<Value>("frame").await;
            let comets = frame["comets"].as_array().expect("comets").clone();
            assert_eq!(comets.len(), DRIFTERS + 2);
            assert!(comets.iter().any(|comet| comet[0] == welcome["you"]));
            beats.push(frame["beat"].as_u64().expect("a beat"));
        }
        assert!(beats.is_sorted());
    }
}
