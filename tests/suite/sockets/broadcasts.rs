//! Who hears a broadcast: sockets of both workers, each once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use greenroom::prelude::*;
use greenroom_tests::polling::Polling;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use serde::{Serialize, Serializer};
use serde_json::json;

use super::{on_both_workers, plain};

/// Clients `0..n`; the rooms that each is in, given as letters.
async fn in_rooms(
    io: &Greenroom,
    addr: std::net::SocketAddr,
    rooms: &[&str],
) -> Vec<(greenroom_tests::socket_io::Client, String)> {
    let mut clients = on_both_workers(io, addr, rooms.len()).await;
    for ((client, _), rooms) in clients.iter_mut().zip(rooms) {
        for room in rooms.chars() {
            assert_eq!(client.ask(1, &format!(r#""join","{room}""#)).await, json!([true]));
        }
    }
    clients
}

/// Sends by `emit` and says which of the clients heard it, in one string of their numbers.
async fn heard_by(
    clients: &mut [(greenroom_tests::socket_io::Client, String)],
    io: &Greenroom,
    emit: impl FnOnce(),
) -> String {
    emit();
    io.emit("end", ());
    heard_until_end(clients).await
}

async fn heard_until_end(clients: &mut [(greenroom_tests::socket_io::Client, String)]) -> String {
    let mut heard = String::new();
    for (n, (client, _)) in clients.iter_mut().enumerate() {
        loop {
            match client.next().await.as_str() {
                r#"2["end"]"# => break,
                r#"2["e"]"# => heard.push_str(&n.to_string()),
                other => panic!("{other}"),
            }
        }
    }
    heard
}

/// Rows: BRD-01, BRD-02, BRD-03, BRD-06, BRD-09, BRD-10
#[test]
fn rooms_are_a_union_heard_once_and_an_exclusion_wins() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = in_rooms(&io, server.addr, &["a", "ab", "b", "abc", ""]).await;
        let ids: Vec<_> = clients.iter().map(|(_, id)| id.clone()).collect();
        let a = io.to("a");
        let cases = [
            (io.except("nobody"), "01234"),
            (a.clone(), "013"),
            (a.clone().to("b"), "0123"),
            (io.to(["a", "b"]), "0123"),
            (io.to(vec!["b".to_owned()]).within("c"), "123"),
            (a.clone().except("b"), "0"),
            (io.except("a"), "24"),
            (io.except(["a", "b"]), "4"),
            (io.except("c").to("a"), "01"),
            (a.clone().except(ids[3].as_str()), "01"),
            (io.to(ids[4].as_str()), "4"),
            (io.to(ids[0].as_str()).to("b"), "0123"),
            (io.to("a").to(ids[0].as_str()), "013"),
            (io.to(ids[4].as_str()).except(ids[4].as_str()), ""),
            (io.to("empty"), ""),
            (io.to("empty").to("c"), "3"),
            // Operators remember nothing: this one is what it was.
            (a.clone(), "013"),
            (io.local(), "01234"),
            (io.to("a").local(), "013"),
        ];
        for (broadcast, expected) in cases {
            let what = format!("{broadcast:?}");
            assert_eq!(
                heard_by(&mut clients, &io, || drop(broadcast.emit("e", ()))).await,
                expected,
                "{what}"
            );
        }
    });
}

/// Rows: BRD-04, BRD-05, BRD-03
#[test]
fn a_sockets_own_broadcasts_leave_it_out() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("do", |socket: Socket, how: String, other: String| {
                match how.as_str() {
                    "broadcast" => socket.broadcast(),
                    "broadcast to" => socket.broadcast().to("a"),
                    "to" => socket.to("a"),
                    "to two" => socket.to("a").to("b"),
                    "to self" => socket.to(socket.id()),
                    "to other" => socket.to(other),
                    "except" => socket.except("b"),
                    "within" => socket.within("a"),
                    "local" => socket.local(),
                    other => panic!("{other}"),
                }
                .emit("e", ());
                // By the same sender, so behind it at every receiver.
                socket.emit("end", ());
                socket.broadcast().emit("end", ());
            });
        });
        let server = serve(&io);
        let mut clients = in_rooms(&io, server.addr, &["a", "ab", "b", "a", ""]).await;
        let other = clients[3].1.clone();
        for (how, expected) in [
            ("broadcast", "1234"),
            ("broadcast to", "13"),
            ("to", "13"),
            ("to two", "123"),
            ("to self", ""),
            ("to other", "3"),
            ("except", "34"),
            ("within", "013"),
            ("local", "1234"),
        ] {
            let packet = format!(r#"29["do","{how}","{other}"]"#);
            clients[0].0.send(&packet).await;
            assert_eq!(heard_until_end(&mut clients).await, expected, "{how}");
        }
    });
}

/// Rows: BRD-07, BRD-08, BRD-09
#[test]
fn flags_and_rooms_may_come_in_any_order() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = in_rooms(&io, server.addr, &["a", "a"]).await;
        let patience = greenroom_tests::PATIENCE;
        for broadcast in [
            io.volatile().to("a").timeout(patience).local(),
            io.timeout(patience).local().to("a").volatile(),
            io.local().volatile().timeout(patience).within("a"),
        ] {
            assert_eq!(heard_by(&mut clients, &io, || drop(broadcast.emit("e", ()))).await, "01");
        }
    });
}

/// Rows: BRD-12, PAR-20
#[test]
fn attachments_of_a_broadcast_follow_their_header_at_every_receiver() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = in_rooms(&io, server.addr, &["a", "a", "a"]).await;
        for n in 0..3u8 {
            let bytes = |of: u8| Binary::from(vec![n; usize::from(of)]);
            io.to("a").emit("bin", (n, json!({"x": 1}), [bytes(3), bytes(200)]));
            io.emit("text", n);
        }
        for (client, _) in &mut clients {
            for n in 0..3u8 {
                let list = r#"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
                client.expect(&format!(r#"52-["bin",{n},{{"x":1}},{list}]"#)).await;
                assert_eq!(client.next_binary().await, vec![n; 3]);
                assert_eq!(client.next_binary().await, vec![n; 200]);
                client.expect(&format!(r#"2["text",{n}]"#)).await;
            }
        }
    });
}

/// Rows: TRN-25, BRD-11
#[test]
fn a_broadcast_is_encoded_once_for_the_sockets_of_both_workers() {
    #[derive(Clone, Default)]
    struct Counted(Arc<AtomicUsize>);
    impl Serialize for Counted {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.fetch_add(1, Ordering::SeqCst);
            serializer.serialize_str("x")
        }
    }
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = in_rooms(&io, server.addr, &["a", "a", "a", "a"]).await;
        let value = Counted::default();
        // One of two arguments: one alone would be asked for its shape, too.
        io.to("a").emit("e", (value.clone(), 1));
        for (client, _) in &mut clients {
            client.expect(r#"2["e","x",1]"#).await;
        }
        assert_eq!(value.0.load(Ordering::SeqCst), 1);
    });
}

/// Rows: BRD-12, PAR-20
#[test]
fn a_broadcast_with_attachments_reaches_clients_that_poll() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let polling = Polling::open(server.addr).await;
        polling.join().await;
        io.emit("bin", (Binary::from(&b"abc"[..]), 1));
        io.emit("after", ());
        let mut packets = Vec::new();
        while packets.len() < 3 {
            packets.extend(polling.packets().await);
        }
        assert_eq!(packets, [r#"451-["bin",{"_placeholder":true,"num":0},1]"#, "bYWJj", r#"42["after"]"#]);
    });
}

/// Rows: BRD-06, ROM-03
#[test]
fn a_socket_that_left_its_own_room_is_not_reached_by_its_id() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("quit", |socket: Socket| {
                socket.leave(socket.id());
                socket.rooms().len()
            });
        });
        let server = serve(&io);
        let mut clients = in_rooms(&io, server.addr, &["a", "a"]).await;
        let id = clients[0].1.clone();
        assert_eq!(clients[0].0.ask(1, r#""quit""#).await, json!([1]));
        assert_eq!(heard_by(&mut clients, &io, || drop(io.to(id.as_str()).emit("e", ()))).await, "");
        assert_eq!(heard_by(&mut clients, &io, || drop(io.to("a").emit("e", ()))).await, "01");
        assert_eq!(clients[0].0.ask(1, &format!(r#""join","{id}""#)).await, json!([true]));
        assert_eq!(heard_by(&mut clients, &io, || drop(io.to(id.as_str()).emit("e", ()))).await, "0");
    });
}

/// Rows: BRD-02
#[test]
fn another_may_join_the_room_of_a_sockets_id() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = in_rooms(&io, server.addr, &["", "", ""]).await;
        let id = clients[0].1.clone();
        for client in [1, 2] {
            clients[client].0.ask(1, &format!(r#""join","{id}""#)).await;
        }
        assert_eq!(heard_by(&mut clients, &io, || drop(io.to(id.as_str()).emit("e", ()))).await, "012");
        assert_eq!(heard_by(&mut clients, &io, || drop(io.except(id.as_str()).emit("e", ()))).await, "");
    });
}
