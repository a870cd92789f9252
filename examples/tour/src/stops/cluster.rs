//! `workers(4)` in main.rs is all there is to it: the threads of one process take the place of Node's processes and their adapter.

use greenroom::prelude::*;

pub fn serve(io: &Greenroom) {
    io.on_connection(|socket| {
        socket.join("cluster");
        socket.emit("worker", format!("{:?}", std::thread::current().id()));

        socket.on("to the cluster", |socket: Socket, text: String| {
            socket.within("cluster").emit("from the cluster", text);
        });
    });
}
