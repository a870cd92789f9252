//! A room and its members on different workers: one instance, order, backpressure, recovery, and the end of a worker.

use std::time::Duration;

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::{Server, serve};
use greenroom_tests::socket_io::Client;
use greenroom_tests::within;
use serde_json::json;

use crate::recovery::Returner;
use crate::sockets::{Gate, Heard, Tell, on_both_workers, telling, until};

#[derive(Clone)]
struct Stage {
    tell: Tell,
    gate: Gate,
}

#[derive(Room)]
#[room(key = u32, mailbox = 4, sequenced)]
struct Choir {
    stage: Stage,
    thread: String,
    sung: u32,
}

#[events]
impl Choir {
    #[created]
    fn created(cx: &RoomCx<Self>) -> Self {
        let stage = cx.state::<Stage>().expect("the handler's state").clone();
        stage.tell.say(format!("created {}", cx.key()));
        Self { stage, thread: format!("{:?}", std::thread::current().id()), sung: 0 }
    }

    #[event]
    fn sing(&mut self, cx: &RoomCx<Self>, who: &Member<Self>, n: u32) {
        assert_eq!(self.thread, format!("{:?}", std::thread::current().id()));
        cx.everyone().emit("sung", (who.id(), n));
    }

    #[event]
    async fn hold(&mut self) {
        self.stage.gate.clone().pass().await;
    }

    #[event]
    fn count(&mut self) -> u32 {
        self.sung += 1;
        self.sung
    }

    #[event]
    fn stop(&mut self) {
        panic!("as the test wants");
    }

    #[away]
    fn away(&mut self, cx: &RoomCx<Self>, who: &Member<Self>) {
        self.stage.tell.say(format!("away {} of {}", who.is_away(), cx.len()));
    }

    #[back]
    fn back(&mut self, who: &Member<Self>) {
        self.stage.tell.say(format!("back {}", who.is_away()));
    }

    #[left]
    fn left(&mut self, why: Departure) {
        self.stage.tell.say(format!("left {why:?}"));
    }

    #[closed]
    fn closed(&mut self) {
        self.stage.tell.say("closed");
    }
}

#[derive(Handler, Default)]
#[handler(state = Stage, rooms(Choir))]
struct Singer;

#[events]
impl Singer {
    #[event("where")]
    fn place(&self) -> String {
        format!("{:?}", std::thread::current().id())
    }

    #[event]
    async fn enter(&mut self, cx: &Cx<Self>, choir: u32) -> Result<(), Fault> {
        cx.enter::<Choir>(choir, ()).await?;
        Ok(())
    }

    #[event]
    fn shout(&self, cx: &Cx<Self>, choir: u32, n: u32) {
        if let Some(choir) = cx.room::<Choir>(choir) {
            choir.everyone().emit("sung", (cx.id(), n));
        }
    }

    #[event]
    fn probe(&self) {}
}

fn stage() -> (Server, Greenroom, Gate, Heard) {
    stage_of(Options::new())
}

fn stage_of(options: Options) -> (Server, Greenroom, Gate, Heard) {
    let (tell, heard) = telling();
    let gate = Gate::closed();
    let io = Greenroom::builder(options).build().expect("valid options");
    let io = io.mount_with::<Singer>(Stage { tell, gate: gate.clone() });
    (serve(&io), io, gate, heard)
}

async fn enter(client: &mut Client, choir: u32) {
    assert_eq!(
        client.ask(1, &format!(r#""enter",{choir}"#)).await.to_string(),
        r#"[{"data":null,"ok":true}]"#
    );
}

#[test]
fn a_room_is_one_for_all_workers_and_hears_each_member_in_order() {
    const EACH: u32 = 100;
    run(async {
        let (server, io, _gate, mut heard) = stage();
        let mut clients = on_both_workers(&io, server.addr, 4).await;
        for choir in 0..4 {
            for (client, _) in &mut clients {
                enter(client, choir).await;
            }
            heard.expect(&format!("created {choir}")).await;
            assert_eq!(io.ns::<Singer>().room::<Choir>(choir).map(|room| room.count()), Some(4));
            // Some by the room's event, some beside it by its handle: one order for all of them.
            for n in 0..EACH {
                for (i, (client, _)) in clients.iter_mut().enumerate() {
                    let event = if i < 2 {
                        format!(r#"2["sing",{n}]"#)
                    } else {
                        format!(r#"2["shout",{choir},{n}]"#)
                    };
                    client.send(&event).await;
                }
            }
            let mut orders: Vec<Vec<String>> = Vec::new();
            for (client, _) in &mut clients {
                let mut order = Vec::new();
                while order.len() < 4 * EACH as usize {
                    order.push(within("all events", client.next()).await);
                }
                orders.push(order);
            }
            assert!(orders.iter().all(|order| *order == orders[0]), "one order");
            for (_, id) in &clients {
                let own: Vec<_> =
                    orders[0].iter().filter(|event| event.contains(id.as_str())).cloned().collect();
                let sent: Vec<_> = (0..EACH).map(|n| format!(r#"2["sung","{id}",{n}]"#)).collect();
                assert_eq!(own, sent);
            }
            for (client, _) in &mut clients {
                client.send("1").await;
            }
            for _ in 0..4 {
                heard.expect("left Disconnected(ClientNamespaceDisconnect)").await;
            }
            heard.expect("closed").await;
            clients = on_both_workers(&io, server.addr, 4).await;
        }
    });
}

#[test]
fn who_sends_more_than_a_room_can_take_is_not_read_and_the_workers_go_on() {
    run(async {
        let (server, io, gate, _heard) = stage();
        let mut clients = on_both_workers(&io, server.addr, 8).await;
        for (client, _) in &mut clients {
            enter(client, 1).await;
        }
        clients[0].0.send(r#"27["hold"]"#).await;
        // Each member has one event in the mailbox or waits for a place in it: the rest of its events stays with it.
        for (client, _) in &mut clients {
            for n in 0..200 {
                client.send(&format!(r#"2{}["count"]"#, 10 + n)).await;
            }
        }
        let room = io.ns::<Singer>().room::<Choir>(1_u32).expect("alive");
        until("a full mailbox", || room.waiting() == 4).await;
        // Nobody's worker waits: others are served.
        for (other, _) in &mut on_both_workers(&io, server.addr, 2).await {
            other.nothing_else().await;
            enter(other, 2).await;
        }
        assert_eq!(room.waiting(), 4, "the others wait for a place");
        gate.open();
        clients[0].0.expect("37[]").await;
        let mut counted = 0;
        for (client, _) in &mut clients {
            let mut last = 0;
            for n in 0..200 {
                let answer = within("an answer", client.next()).await;
                let answer = answer.strip_prefix(&format!("3{}[", 10 + n)).expect("answers in order");
                let count: u32 = answer.trim_end_matches(']').parse().expect("a count");
                assert!(count > last, "the room heard them in order");
                last = count;
                counted = counted.max(count);
            }
        }
        assert_eq!(counted, 1_600, "each was handled once");
    });
}

#[test]
fn a_member_that_is_away_stays_in_its_room_and_hears_what_it_missed() {
    run(async {
        let recovery = Recovery::new().before_first_event(true);
        let (server, _io, _gate, mut heard) = stage_of(Options::new().connection_state_recovery(recovery));
        let mut here = Client::connect(server.addr).await;
        enter(&mut here, 1).await;
        heard.expect("created 1").await;
        let mut ann = Returner::arrive(server.addr).await;
        enter(&mut ann.client, 1).await;
        let id = ann.sid.clone();
        let lost = ann.cut();
        heard.expect("away true of 2").await;
        here.send(r#"2["sing",5]"#).await;
        here.next().await;
        let mut ann = lost.come_back(server.addr).await;
        heard.expect("back false").await;
        assert_eq!(ann.event().await[2], json!(5));
        ann.client.send(r#"2["sing",6]"#).await;
        ann.expect(&format!(r#"["sung","{id}",6]"#)).await;
        drop(ann);
        heard.expect("away true of 2").await;
    });
}

#[test]
fn a_panic_of_a_room_is_felt_by_its_members_only_and_not_by_those_of_other_rooms_on_its_worker() {
    run(async {
        let (server, io, _gate, mut heard) = stage();
        let mut clients = on_both_workers(&io, server.addr, 4).await;
        for (i, (client, _)) in clients.iter_mut().enumerate() {
            enter(client, i as u32 / 2).await;
        }
        clients[0].0.send(r#"27["stop"]"#).await;
        let answer = clients[0].0.next().await;
        assert!(answer.contains("internal"), "{answer}");
        clients[0].0.expect(r#"2["room_restarted",{"room":"choir:0","reason":"panic"}]"#).await;
        clients[1].0.expect(r#"2["room_restarted",{"room":"choir:0","reason":"panic"}]"#).await;
        assert_eq!(clients[1].0.ask(8, r#""count""#).await, json!([1]));
        for (client, _) in &mut clients[2..] {
            client.nothing_else().await;
        }
        for _ in 0..3 {
            assert!(heard.next().await.starts_with("created"));
        }
    });
}

#[test]
fn a_server_that_ends_ends_its_rooms() {
    run(async {
        let (server, io, _gate, mut heard) = stage();
        let mut clients = on_both_workers(&io, server.addr, 4).await;
        for (i, (client, _)) in clients.iter_mut().enumerate() {
            enter(client, i as u32).await;
            heard.expect(&format!("created {i}")).await;
        }
        assert_eq!(io.ns::<Singer>().rooms::<Choir>().len(), 4);
        drop(server);
        until("no room", || io.ns::<Singer>().rooms::<Choir>().is_empty()).await;
        until("no member", || io.of("/").rooms().is_empty()).await;
    });
}

#[test]
fn a_room_whose_last_words_have_no_end_holds_a_server_up_until_its_deadline_only() {
    #[derive(Room, Default)]
    struct Talker;

    #[events]
    impl Talker {
        #[closed]
        async fn closed(&mut self) {
            std::future::pending::<()>().await;
        }
    }

    #[derive(Handler, Default)]
    #[handler(rooms(Talker))]
    struct Listener;

    #[events]
    impl Listener {
        #[event]
        async fn enter(cx: &Cx<Self>) -> Result<(), Fault> {
            cx.enter::<Talker>("t", ()).await.map(drop)
        }
    }

    run(async {
        let options = Options::new().drain_timeout(Duration::from_millis(50));
        let io = Greenroom::builder(options).build().expect("valid options").mount::<Listener>();
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        assert_eq!(client.ask(1, r#""enter""#).await[0]["ok"], json!(true));
        assert!(!within("the end", io.close()).await, "the room is still talking");
    });
}

#[test]
fn a_fixed_tick_beats_with_its_members_and_not_without() {
    #[derive(Room, Default)]
    struct Clock {
        beats: u32,
    }

    #[events]
    impl Clock {
        #[every("5ms")]
        fn beat(&mut self, cx: &RoomCx<Self>) {
            self.beats += 1;
            cx.everyone().emit("beat", self.beats);
        }
    }

    #[derive(Handler, Default)]
    #[handler(rooms(Clock))]
    struct Watcher;

    #[events]
    impl Watcher {
        #[event]
        async fn watch(cx: &Cx<Self>) -> Result<(), Fault> {
            cx.enter::<Clock>("c", ()).await.map(drop)
        }
    }

    run(async {
        let io = Greenroom::new().mount::<Watcher>();
        let server = serve(&io);
        for _ in 0..2 {
            let mut client = Client::connect(server.addr).await;
            client.send(r#"2["watch"]"#).await;
            let start = std::time::Instant::now();
            for beat in 1..=20 {
                client.expect(&format!(r#"2["beat",{beat}]"#)).await;
            }
            assert!(start.elapsed() >= Duration::from_millis(19 * 5 - 5), "{:?}", start.elapsed());
            drop(client);
            until("the end of the room", || io.ns::<Watcher>().rooms::<Clock>().is_empty()).await;
        }
    });
}
