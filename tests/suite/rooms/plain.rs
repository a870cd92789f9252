//! Plain rooms: how long they live, what is kept with them, and that no member is forgotten in one.

use std::sync::Arc;
use std::time::Duration;

use greenroom::prelude::*;
use greenroom::testing::TestServer;
use greenroom::{RoomEvent, RoomName};
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use greenroom_tests::within;
use serde_json::json;

use crate::recovery::{Returner, keeping};
use crate::sockets::{on_both_workers, plain, telling, until, usual};

/// The event without the id of a socket; of sockets' own rooms nothing.
fn said(event: &RoomEvent) -> Option<String> {
    let (what, room) = match event {
        RoomEvent::Created(room) => ("created", room),
        RoomEvent::Joined(room, _) => ("joined", room),
        RoomEvent::Left(room, _) => ("left", room),
        RoomEvent::Deleted(room) => ("deleted", room),
        RoomEvent::Away(room, _) => ("away", room),
        RoomEvent::Back(room, _) => ("back", room),
        _ => return None,
    };
    (room.len() < 20).then(|| format!("{what} {room}"))
}

#[actix_web::test]
async fn a_room_keeps_state_and_metadata_while_it_is_alive_and_no_longer() {
    #[derive(Clone)]
    struct Topic(Arc<str>);

    let io = plain();
    let app = TestServer::new(io.clone());
    let room = io.room("lobby");
    assert!(
        !room.is_alive() && !room.set(1_u8) && !room.set_data(7),
        "nothing is kept with a room that is not alive"
    );
    let ann = app.connect_to("/", ()).await.expect("let in");
    let bob = app.connect_to("/", ()).await.expect("let in");
    ann.push::<bool>("join", "lobby").assert_reply(true).await;
    bob.push::<bool>("join", "lobby").assert_reply(true).await;
    let topic = Topic("cats".into());
    assert!(room.set(topic.clone()) && room.set_data(json!({ "open": true })));
    assert_eq!(room.update(|n: &mut usize| std::mem::replace(n, 5)), Some(0));
    assert_eq!(&*room.get::<Topic>().expect("it is kept").0, "cats");
    assert_eq!((room.count(), room.data()["open"].clone()), (2, json!(true)));
    let mut members: Vec<_> =
        room.members().await.expect("all answer").iter().map(|member| member.id()).collect();
    members.sort_by_key(ToString::to_string);
    let mut expected = [ann.id(), bob.id()];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(members, expected);

    ann.push::<bool>("leave", "lobby").assert_reply(true).await;
    assert_eq!(room.get::<usize>(), Some(5), "bob is still in it");
    bob.push::<bool>("leave", "lobby").assert_reply(true).await;
    assert!(!room.is_alive());
    assert_eq!(Arc::strong_count(&topic.0), 1, "the state went with the room");
    bob.push::<bool>("join", "lobby").assert_reply(true).await;
    assert_eq!((room.get::<usize>(), room.data()), (None, json!(null)), "another room of that name");
}

#[test]
fn a_room_that_lingers_is_found_again_and_closes_when_its_time_is_up() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.of("/").on_room(move |event| said(event).into_iter().for_each(|what| tell.say(what)));
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 2).await;
        let room = io.room("lobby");
        assert!(!room.linger(Duration::from_secs(60)), "not alive yet");
        clients[0].0.ask(1, r#""join","lobby""#).await;
        assert!(room.linger(Duration::from_secs(60)) && room.set("kept"));
        clients[0].0.ask(1, r#""leave","lobby""#).await;
        assert!(room.is_alive() && room.count() == 0);
        // On the other worker.
        clients[1].0.ask(1, r#""join","lobby""#).await;
        assert_eq!(room.get::<&str>(), Some("kept"));
        room.linger(Duration::from_millis(1));
        clients[1].0.ask(1, r#""leave","lobby""#).await;
        for what in
            ["created lobby", "joined lobby", "left lobby", "joined lobby", "left lobby", "deleted lobby"]
        {
            heard.expect(what).await;
        }
        assert!(!room.is_alive());
        heard.nothing();
    });
}

/// Rows: ROM-07, ROM-08, ROM-09, ROM-10
#[test]
fn a_member_leaves_its_rooms_with_a_leave_a_disconnect_a_lost_connection_and_a_panic() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(|socket| {
            socket.on("panic", |_: Socket| -> () { panic!("as the test wants") });
        });
        io.of("/").on_room(move |event| said(event).into_iter().for_each(|what| tell.say(what)));
        let server = serve(&io);
        for end in [r#"21["leave","x"]"#, "1", "cut", r#"2["panic"]"#] {
            let mut client = Client::connect(server.addr).await;
            client.ask(1, r#""join","x""#).await;
            if end == "cut" {
                drop(client);
            } else {
                client.send(end).await;
            }
            for what in ["created x", "joined x", "left x", "deleted x"] {
                heard.expect(what).await;
            }
        }
        heard.nothing();
    });
}

#[test]
fn members_tell_whether_they_are_away() {
    run(async {
        let (tell, mut heard) = telling();
        let (word, _) = telling();
        let io = keeping(Recovery::new().before_first_event(true), &word);
        io.of("/").on_room(move |event| said(event).into_iter().for_each(|what| tell.say(what)));
        let server = serve(&io);
        let mut here = Client::connect(server.addr).await;
        here.ask(1, r#""join","x""#).await;
        let mut gone = Returner::arrive(server.addr).await;
        gone.client.ask(1, r#""join","x""#).await;
        let lost = gone.cut();
        for what in ["created x", "joined x", "joined x", "away x"] {
            heard.expect(what).await;
        }
        let members = io.room("x").members().await.expect("all answer");
        let away: Vec<_> = members.iter().filter(|m| m.is_away()).map(|m| m.id().to_string()).collect();
        assert_eq!((members.len(), io.room("x").count(), away), (2, 2, vec![lost.sid.clone()]));
        lost.come_back(server.addr).await;
        heard.expect("back x").await;
    });
}

#[test]
fn a_worker_that_ends_takes_its_members_out_of_all_rooms_those_that_are_away_too() {
    run(async {
        let (word, mut left) = telling();
        let io = keeping(Recovery::new().before_first_event(true), &word);
        let server = serve(&io);
        let mut here = Client::connect(server.addr).await;
        here.ask(1, r#""join","x""#).await;
        let mut gone = Returner::arrive(server.addr).await;
        gone.client.ask(1, r#""join","x""#).await;
        drop(gone.cut());
        left.expect("transport close").await;
        assert_eq!(io.room("x").count(), 2);
        drop(server);
        until("an empty room", || !io.room("x").is_alive()).await;
    });
}

#[test]
fn a_sequenced_room_has_one_order_for_all_its_members() {
    const EACH: usize = 200;
    run(async {
        let io = Greenroom::new();
        let inner = io.clone();
        io.on_connection(move |socket| {
            usual(&socket);
            let io = inner.clone();
            socket.on("tell", move |socket: Socket, n: usize| {
                io.room("x").sequenced().emit("n", (socket.id(), n));
            });
        });
        let server = serve(&io);
        let mut clients = on_both_workers(&io, server.addr, 4).await;
        for (client, _) in &mut clients {
            client.ask(1, r#""join","x""#).await;
        }
        for n in 0..EACH {
            for (client, _) in &mut clients {
                client.send(&format!(r#"2["tell",{n}]"#)).await;
            }
        }
        let mut orders = Vec::new();
        for (client, _) in &mut clients {
            let mut order = Vec::new();
            for _ in 0..4 * EACH {
                order.push(within("all events", client.next()).await);
            }
            orders.push(order);
        }
        assert!(orders.iter().all(|order| *order == orders[0]), "one order");
        assert_eq!(RoomName::from("x"), io.room("x").name());
    });
}
