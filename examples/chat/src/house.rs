//! The rooms: who is in them, and what was said there. Knows no sockets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::payload::{ChatError, Entered, Key, Line, Listed, RoomName};

/// Rooms that are always there.
const STARTERS: [&str; 3] = ["Lobby", "Rehearsal", "Stage door"];
const MAX_ROOMS: usize = 100;
/// Lines that a room remembers.
const HISTORY: usize = 100;

type Rooms = BTreeMap<RoomName, Room>;

/// Shared by all workers, so behind a lock; held for the length of one change.
#[derive(Clone)]
pub struct House(Arc<Mutex<Rooms>>);

#[derive(Default)]
struct Room {
    /// A person with two pages is here twice.
    people: Vec<String>,
    history: VecDeque<Line>,
    /// Whether lines were forgotten.
    earlier: bool,
}

impl House {
    pub fn new() -> Self {
        let starters = STARTERS.map(|name| (RoomName(name.into()), Room::default()));
        Self(Arc::new(Mutex::new(starters.into())))
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn list(&self) -> Vec<Listed> {
        let listed =
            |(name, room): (&RoomName, &Room)| Listed { name: name.clone(), count: room.names().len() };
        self.rooms().iter().map(listed).collect()
    }

    /// What is to be seen in a room.
    pub fn view(&self, name: &RoomName) -> Result<Entered, ChatError> {
        self.rooms().get(name).map(Room::view).ok_or(ChatError::NotInRoom)
    }

    /// Brings somebody in; a room that is not there yet is opened.
    pub fn enter(&self, name: &RoomName, who: &str) -> Result<Entered, ChatError> {
        let mut rooms = self.rooms();
        if !rooms.contains_key(name) && rooms.len() >= MAX_ROOMS {
            return Err(ChatError::TooManyRooms);
        }
        let room = rooms.entry(name.clone()).or_default();
        room.people.push(who.to_owned());
        Ok(room.view())
    }

    /// Takes somebody out, and tells who is left. A room that is empty is forgotten, but for the starters.
    pub fn leave(&self, name: &RoomName, who: &str) -> Vec<String> {
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(name) else { return Vec::new() };
        if let Some(at) = room.people.iter().position(|person| person == who) {
            room.people.remove(at);
        }
        let left = room.names();
        if left.is_empty() && !STARTERS.contains(&name.0.as_str()) {
            rooms.remove(name);
        }
        left
    }

    /// Writes a line down; gives it, and whether it is new.
    pub fn say(&self, name: &RoomName, who: &str, text: String, key: Key) -> Result<(Line, bool), ChatError> {
        let mut rooms = self.rooms();
        let room = rooms.get_mut(name).ok_or(ChatError::NotInRoom)?;
        if let Some(said) = room.history.iter().find(|line| line.key == key && line.name == who) {
            return Ok((said.clone(), false));
        }
        let at = now();
        let id = at.max(room.history.back().map_or(0, |last| last.id + 1));
        let line = Line { id, room: name.clone(), name: who.to_owned(), text, at, key };
        room.history.push_back(line.clone());
        if room.history.len() > HISTORY {
            room.history.pop_front();
            room.earlier = true;
        }
        Ok((line, true))
    }
}

impl Room {
    /// Each once, who came first in front.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for person in &self.people {
            if !names.contains(person) {
                names.push(person.clone());
            }
        }
        names
    }

    fn view(&self) -> Entered {
        Entered {
            members: self.names(),
            history: self.history.iter().cloned().collect(),
            earlier: self.earlier,
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
