//! For the official Socket.IO protocol suite.

use std::time::Duration;

use greenroom::prelude::*;
use greenroom::{Cors, Origins};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let options = Options::new()
        .ping_interval(Duration::from_millis(300))
        .ping_timeout(Duration::from_millis(200))
        .connect_timeout(Duration::from_millis(1000))
        .cors(Cors::new(Origins::Any));
    let io = Greenroom::builder(options).build().map_err(std::io::Error::other)?;
    for namespace in ["/", "/custom"] {
        io.of(namespace).on_connection(|socket| {
            socket.emit("auth", socket.auth::<serde_json::Value>().unwrap_or_default());
            socket.on("message", |socket: Socket, args: Rest<Value>| drop(socket.emit("message-back", args)));
            socket.on("message-with-ack", |_: Socket, args: Rest<Value>| args);
        });
    }
    greenroom_servers::serve(io).await
}
