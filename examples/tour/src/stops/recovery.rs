//! The options are in main.rs. A recovered client passes no middleware there, and is let in again here: its listeners are new.

use greenroom::prelude::*;
use serde_json::Value;

pub fn serve(io: &Greenroom) {
    io.wrap(|_: Socket| {
        println!("middleware");
        Ok::<_, Refuse>(())
    });

    io.on_connection(|socket| {
        println!("Сессия: {}", socket.session_id()); // not the secret that the client comes back with: safe to log
        let auth = socket.auth::<Value>().unwrap_or_default();
        println!("Данные аутентификации: {auth}"); // {"token":"..."}: in a real log it has no place

        socket.on("message", |socket: Socket, _data: String| {
            // Kept for the client if its connection breaks before this arrives.
            socket.emit("response", "Данные получены");
        });
    });
}
