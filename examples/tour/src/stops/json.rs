//! An object is a struct. What does not fit is answered `bad_argument`, and never reaches the closure.

use greenroom::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Pair {
    key: String,
}

pub fn serve(io: &Greenroom) {
    io.on_connection(|socket| {
        socket.emit("event", Pair { key: "value".into() });

        socket.on("event", |_: Socket, data: Pair| {
            println!("{data:?}");
        });
    });
}
