//! Events from the server, one method each.

use std::fmt;
use std::time::Duration;

use greenroom::AckError;
use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde::Serialize;

#[derive(Serialize)]
struct Post {
    id: u32,
}

struct Lobby;

impl fmt::Display for Lobby {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lobby")
    }
}

/// What the server says.
#[client]
trait RoomClient {
    /// Somebody posted.
    #[event("new message")]
    fn new_message(&self, room: &str, post: &Post);
    fn nothing(&self);
    fn bytes(&self, data: &Binary);
    async fn agree(&self, question: &str) -> bool;
}

#[derive(Handler, Default)]
#[handler(ns = "/room", client = RoomClient)]
struct Room;

#[events]
impl Room {
    #[event]
    fn join(&mut self, cx: &Cx<Self>) -> usize {
        cx.join(Lobby);
        cx.count(Lobby)
    }

    #[event]
    fn post(&self, cx: &Cx<Self>, to: &str, id: u32) {
        let post = Post { id };
        match to {
            "to" => cx.to(Lobby).new_message("lobby", &post),
            "within" => cx.within(Lobby).new_message("lobby", &post),
            "others" => cx.others().new_message("others", &post),
            "everyone" => cx.everyone().new_message("everyone", &post),
            "except" => cx.everyone().except(Lobby).new_message("except", &post),
            _ => cx.client().new_message("me", &post),
        }
    }

    #[event]
    fn odd(&self, cx: &Cx<Self>) {
        cx.client().nothing();
        cx.client().bytes(&Binary::from(vec![7]));
    }

    #[event]
    async fn vote(&mut self, cx: &Cx<Self>) -> greenroom::Result<(usize, usize)> {
        let votes = cx.to(Lobby).timeout(Duration::from_secs(5)).agree("well?").await?;
        Ok((votes.replies.iter().filter(|(_, yes)| *yes).count(), votes.missing.len()))
    }
}

/// What another namespace says, in part by the same names.
#[client]
trait BellClient {
    fn nothing(&self, rung: u8);
}

#[derive(Handler, Default)]
#[handler(ns = "/bell", client = BellClient)]
struct Bell {
    rung: u8,
}

#[events]
impl Bell {
    #[event]
    fn odd(&mut self, cx: &Cx<Self>, times: u8) {
        self.rung += times;
        cx.client().nothing(self.rung);
    }
}

async fn joined(addr: std::net::SocketAddr) -> Client {
    let mut client = Client::open(addr).await;
    client.join("/room").await;
    client
}

async fn in_lobby(addr: std::net::SocketAddr, members: usize) -> Client {
    let mut client = joined(addr).await;
    client.send(r#"2/room,0["join"]"#).await;
    client.expect(&format!("3/room,0[{members}]")).await;
    client
}

/// The acknowledgement id of a question.
fn id_of(question: &str) -> &str {
    question.strip_prefix("2/room,").and_then(|rest| rest.split('[').next()).expect("a question")
}

#[test]
fn each_target_reaches_whom_it_names() {
    run(async {
        let io = Greenroom::new().mount::<Room>();
        let server = serve(&io);
        let mut ann = in_lobby(server.addr, 1).await;
        let mut bob = in_lobby(server.addr, 2).await;
        let mut eve = joined(server.addr).await;
        let said = |place: &str, id: u32| format!(r#"2/room,["new message","{place}",{{"id":{id}}}]"#);
        for (id, to) in ["to", "within", "others", "everyone", "except", "me"].into_iter().enumerate() {
            ann.send(&format!(r#"2/room,["post","{to}",{id}]"#)).await;
        }
        for (place, id) in [("lobby", 1), ("everyone", 3), ("me", 5)] {
            ann.expect(&said(place, id)).await;
        }
        for (place, id) in [("lobby", 0), ("lobby", 1), ("others", 2), ("everyone", 3)] {
            bob.expect(&said(place, id)).await;
        }
        for (place, id) in [("others", 2), ("everyone", 3), ("except", 4)] {
            eve.expect(&said(place, id)).await;
        }
        io.ns::<Room>().within(Lobby).new_message("outside", &Post { id: 9 });
        ann.expect(&said("outside", 9)).await;
        bob.expect(&said("outside", 9)).await;
        assert_eq!(io.ns::<Room>().count("lobby"), 2);
    });
}

/// Rows: TYP-01
#[test]
fn each_namespace_has_events_a_state_and_a_contract_of_its_own() {
    run(async {
        let server = serve(&Greenroom::new().mount::<Room>().mount::<Bell>());
        let mut client = joined(server.addr).await;
        client.join("/bell").await;
        for rung in [3, 6] {
            client.send(r#"2/bell,["odd",3]"#).await;
            client.expect(&format!(r#"2/bell,["nothing",{rung}]"#)).await;
        }
        client.send(r#"2/bell,1["join"]"#).await;
        assert!(client.next().await.contains("unknown_event"));
        client.send(r#"2/room,1["join"]"#).await;
        client.expect("3/room,1[1]").await;
        client.send(r#"2/room,["odd"]"#).await;
        client.expect(r#"2/room,["nothing"]"#).await;
    });
}

#[test]
fn no_arguments_and_binary_ones_travel_as_such() {
    run(async {
        let server = serve(&Greenroom::new().mount::<Room>());
        let mut client = joined(server.addr).await;
        client.send(r#"2/room,["odd"]"#).await;
        client.expect(r#"2/room,["nothing"]"#).await;
        client.expect(r#"51-/room,["bytes",{"_placeholder":true,"num":0}]"#).await;
        assert_eq!(client.next_binary().await, [7]);
    });
}

#[test]
fn asking_a_room_tells_who_answered_and_who_is_missing() {
    run(async {
        let server = serve(&Greenroom::new().mount::<Room>());
        let mut ann = in_lobby(server.addr, 1).await;
        let mut bob = in_lobby(server.addr, 2).await;
        let mut eve = in_lobby(server.addr, 3).await;
        ann.send(r#"2/room,1["vote"]"#).await;
        let question = bob.next().await;
        assert!(question.ends_with(r#"["agree","well?"]"#), "{question}");
        bob.send(&format!("3/room,{}[true]", id_of(&question))).await;
        eve.next().await;
        eve.send("1/room,").await;
        ann.expect(r#"3/room,1[{"ok":true,"data":[1,1]}]"#).await;
    });
}

#[test]
fn answers_of_many_come_one_by_one_from_outside_too() {
    run(async {
        let io = Greenroom::new().mount::<Room>();
        let server = serve(&io);
        let mut ann = in_lobby(server.addr, 1).await;
        let mut answers = io.ns::<Room>().within("lobby").agree("from outside?");
        let question = ann.next().await;
        ann.send(&format!("3/room,{}[\"no bool\"]", id_of(&question))).await;
        let (_, answer) = answers.next().await.expect("an answer");
        assert!(matches!(answer, Err(AckError::Mismatch(_))), "{answer:?}");
        assert!(answers.next().await.is_none());
    });
}
