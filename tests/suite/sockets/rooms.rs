//! Membership and the events of rooms.

use std::collections::BTreeMap;

use greenroom::prelude::*;
use greenroom::{RoomEvent, TooManyRooms};
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde_json::json;

use super::{on_both_workers, plain, telling};

/// Rows: ROM-01, ROM-02, SOC-08
#[test]
fn joining_and_leaving_are_seen_by_the_next_line_and_count_once() {
    run(async {
        let io = plain();
        let here = io.clone();
        io.on_connection(move |socket| {
            let io = here.clone();
            socket.on("go", move |socket: Socket| {
                let names = |socket: &Socket| {
                    socket.rooms()[1..].iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
                };
                socket.join("a");
                let mut seen = vec![names(&socket)];
                socket.join(["b", "a", "b"]);
                seen.push(names(&socket));
                socket.leave("a");
                socket.leave(["a", "never"]);
                seen.push(names(&socket));
                (seen, io.of("/").room_size("a"), io.of("/").room_size("b"))
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        assert_eq!(client.ask(1, "\"go\"").await, json!([["a", "a b", "b"], 0, 1]));
    });
}

/// Rows: ROM-06, ROM-16
#[test]
fn rooms_and_their_sizes_are_counted_over_both_workers() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 3).await;
        for (n, (client, _)) in clients.iter_mut().enumerate() {
            client.ask(1, r#""join","all""#).await;
            client.ask(1, &format!(r#""join","r{}""#, n % 2)).await;
        }
        let rooms: BTreeMap<_, _> =
            io.of("/").rooms().into_iter().map(|(name, size)| (name.to_string(), size)).collect();
        assert_eq!(rooms, BTreeMap::from([("all".into(), 3), ("r0".into(), 2), ("r1".into(), 1)]));
        assert_eq!(
            (io.of("/").room_size("all"), io.of("/").room_size("none"), io.of("/").socket_count()),
            (3, 0, 3)
        );
    });
}

/// Rows: ROM-04, ROM-11
#[test]
fn a_socket_that_goes_leaves_all_rooms_of_its_namespace() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.join(["a", "b"]);
            socket.on_disconnect(move |_: Socket, _| tell.say("left"));
        });
        io.of("/x").on_connection(|socket| socket.join("a"));
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.join("/x").await;
        assert_eq!((io.of("/").room_size("a"), io.of("/x").room_size("a")), (1, 1));
        client.send("1").await;
        heard.expect("left").await;
        assert!(io.of("/").rooms().is_empty());
        assert_eq!(io.of("/x").room_size("a"), 1);
    });
}

/// Rows: ROM-05
#[test]
fn a_join_after_the_end_does_nothing() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.on_disconnect(move |socket: Socket, _| {
                let tell = tell.clone();
                async move {
                    socket.join("late");
                    socket.join(socket.id());
                    tokio::task::yield_now().await;
                    let sent = socket.try_join(["late", "later"]);
                    tell.say(format!("{} {:?}", socket.rooms().len(), sent));
                    let elsewhere = std::thread::spawn(move || {
                        socket.join("late");
                        socket.rooms().len()
                    });
                    tell.say(elsewhere.join().expect("no panic"));
                }
            });
        });
        let server = serve(&io);
        drop(Client::connect(server.addr).await);
        heard.expect("0 Ok(())").await;
        heard.expect("0").await;
        assert!(io.of("/").rooms().is_empty());
    });
}

/// Rows: ROM-07, ROM-08, ROM-09, ROM-10
#[test]
fn room_events_come_in_order_and_only_for_what_really_changes() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.of("/").on_room(move |event| {
            tell.say(match event {
                RoomEvent::Created(room) => format!("create {room}"),
                RoomEvent::Joined(room, _) => format!("join {room}"),
                RoomEvent::Left(room, _) => format!("leave {room}"),
                RoomEvent::Deleted(room) => format!("delete {room}"),
                other => format!("{other:?}"),
            });
        });
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 2).await;
        let own = [clients[0].1.clone(), clients[1].1.clone()];
        // A client that was not wanted may have come and gone: its own room is nobody's concern.
        heard.only(move |said| said.ends_with(" r") || own.iter().any(|room| said.ends_with(room)));
        for (_, own) in &clients {
            heard.expect(&format!("create {own}")).await;
            heard.expect(&format!("join {own}")).await;
        }
        for (who, what) in [(0, "join"), (0, "join"), (1, "join"), (0, "leave"), (0, "leave"), (1, "leave")] {
            clients[who].0.ask(1, &format!(r#""{what}","r""#)).await;
        }
        for said in ["create r", "join r", "join r", "leave r", "leave r", "delete r"] {
            heard.expect(said).await;
        }
        heard.nothing();
        clients[0].0.ask(1, r#""join","r""#).await;
        clients[0].0.send("1").await;
        for said in ["create r", "join r", "leave r", "delete r"] {
            heard.expect(said).await;
        }
        heard.expect(&format!("leave {}", clients[0].1)).await;
        heard.expect(&format!("delete {}", clients[0].1)).await;
        heard.nothing();
    });
}

/// Rows: ROM-08
#[test]
fn a_room_event_names_the_socket() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.of("/").on_room(move |event| {
            if let RoomEvent::Joined(room, id) = event
                && room.as_str() == "r"
            {
                tell.say(id);
            }
        });
        let server = serve(&io);
        for (mut client, id) in on_both_workers(&io, server.addr, 2).await {
            client.ask(1, r#""join","r""#).await;
            heard.expect(&id).await;
        }
    });
}

/// A watcher may use the socket and the namespace that it is told about: nothing is locked meanwhile.
///
/// Rows: ROM-08
#[test]
fn a_room_watcher_may_look_send_and_change_rooms() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        let here = io.clone();
        io.of("/").on_room(move |event| match event {
            RoomEvent::Joined(room, id) if room.as_str() == "r" => {
                here.to(*id).sockets_join("second");
                here.to("r").emit("joined", here.of("/").room_size("r"));
            }
            RoomEvent::Joined(room, _) if room.as_str() == "second" => tell.say("second"),
            _ => {}
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"21["join","r"]"#).await;
        client.expect(r#"2["joined",1]"#).await;
        client.expect("31[true]").await;
        heard.expect("second").await;
    });
}

/// Rows: ROM-01
#[test]
fn one_room_too_many_is_an_error_and_none_of_the_call_is_joined() {
    run(async {
        let io = super::with(Options::new().max_rooms_per_socket(1_000));
        io.on_connection(|socket| {
            socket.on("fill", |socket: Socket| {
                socket.join((0..999).map(|n| format!("r{n}")).collect::<Vec<_>>());
                let two = socket.try_join(["x", "y"]);
                let again = socket.try_join(["r0", "r1"]);
                let last = socket.try_join("last");
                let more = socket.try_join("more");
                socket.join("more");
                let named =
                    |result: &Result<(), TooManyRooms>| result.as_ref().map_err(ToString::to_string).err();
                (socket.rooms().len(), named(&two), named(&again), named(&last), named(&more))
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        let error = "the socket is in 1000 rooms already; the option `max_rooms_per_socket` says how many it may be in";
        assert_eq!(client.ask(1, "\"fill\"").await, json!([1001, error, null, null, error]));
        assert_eq!(io.of("/").rooms().len(), 1000);
    });
}

/// Rows: ROM-17
#[test]
fn a_room_per_user_reaches_all_of_their_devices() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            let user: std::collections::HashMap<String, String> = socket.auth().unwrap_or_default();
            socket.join(format!("user:{}", user["name"]));
        });
        let server = serve(&io);
        let mut clients = Vec::new();
        for name in ["ann", "bob", "ann", "ann"] {
            let mut client = Client::open(server.addr).await;
            client.join_with("/", &format!(r#"{{"name":"{name}"}}"#)).await;
            clients.push(client);
        }
        io.to("user:ann").emit("note", ());
        for n in [0, 2, 3] {
            clients[n].expect(r#"2["note"]"#).await;
        }
        clients[1].nothing_else().await;
    });
}
