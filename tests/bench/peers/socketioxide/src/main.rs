//! The events of tests/servers/src/bin/bench.rs, with socketioxide.

use axum::serve::ListenerExt;
use serde::{Deserialize, Serialize};
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef};
use tokio::net::TcpListener;

#[derive(Serialize, Deserialize, Clone, Debug)]
struct Note {
    n: i64,
    text: String,
}

fn main() -> std::io::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(workers) = variable("WORKERS") {
        runtime.worker_threads(usize::from(workers));
    }
    runtime.enable_all().build()?.block_on(serve())
}

fn variable(name: &str) -> Option<u16> {
    std::env::var(name).ok()?.parse().ok()
}

async fn serve() -> std::io::Result<()> {
    let (layer, io) = SocketIo::new_layer();
    io.ns("/", async |socket: SocketRef| listen(&socket));
    let listener = TcpListener::bind(("127.0.0.1", variable("PORT").unwrap_or(3000))).await?;
    // As all the others do.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, axum::Router::new().layer(layer)).await
}

// A failed emit means that the client has gone.
fn listen(socket: &SocketRef) {
    socket.on("echo", async |socket: SocketRef, Data(note): Data<Note>| drop(socket.emit("echo", &note)));
    socket.on("ack", async |Data(note): Data<Note>, ack: AckSender| drop(ack.send(&note)));
    socket.on("join", async |socket: SocketRef, Data(room): Data<String>, ack: AckSender| {
        socket.join(room);
        drop(ack.send(&()));
    });
    socket.on("leave", async |socket: SocketRef, Data(room): Data<String>, ack: AckSender| {
        socket.leave(room);
        drop(ack.send(&()));
    });
    socket.on("cast", async |socket: SocketRef, Data((room, note)): Data<(String, Note)>| {
        drop(socket.within(room).emit("cast", &note).await);
    });
}
