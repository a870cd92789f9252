//! Who is here: a kind of room like any other, written with the macros that everybody has.
//!
//! Its members are its state, so a panic costs nothing: `presence_state` is told to who comes, `presence_diff` to the others. A user may be here
//! several times, once per connection.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::prelude::*;

/// Bytes of what one connection says of itself.
const MAX_META: usize = 4_096;

/// What somebody is here as, given to `enter`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
pub struct Here {
    /// The user; one user may be here with several connections.
    pub user: String,
    /// Whatever others should know.
    pub meta: Value,
}

impl Here {
    /// Somebody with something to say of itself.
    pub fn new(user: impl Into<String>, meta: impl Into<Value>) -> Self {
        Self { user: user.into(), meta: meta.into() }
    }
}

/// One connection of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
pub struct Connection {
    /// Its socket's id.
    pub id: String,
    /// Whether it is lost, and may come back.
    pub away: bool,
    /// What it says of itself.
    pub meta: Value,
}

/// Users, and the connections that each is here with.
pub type People = BTreeMap<String, Vec<Connection>>;

/// What has changed. A connection that says something new is in both, as it was and as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
pub struct PresenceDiff {
    /// Who has come.
    pub joins: People,
    /// Who has gone.
    pub leaves: People,
}

/// What is kept for each connection.
#[derive(Debug)]
pub struct Place {
    user: String,
    meta: RefCell<Value>,
}

/// What clients are told.
#[client(catalogue)]
pub trait PresenceClient {
    /// Everybody who is here, to who has just come.
    fn presence_state(&self, state: &People);
    /// What has changed, to everybody else.
    fn presence_diff(&self, diff: &PresenceDiff);
}

/// Who is here: `#[handler(rooms(Presence))]`, and `cx.enter::<Presence>("lobby", Here::new("ann", json!({ "mood": "fine" })))`.
///
/// Clients hear `presence_state` when they come and `presence_diff` from then on, and may send `presence_update` with something new to say of
/// themselves, 4 KiB at most.
#[derive(Debug, Default, Room)]
#[room(name = "presence", join = Here, member = Place, client = PresenceClient)]
pub struct Presence(());

fn one(who: &Member<Presence>) -> People {
    let connection =
        Connection { id: who.id().to_string(), away: who.is_away(), meta: who.data().meta.borrow().clone() };
    People::from([(who.data().user.clone(), vec![connection])])
}

fn all(members: &[Member<Presence>]) -> People {
    let mut people = People::new();
    for (user, connections) in members.iter().flat_map(one) {
        people.entry(user).or_default().extend(connections);
    }
    people
}

#[events(catalogue)]
impl Presence {
    #[joining]
    fn joining(&mut self, here: Here) -> Result<Place, Fault> {
        check(&here.meta)?;
        Ok(Place { user: here.user, meta: RefCell::new(here.meta) })
    }

    #[joined]
    fn joined(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) {
        who.client().presence_state(&all(&cx.members()));
        cx.others(who).presence_diff(&PresenceDiff { joins: one(who), leaves: People::new() });
    }

    #[left]
    fn left(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) {
        cx.everyone().presence_diff(&PresenceDiff { joins: People::new(), leaves: one(who) });
    }

    #[away]
    fn away(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) {
        changed(cx, who, flipped(one(who)));
    }

    #[back]
    fn back(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) {
        changed(cx, who, flipped(one(who)));
    }

    #[event]
    fn presence_update(&mut self, cx: &RoomCx<Self>, who: &Member<Self>, meta: Value) -> Result<(), Fault> {
        check(&meta)?;
        let before = one(who);
        who.data().meta.replace(meta);
        changed(cx, who, before);
        Ok(())
    }
}

fn changed(cx: &RoomCx<Presence>, who: &Member<Presence>, before: People) {
    cx.everyone().presence_diff(&PresenceDiff { joins: one(who), leaves: before });
}

/// As it was before it went away, or came back.
fn flipped(mut people: People) -> People {
    people.values_mut().flatten().for_each(|connection| connection.away = !connection.away);
    people
}

fn check(meta: &Value) -> Result<(), Fault> {
    match meta.to_string().len() {
        0..=MAX_META => Ok(()),
        _ => Err(Fault::new(
            "too_long",
            format!("what a connection says of itself has at most {MAX_META} bytes"),
        )),
    }
}
