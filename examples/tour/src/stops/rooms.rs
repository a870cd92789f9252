//! A room is there while somebody is in it.

use greenroom::prelude::*;

pub fn serve(io: &Greenroom) {
    let server = io.clone();
    io.on_connection(move |socket| {
        socket.on("join", |socket: Socket| {
            socket.join("room1");
            "в комнате" // the acknowledgement
        });
        let io = server.clone();
        socket.on("to room", move |_: Socket| {
            io.to("room1").emit("room-message", "Привет, комната!");
        });
        socket.on("to the others of the room", |socket: Socket| {
            socket.broadcast().to("room1").emit("room-message", "Привет, соседи!");
        });
        socket.on("leave", |socket: Socket| {
            socket.leave("room1");
            "не в комнате"
        });
    });
}
