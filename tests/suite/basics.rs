//! The shortest way through everything.

use greenroom::prelude::*;
use greenroom_tests::polling::Polling;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde_json::json;

fn chat() -> Greenroom {
    let io = Greenroom::new();
    io.on_connection(|socket| {
        socket.on("join", |socket: Socket, room: String| {
            socket.join(room);
            true
        });
        socket.on("say", |socket: Socket, room: String, text: String| {
            socket.within(room).emit("said", (socket.id(), text));
        });
    });
    io
}

/// Rows: EVT-01, EVT-02, ROM-01, BRD-02, ACK-02, OTH-10
#[test]
fn members_of_a_room_hear_what_is_said_on_whatever_worker_they_are() {
    run(async {
        let server = serve(&chat());
        let mut clients = Vec::new();
        for _ in 0..6 {
            let mut client = Client::connect(server.addr).await;
            assert_eq!(client.ask(1, r#""join","lobby""#).await, json!([true]));
            clients.push(client);
        }
        clients[0].send(r#"2["say","lobby","hello"]"#).await;
        for client in &mut clients {
            let said = client.next().await;
            assert!(said.starts_with("2[\"said\",\"") && said.ends_with("\",\"hello\"]"), "{said}");
        }
    });
}

/// Rows: TRN-10, TRN-11, TRN-12, STK-09
#[test]
fn a_session_is_upgraded_on_whatever_worker_the_websocket_lands() {
    run(async {
        let server = serve(&chat());
        for _ in 0..8 {
            let polling = Polling::open(server.addr).await;
            polling.join().await;
            let mut socket = polling.probe().await;
            socket.text("5").await;
            socket.text(r#"420["join","a"]"#).await;
            assert_eq!(socket.next_text().await, "430[true]");
        }
    });
}
