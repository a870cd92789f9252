//! The rooms, and what clients may do in them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use greenroom::prelude::*;
use serde::Serialize;
use serde_json::{Value as Json, json};

/// Rooms that are always there.
const STARTERS: [&str; 3] = ["Lobby", "Rehearsal", "Stage door"];
const MAX_ROOMS: usize = 100;
/// Lines that a room remembers.
const HISTORY: usize = 100;

#[derive(Clone, Serialize)]
struct Line {
    id: u64,
    room: String,
    name: String,
    text: String,
    at: u64,
    /// Made by the client, so that a line sent again after a cut is not said twice.
    key: String,
}

#[derive(Default)]
struct Room {
    members: Vec<(SocketId, String)>,
    history: VecDeque<Line>,
    /// Whether lines were forgotten.
    earlier: bool,
}

impl Room {
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (_, name) in &self.members {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }
}

/// Shared by all workers, so behind a lock; held for the length of one change.
#[derive(Clone)]
struct House(Arc<Mutex<BTreeMap<String, Room>>>);

/// Tells the page what went wrong.
fn fault(code: &str, message: &str) -> Json {
    json!({ "ok": false, "error": { "code": code, "message": message } })
}

fn is_bad(text: &str, most: usize) -> bool {
    let control = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.trim().is_empty() || text.chars().count() > most || text.chars().any(control)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// The Socket.IO room of a chat room: prefixed, so that nobody names a room after somebody's id.
fn channel(room: &str) -> String {
    format!("room:{room}")
}

impl House {
    fn with<R>(&self, f: impl FnOnce(&mut BTreeMap<String, Room>) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn list(&self) -> Vec<Json> {
        self.with(|rooms| {
            rooms.iter().map(|(name, room)| json!({ "name": name, "count": room.names().len() })).collect()
        })
    }

    /// The room's members and history, or what is wrong.
    fn enter(&self, name: &str, socket: SocketId, who: &str) -> Result<(Json, Vec<String>), Json> {
        if is_bad(name, 32) {
            return Err(fault("bad_room", "a room's name has 1 to 32 characters"));
        }
        self.with(|rooms| {
            if !rooms.contains_key(name) && rooms.len() >= MAX_ROOMS {
                return Err(fault("too_many_rooms", "there are enough rooms"));
            }
            let room = rooms.entry(name.to_owned()).or_default();
            if !room.members.iter().any(|(id, _)| *id == socket) {
                room.members.push((socket, who.to_owned()));
            }
            let names: Vec<String> = room.names().into_iter().map(str::to_owned).collect();
            let answer = json!({
                "ok": true, "room": name, "members": names, "history": room.history, "earlier": room.earlier,
            });
            Ok((answer, names))
        })
    }

    /// Who is left; `None` if the socket was not there.
    fn leave(&self, name: &str, socket: SocketId) -> Option<Vec<String>> {
        self.with(|rooms| {
            let room = rooms.get_mut(name)?;
            let at = room.members.iter().position(|(id, _)| *id == socket)?;
            room.members.remove(at);
            let names: Vec<String> = room.names().into_iter().map(str::to_owned).collect();
            if names.is_empty() && !STARTERS.contains(&name) {
                rooms.remove(name);
            }
            Some(names)
        })
    }

    fn of(&self, socket: SocketId) -> Vec<String> {
        let inside = |room: &Room| room.members.iter().any(|(id, _)| *id == socket);
        self.with(|rooms| {
            rooms.iter().filter(|(_, room)| inside(room)).map(|(name, _)| name.clone()).collect()
        })
    }

    /// A line and whether it is new, or what is wrong.
    fn say(&self, name: &str, socket: SocketId, text: String, key: String) -> Result<(Line, bool), Json> {
        if is_bad(&text, 2000) || key.len() > 64 {
            return Err(fault("bad_text", "a line has 1 to 2000 characters"));
        }
        self.with(|rooms| {
            let not_in = || fault("not_in_room", "you are not in that room");
            let room = rooms.get_mut(name).ok_or_else(not_in)?;
            let who = room.members.iter().find(|(id, _)| *id == socket).ok_or_else(not_in)?.1.clone();
            if let Some(said) = room.history.iter().find(|line| line.key == key && line.name == who) {
                return Ok((said.clone(), false));
            }
            let at = now();
            let id = at.max(room.history.back().map_or(0, |last| last.id + 1));
            let line = Line { id, room: name.to_owned(), name: who, text, at, key };
            room.history.push_back(line.clone());
            if room.history.len() > HISTORY {
                room.history.pop_front();
                room.earlier = true;
            }
            Ok((line, true))
        })
    }
}

/// Takes clients in.
pub fn open(io: &Greenroom) {
    let house = House(Arc::default());
    house.with(|rooms| rooms.extend(STARTERS.map(|name| (name.to_owned(), Room::default()))));

    io.wrap(|socket: Socket| {
        let auth = socket.auth::<Json>().unwrap_or_default();
        let name = auth["name"].as_str().unwrap_or_default();
        if is_bad(name, 24) || name.trim() != name || name.contains('\n') {
            return Err(Refuse::new("bad_name", "A name has 1 to 24 characters."));
        }
        socket.set(name.to_owned());
        Ok(())
    });

    let server = io.clone();
    io.on_connection(move |socket| {
        let name = socket.get::<String>().unwrap_or_default();
        socket.emit("rooms", house.list());

        let (hall, io, who) = (house.clone(), server.clone(), name.clone());
        socket.on("join", move |socket: Socket, room: String| match hall.enter(&room, socket.id(), &who) {
            Ok((answer, members)) => {
                socket.join(channel(&room));
                socket.to(channel(&room)).emit("joined", (&room, &who, members));
                io.emit("rooms", hall.list());
                answer
            }
            Err(fault) => fault,
        });

        let (hall, io) = (house.clone(), server.clone());
        socket.on("leave", move |socket: Socket, room: String| {
            socket.leave(channel(&room));
            left(&hall, &io, &socket, &room);
        });

        let who = name.clone();
        socket.on("typing", move |socket: Socket, room: String, active: bool| {
            if socket.is_in(&channel(&room)) {
                socket.to(channel(&room)).volatile().emit("typing", (room, &who, active));
            }
        });

        let hall = house.clone();
        socket.on("say", move |socket: Socket, room: String, text: String, key: String| {
            match hall.say(&room, socket.id(), text, key) {
                Ok((line, new)) => {
                    let answer = json!({ "ok": true, "id": line.id, "at": line.at });
                    if new {
                        socket.to(channel(&room)).emit("message", line);
                    }
                    answer
                }
                Err(fault) => fault,
            }
        });

        let (hall, io) = (house.clone(), server.clone());
        socket.on_disconnecting(move |socket: Socket, _| {
            for room in hall.of(socket.id()) {
                left(&hall, &io, &socket, &room);
            }
        });
    });
}

fn left(house: &House, io: &Greenroom, socket: &Socket, room: &str) {
    let name = socket.get::<String>().unwrap_or_default();
    if let Some(members) = house.leave(room, socket.id()) {
        socket.to(channel(room)).emit("left", (room, name, members));
        io.emit("rooms", house.list());
    }
}
