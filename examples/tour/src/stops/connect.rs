//! Who comes and who goes.

use greenroom::prelude::*;

pub fn serve(io: &Greenroom) {
    io.on_connection(|socket| {
        println!("Клиент подключен");

        socket.on_disconnect(|_, _| println!("Клиент отключен"));
    });
}
