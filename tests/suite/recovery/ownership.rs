//! One owner at a time.

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve_on;
use greenroom_tests::websocket::Frame;
use serde_json::json;

use super::{Lost, Returner, keeping, keeping_with, lose_one};
use crate::sockets::{Gate, telling};

fn of(client: &Returner) -> Lost {
    Lost { sid: client.sid.clone(), pid: client.pid.clone(), offset: client.offset.clone() }
}

/// The server asks whether the transport still works.
async fn give_a_sign_of_life(client: &mut Returner) {
    assert_eq!(client.client.socket.next().await, Frame::Text("2".into()));
    client.client.socket.text("3").await;
}

/// Rows: CSR-25, CSR-26
#[test]
fn a_client_that_is_there_keeps_its_session_whoever_shows_its_private_id() {
    run(async {
        for workers in [1, 3] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new(), &tell);
            let server = serve_on(&io, workers);
            let mut client = Returner::arrive(server.addr).await;
            io.emit("first", 1);
            client.event().await;
            let thief = of(&client);
            let theft = tokio::spawn(thief.starts_afresh(server.addr));
            // Asked for a sign of life, it gives one.
            give_a_sign_of_life(&mut client).await;
            let mut thief = theft.await.expect("it has a session of its own");
            thief.client.nothing_else().await;
            io.to(client.sid.as_str()).emit("mine", 1);
            client.expect(r#"["mine",1]"#).await;
            assert_eq!(client.client.ask(1, r#""who""#).await, json!([client.sid, false]));
            thief.client.nothing_else().await;
            heard.nothing();
        }
    });
}

/// The sign of life is asked for where the client's connection is, whatever worker its session is on.
#[test]
fn a_client_that_is_served_by_another_worker_keeps_its_session_too() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let server = serve_on(&io, 3);
        let mut client = Returner::arrive(server.addr).await;
        for round in 0..8 {
            io.emit("event", round);
            client.event().await;
            let lost = client.cut();
            heard.next().await;
            client = lost.come_back(server.addr).await;
            let theft = tokio::spawn(of(&client).starts_afresh(server.addr));
            give_a_sign_of_life(&mut client).await;
            theft.await.expect("it has a session of its own").client.send("1").await;
            heard.expect("client namespace disconnect").await;
            client.client.nothing_else().await;
        }
    });
}

/// Rows: CSR-28
#[test]
fn a_client_that_is_back_before_its_loss_was_noticed_takes_its_session_over() {
    run(async {
        for workers in [1, 3] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new(), &tell);
            let server = serve_on(&io, workers);
            for _ in 0..3 {
                let mut client = Returner::arrive(server.addr).await;
                io.to(client.sid.as_str()).emit("first", 1);
                client.event().await;
                let lost = of(&client);
                // Open, and silent.
                let mut old = super::stall(client.client).await;
                io.to(lost.sid.as_str()).emit("missed", 1);
                let mut client = lost.come_back(server.addr).await;
                heard.expect("ping timeout").await;
                client.expect(r#"["missed",1]"#).await;
                assert_eq!(client.client.ask(1, r#""who""#).await, json!([client.sid, true]));
                // The old transport is closed.
                while let Frame::Text(_) = old.next().await {}
                client.client.send("1").await;
                heard.expect("client namespace disconnect").await;
            }
        }
    });
}

/// Rows: CSR-26
#[test]
fn of_two_that_show_it_at_once_one_gets_it() {
    run(async {
        for workers in [1, 3] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new(), &tell);
            let server = serve_on(&io, workers);
            let lost = lose_one(&io, server.addr, &mut heard).await;
            io.emit("missed", 1);
            let (tell, mut came) = telling();
            let gate = Gate::closed();
            let tries = (0..4).map(|_| {
                let (lost, addr, tell, over) = (lost.clone(), server.addr, tell.clone(), gate.clone());
                tokio::spawn(async move {
                    let sid = lost.sid.clone();
                    let mut one = lost.come(addr).await;
                    if one.sid == sid {
                        one.expect(r#"["missed",1]"#).await;
                    }
                    tell.say(if one.sid == sid { "owner" } else { "another" });
                    // Reads on, and so gives signs of life, until all have come.
                    tokio::select! {
                        () = over.pass() => {}
                        packet = one.client.next() => panic!("nobody was sent {packet}"),
                    }
                })
            });
            let tries: Vec<_> = tries.collect();
            let mut all = Vec::new();
            for _ in 0..4 {
                all.push(came.next().await);
            }
            all.sort();
            assert_eq!(all, ["another", "another", "another", "owner"]);
            gate.open();
            for one in tries {
                one.await.expect("it was sent nothing else");
            }
        }
    });
}

/// A namespace of a client elsewhere is served by the session's worker, and taken over again from there.
#[test]
fn a_session_can_be_taken_over_from_worker_to_worker() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let server = serve_on(&io, 3);
        let mut client = Returner::arrive(server.addr).await;
        let mut missed = 0;
        for round in 0..8 {
            io.to(client.sid.as_str()).emit("live", round);
            client.expect(&format!(r#"["live",{round}]"#)).await;
            assert_eq!(client.client.ask(1, r#""join","room""#).await, json!([true]));
            let lost = client.cut();
            heard.next().await;
            missed += 1;
            io.to("room").emit("missed", missed);
            client = lost.come_back(server.addr).await;
            client.expect(&format!(r#"["missed",{missed}]"#)).await;
        }
        client.client.nothing_else().await;
        client.client.send("1").await;
        heard.expect("client namespace disconnect").await;
    });
}

/// The server's `disconnect(true)` ends all namespaces of a client, whatever workers they are on, and for good.
#[test]
fn a_client_that_is_disconnected_leaves_all_its_namespaces() {
    run(async {
        for from in ["/", "/second"] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new().before_first_event(true), &tell);
            let said = tell.clone();
            let second = io.of("/second");
            second.on_connection(move |socket| {
                let said = said.clone();
                socket.on_disconnect(move |_: Socket, reason| said.say(format!("second: {reason}")));
            });
            let server = serve_on(&io, 3);
            for _ in 0..6 {
                // The session of `/` is where it was; that of `/second` is where the client lands.
                let client = Returner::arrive(server.addr).await;
                let lost = client.cut();
                heard.expect("transport close").await;
                let mut client = lost.come_back(server.addr).await;
                client.client.send("0/second,").await;
                assert!(client.client.next().await.starts_with("0/second,"));
                let namespace = io.of(from);
                namespace.disconnect_sockets(true);
                let mut packets = [client.client.next().await, client.client.next().await];
                packets.sort();
                assert_eq!(packets, ["1", "1/second,"]);
                let mut reasons = [heard.next().await, heard.next().await];
                reasons.sort();
                assert_eq!(reasons, ["second: server namespace disconnect", "server namespace disconnect"]);
                client.cut().starts_afresh(server.addr).await.client.send("1").await;
                heard.expect("client namespace disconnect").await;
            }
        }
    });
}

/// A second CONNECT while the first is thought about is out of order, as ever.
#[test]
fn a_client_may_ask_once() {
    run(async {
        let (tell, _heard) = telling();
        let io = keeping_with(Options::new(), Recovery::new(), &tell);
        let server = serve_on(&io, 1);
        let mut client = Returner::arrive(server.addr).await;
        io.emit("first", 1);
        client.event().await;
        let credentials = client.credentials("");
        let mut other = greenroom_tests::socket_io::Client::open(server.addr).await;
        other.send(&format!("0{credentials}")).await;
        other.send(&format!("0{credentials}")).await;
        assert_eq!(other.closed().await, None);
        // The one that has it is not harmed.
        give_a_sign_of_life(&mut client).await;
        client.client.nothing_else().await;
    });
}
