//! The server's side of an end. The client does not come back by itself from it.

use greenroom::prelude::*;

pub fn serve(io: &Greenroom) {
    io.on_connection(|socket| {
        socket.on("disconnect me", |socket: Socket| {
            socket.disconnect(false); // with true, all namespaces of the connection
        });

        socket.on_disconnect(|socket: Socket, reason: Disconnect| {
            println!("{}: {}", socket.id(), reason.as_str());
        });
    });
}
