//! For the load generator.

use greenroom::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Note {
    n: i64,
    text: String,
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    // `RECOVERY=1`: what connection state recovery costs.
    let recovery = std::env::var_os("RECOVERY").map(|_| Recovery::new());
    let options = Options::new().connection_state_recovery(recovery);
    let io = Greenroom::builder(options).build().map_err(std::io::Error::other)?;
    io.on_connection(|socket| {
        socket.on("echo", |socket: Socket, note: Note| drop(socket.emit("echo", note)));
        socket.on("ack", |_: Socket, note: Note| note);
        socket.on("join", |socket: Socket, room: String, ack: AckFn| {
            socket.join(room);
            ack.send(());
        });
        socket.on("leave", |socket: Socket, room: String, ack: AckFn| {
            socket.leave(room);
            ack.send(());
        });
        socket.on("cast", |socket: Socket, room: String, note: Note| {
            drop(socket.within(room).emit("cast", note))
        });
    });
    greenroom_servers::serve(io).await
}
