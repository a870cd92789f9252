//! What is still done for a socket that leaves, and what no more.

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use greenroom_tests::websocket::frame;
use serde_json::json;

use super::{Gate, Heard, plain, telling, with};

/// Several packets in one write, so that the server reads them at once.
async fn send_together(client: &mut Client, packets: &[&str]) {
    let bytes: Vec<u8> =
        packets.iter().flat_map(|packet| frame(0x81, format!("4{packet}").as_bytes())).collect();
    client.socket.write(&bytes).await;
}

/// Rows: DIS-04, DIS-22
#[test]
fn nothing_is_handled_behind_the_event_whose_handler_disconnects() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let (buy, left) = (tell.clone(), tell.clone());
            socket.on("kick", |socket: Socket, close: bool| socket.disconnect(close));
            socket.on("kick later", |socket: Socket, close: bool| async move {
                tokio::task::yield_now().await;
                socket.disconnect(close);
            });
            socket.on("buy", move |_: Socket| buy.say("bought"));
            socket.on_disconnect(move |_: Socket, reason| left.say(reason));
        });
        let server = serve(&io);
        for kick in ["kick", "kick later"] {
            for close in [false, true] {
                let mut client = Client::connect(server.addr).await;
                let kick = format!(r#"2["{kick}",{close}]"#);
                send_together(&mut client, &[&kick, r#"2["buy"]"#, r#"2["buy"]"#]).await;
                client.expect("1").await;
                heard.expect("server namespace disconnect").await;
                heard.nothing();
            }
        }
    });
}

/// Rows: DIS-04
#[test]
fn a_socket_that_was_disconnected_hears_no_broadcast_and_is_not_counted() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        let to_all = io.clone();
        io.on_connection(move |socket| {
            let (io, tell) = (to_all.clone(), tell.clone());
            socket.on("kick", move |socket: Socket| {
                let (io, tell) = (io.clone(), tell.clone());
                async move {
                    socket.disconnect(false);
                    io.emit("news", ());
                    let sockets = io.fetch_sockets().await.expect("workers answer");
                    let answers = io.emit_with_ack::<u8>("asked", ()).await.expect("sent");
                    tell.say(format!("{} {}", sockets.len(), answers.is_complete()));
                }
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["kick"]"#).await;
        client.expect("1").await;
        heard.expect("0 true").await;
        client.join("/").await;
        client.nothing_else().await;
    });
}

/// A handler `hang` that never ends, and hooks that take their time.
fn hanging() -> (Greenroom, Gate, Heard) {
    let (tell, heard) = telling();
    let io = plain();
    let gate = Gate::closed();
    let open = gate.clone();
    io.on_connection(move |socket| {
        let (open, hangs, left) = (open.clone(), tell.clone(), tell.clone());
        socket.on("hang", move |_: Socket| {
            hangs.say("hangs");
            std::future::pending::<()>()
        });
        socket.on_disconnect(move |_: Socket, reason| {
            let (open, tell) = (open.clone(), left.clone());
            async move {
                tell.say(reason);
                open.pass().await;
                tell.say("farewell");
            }
        });
    });
    (io, gate, heard)
}

/// Rows: DIS-01
#[test]
fn the_hooks_of_a_socket_whose_handler_hangs_run_to_their_end() {
    run(async {
        let (io, gate, mut heard) = hanging();
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["hang"]"#).await;
        heard.expect("hangs").await;
        // No such Engine.IO packet: the server ends the session.
        client.socket.text("x").await;
        heard.expect("parse error").await;
        gate.open();
        heard.expect("farewell").await;
    });
}

/// Rows: DIS-04
#[test]
fn a_client_that_was_held_back_for_a_namespace_goes_on_when_that_is_gone() {
    run(async {
        let (io, gate, mut heard) = hanging();
        gate.open();
        io.of("/x").on_connection(|socket| super::usual(&socket));
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.join("/x").await;
        client.send(r#"2["hang"]"#).await;
        for _ in 0..65 {
            client.send(r#"2["more"]"#).await;
        }
        client.send(r#"2/x,1["probe"]"#).await;
        heard.expect("hangs").await;
        io.disconnect_sockets(false);
        client.expect("1").await;
        client.expect("3/x,1[]").await;
        heard.expect("server namespace disconnect").await;
    });
}

/// Rows: DIS-08, EVT-20
#[test]
fn a_concurrent_handler_goes_on_when_its_client_has_vanished() {
    run(async {
        let (tell, mut heard) = telling();
        let io = with(Options::new());
        let gate = Gate::closed();
        let open = gate.clone();
        io.on_connection(move |socket| {
            let (open, tell, left) = (open.clone(), tell.clone(), tell.clone());
            socket.on_concurrent("save", move |_: Socket| {
                let (open, tell) = (open.clone(), tell.clone());
                async move {
                    tell.say("saving");
                    open.pass().await;
                    tell.say("saved");
                }
            });
            socket.on_disconnect(move |_: Socket, reason| left.say(reason));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["save"]"#).await;
        heard.expect("saving").await;
        drop(client);
        heard.expect("transport close").await;
        gate.open();
        heard.expect("saved").await;
    });
}

#[test]
fn a_room_whose_name_reads_as_an_id_is_a_room() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        // As long as a socket's id and of the same letters: whatever worker it seems to name.
        for first in ('A'..='Z').chain('a'..='z') {
            let room = format!("{first}bcdefghij0123456789");
            assert_eq!(client.ask(1, &format!(r#""join","{room}""#)).await, json!([true]));
            assert_eq!(io.to(room.as_str()).fetch_sockets().await.expect("workers answer").len(), 1);
            client.ask(2, &format!(r#""leave","{room}""#)).await;
            assert!(io.to(room).emit_with_ack::<u8>("asked", ()).await.expect("sent").is_complete());
        }
        client.nothing_else().await;
    });
}
