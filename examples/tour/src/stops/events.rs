//! Who hears an event.

use greenroom::prelude::*;

pub fn serve(io: &Greenroom) {
    let server = io.clone();
    io.on_connection(move |socket| {
        let io = server.clone();
        socket.on("to all", move |_: Socket, text: String| {
            io.emit("message", text);
        });
        socket.on("to me", |socket: Socket, text: String| {
            socket.emit("message", text);
        });
        socket.on("to others", |socket: Socket, text: String| {
            socket.broadcast().emit("message", text);
        });
    });
}
