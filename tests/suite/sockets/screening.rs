//! Packet middleware and handlers that run beside each other.

use greenroom::prelude::*;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use greenroom_tests::{run, within};

/// Rows: EVT-19, EVT-20
#[test]
fn a_concurrent_handler_behind_packet_middleware_does_not_hold_later_events_back() {
    run(async {
        let (tx, rx) = tokio::sync::watch::channel(false);
        let io = Greenroom::new();
        io.on_connection(move |socket| {
            socket.wrap_events(|_, event| Ok(event));
            let rx = rx.clone();
            socket.on_concurrent("wait", move |_: Socket, ack: AckFn| {
                let mut rx = rx.clone();
                async move {
                    let _ = rx.wait_for(|open| *open).await;
                    ack.send("waited");
                }
            });
            let tx = tx.clone();
            socket.on("open", move |_: Socket| {
                tx.send_replace(true);
                "opened"
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"21["wait"]"#).await;
        client.send(r#"22["open"]"#).await;
        let mut answers = [within("one", client.next()).await, within("other", client.next()).await];
        answers.sort();
        assert_eq!(answers, [r#"31["waited"]"#, r#"32["opened"]"#]);
    });
}
