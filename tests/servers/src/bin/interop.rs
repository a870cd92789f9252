//! For clients in several languages.

use std::time::Duration;

use greenroom::prelude::*;
use serde_json::json;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let options = Options::new().ping_interval(Duration::from_secs(1)).ping_timeout(Duration::from_secs(2));
    let io = Greenroom::builder(options).build().map_err(std::io::Error::other)?;
    io.of("/private").wrap(|socket: Socket| {
        let auth = socket.auth::<serde_json::Value>().unwrap_or_default();
        if auth["token"] == "secret" || socket.handshake().query("token") == Some("secret") {
            return Ok(());
        }
        Err(Refuse::because("not authorized").with_data(json!({ "code": "E_AUTH" })))
    });
    let main = io.clone();
    io.of("/").on_connection(move |socket| listen(&main.of("/"), &socket));
    let private = io.clone();
    io.of("/private").on_connection(move |socket| listen(&private.of("/private"), &socket));
    greenroom_servers::serve(io).await
}

fn listen(namespace: &Namespace, socket: &Socket) {
    let auth = socket.auth::<serde_json::Value>().unwrap_or_default();
    let token = socket.handshake().query("token");
    socket.emit("welcome", json!({ "sid": socket.id(), "auth": auth, "token": token }));

    socket.on("echo", |socket: Socket, args: Rest<Value>| drop(socket.emit("echo", args)));
    socket.on("ack", |_: Socket, args: Rest<Value>| args);
    // Concurrent: the answer of the client must not wait behind this handler's own events.
    socket.on_concurrent("ask", async |socket: Socket, value: Value| {
        if let Ok(answer) = socket.emit_with_ack::<Value>("question", (value,)).rest().await {
            socket.emit("answer", answer);
        }
    });
    socket.on("transport", |socket: Socket, _: Value| socket.transport().as_str());
    socket.on("join", |socket: Socket, room: String| {
        socket.join(room);
        "joined"
    });
    socket.on("leave", |socket: Socket, room: String| {
        socket.leave(room);
        "left"
    });
    socket.on("say", |socket: Socket, room: String, message: Value| {
        drop(socket.to(room).emit("said", (message,)))
    });
    socket.on("say-all", |socket: Socket, room: String, message: Value| {
        socket.within(room).emit("said", (message,));
    });
    let everyone = namespace.clone();
    socket.on("shout", move |_: Socket, message: Value| drop(everyone.emit("shouted", (message,))));
    socket.on("kick", |socket: Socket, close: bool| socket.disconnect(close));
    socket.on_disconnect(|socket: Socket, reason| {
        let left = json!({ "sid": socket.id(), "reason": reason.as_str() });
        socket.to(format!("watch:{}", socket.id())).emit("left", left);
    });
}
