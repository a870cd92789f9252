//! The port of `node/server.js`, in the same order.

use std::time::Duration;

use greenroom::prelude::*;
use serde::Deserialize;
use serde_json::json;

#[derive(Default, Deserialize)]
struct Login {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Manner {
    loud: bool,
}

fn name(socket: &Socket) -> String {
    socket.get().unwrap_or_default()
}

pub fn serve(io: &Greenroom) {
    // 1. Middleware: who gives no name is not let in.
    io.wrap(|socket: Socket| {
        let Login { name } = socket.auth().unwrap_or_default();
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            socket.set(name);
            return Ok(());
        }
        Err(Refuse::because("who are you?").with_data(json!({ "code": "no_name" })))
    });

    // 2. A client is connected.
    let server = io.clone();
    io.on_connection(move |socket| {
        socket.emit("welcome", json!({ "name": name(&socket), "online": server.session_count() }));

        // 3. To everybody else.
        socket.broadcast().emit("arrived", name(&socket));

        // 4. A room, and an acknowledgement.
        let io = server.clone();
        socket.on("join", move |socket: Socket, room: String| {
            socket.join(&room);
            socket.to(&room).emit("joined", (&room, name(&socket)));
            io.of("/").room_size(&room)
        });

        socket.on("leave", |socket: Socket, room: String| {
            socket.leave(&room);
            socket.to(&room).emit("left", (&room, name(&socket)));
        });

        // 5. To all who are in a room, the sender too; an argument that may be missing.
        socket.on("say", |socket: Socket, room: String, text: String, manner: Option<Manner>| {
            if !socket.is_in(&room) {
                return json!({ "error": "join first" });
            }
            let loud = manner.is_some_and(|manner| manner.loud);
            socket.within(&room).emit("said", (&room, name(&socket), text, loud));
            json!({ "ok": true })
        });

        // 6. To everybody.
        let io = server.clone();
        socket.on("shout", move |socket: Socket, text: String| {
            io.emit("shouted", (name(&socket), text));
        });

        // 7. Binary, to some rooms at once, but not to another.
        socket.on("picture", |socket: Socket, rooms: Vec<String>, quiet: String, bytes: Binary| {
            socket.to(rooms).except(quiet).emit("picture", (name(&socket), bytes));
        });

        // 8. Clients are asked, and answer.
        socket.on("vote", async |socket: Socket, room: String, question: String| {
            let asked = socket.within(&room).timeout(Duration::from_secs(5));
            let answers = asked.emit_with_ack::<bool>("question", question).await;
            let answers = answers.map(|all| all.replies).unwrap_or_default();
            (answers.iter().filter(|(_, yes)| *yes).count(), answers.len())
        });

        // 9. It leaves, or is shown out.
        socket.on("bye", |socket: Socket| socket.disconnect(true));

        socket.on_disconnecting(|socket: Socket, _| {
            for room in socket.rooms() {
                socket.to(&room).emit("left", (&room, name(&socket)));
            }
        });

        let io = server.clone();
        socket.on_disconnect(move |socket: Socket, reason: Disconnect| {
            io.emit("gone", (name(&socket), reason.as_str()));
        });
    });
}
