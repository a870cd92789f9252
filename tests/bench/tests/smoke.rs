//! Two workloads against a Greenroom in this process, for a fraction of a second each.

use std::time::Duration;

use greenroom::prelude::*;
use greenroom_bench::{find, measure};
use greenroom_tests::server::serve_on;

fn greenroom() -> Greenroom {
    let io = Greenroom::new();
    io.on_connection(|socket| {
        socket.on("echo", |socket: Socket, note: serde_json::Value| drop(socket.emit("echo", note)));
        socket.on("join", |socket: Socket, room: String, ack: AckFn| {
            socket.join(room);
            ack.send(());
        });
        socket.on("cast", |socket: Socket, room: String, note: serde_json::Value| {
            drop(socket.within(room).emit("cast", note));
        });
    });
    io
}

#[test]
fn workloads_run_against_a_greenroom_without_errors() {
    let server = serve_on(&greenroom(), 1);
    let (warm_up, duration) = (Duration::from_millis(50), Duration::from_millis(200));
    for (name, size) in [("W1k", 5), ("W1u", 5), ("W3", 20), ("W5b", 4), ("W6", 3)] {
        let workload = find(name).expect("a workload");
        let figures = measure(server.addr, std::process::id(), workload, size, warm_up, duration);
        let figures = figures.expect("it runs");
        assert!(figures.operations > 0, "{name}: {figures:?}");
        assert!(figures.cpu_us.is_some_and(|cpu| cpu > 0.0), "{name}: {figures:?}");
        assert!(figures.p50_us > Some(0.0) && figures.p50_us <= figures.p99_us, "{name}: {figures:?}");
        assert_eq!((figures.errors, figures.reordered), (0, 0), "{name}: {figures:?}");
    }
}
