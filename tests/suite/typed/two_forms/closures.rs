use std::time::Duration;

use greenroom::prelude::*;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Login {
    name: String,
}

fn fault(code: &str, message: &str) -> serde_json::Value {
    json!({ "ok": false, "error": { "code": code, "message": message } })
}

pub fn chat(io: &Greenroom) {
    let chat = io.of("/chat");

    chat.wrap(|socket: Socket| match socket.auth::<Login>() {
        Ok(login) if login.name.is_empty() => Err(Refuse::new("no_name", "who are you?")),
        Ok(login) => {
            socket.set(login.name);
            Ok(())
        }
        Err(_) => Err(Refuse::new("bad_auth", "what is your name?")),
    });

    let here = chat.clone();
    chat.on_connection(move |socket| {
        socket.emit("welcome", "join a room");

        let here = here.clone();
        socket.on("join", move |socket: Socket, room: String| {
            socket.join(&room);
            socket.to(&room).emit("joined", (&room, socket.get::<String>()));
            here.room_size(&room)
        });

        socket.on("chat message", |socket: Socket, room: String, text: String| {
            if !socket.is_in(&room) {
                return fault("not_in_room", "join first");
            }
            if text.len() > 200 {
                return fault("too_long", "a message has at most 200 bytes");
            }
            let sent = socket.update::<usize, _>(|sent| {
                *sent += 1;
                *sent
            });
            socket.within(&room).emit("said", (&room, socket.get::<String>(), &text));
            json!({ "ok": true, "data": sent })
        });

        socket.on("close", async |socket: Socket, room: String| {
            let others = socket.to(&room).timeout(Duration::from_secs(5));
            let votes = others.emit_with_ack::<bool>("sure", &room).await;
            votes.is_ok_and(|votes| votes.is_complete() && votes.replies.iter().all(|(_, yes)| *yes))
        });

        socket.on_disconnecting(|socket: Socket, _| {
            for room in socket.rooms() {
                socket.to(&room).emit("left", (&room, socket.get::<String>()));
            }
        });
    });
}
