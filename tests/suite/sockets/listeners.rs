//! Adding and removing listeners, and what sees events before them.

use greenroom::prelude::*;
use greenroom::{EventPacket, ListenerId};
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde_json::json;

use super::{plain, telling};

/// Rows: EVT-03
#[test]
fn once_hears_one_event_and_off_takes_away_one_listener_or_all_of_an_event() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            socket.once("e", tell.saying("once"));
            let first = socket.on("e", tell.saying("first"));
            socket.on("e", tell.saying("second"));
            socket.on("off", move |socket: Socket| socket.off(first));
            socket.on("off e", |socket: Socket| socket.off_event("e"));
            socket.on("off all", |socket: Socket| socket.remove_all_listeners());
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        for event in ["e", "e", "off", "e", "off e", "e"] {
            client.send(&format!(r#"2["{event}"]"#)).await;
        }
        client.nothing_else().await;
        for said in ["once", "first", "second", "first", "second", "second"] {
            heard.expect(said).await;
        }
        heard.nothing();
        client.send(r#"2["off all"]"#).await;
        client.send(r#"21["probe"]"#).await;
        client.send("1").await;
        client.join("/").await;
        client.nothing_else().await;
    });
}

/// Rows: EVT-11, ACK-02
#[test]
fn several_listeners_run_in_the_order_added_also_behind_an_async_one_and_the_first_answer_counts() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            socket.on("e", tell.saying("1"));
            let told = tell.clone();
            socket.on("e", move |_: Socket, ack: AckFn| {
                let told = told.clone();
                async move {
                    tokio::task::yield_now().await;
                    told.say("2");
                    ack.send("two");
                }
            });
            socket.on("e", |_: Socket| "three");
            socket.on("e", tell.saying("4"));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        assert_eq!(client.ask(1, "\"e\"").await, json!(["two"]));
        for said in ["1", "2", "4"] {
            heard.expect(said).await;
        }
        client.nothing_else().await;
    });
}

/// Rows: EVT-03
#[test]
fn a_listener_may_be_added_and_removed_while_one_runs() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            let own: std::sync::Arc<std::sync::OnceLock<ListenerId>> = std::sync::Arc::default();
            let id = own.clone();
            let added = socket.on("e", move |socket: Socket| {
                tell.say("outer");
                socket.on("e", tell.saying("inner"));
                if let Some(id) = id.get() {
                    socket.off(*id);
                }
            });
            own.set(added).expect("set once");
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["e"]"#).await;
        client.send(r#"2["e"]"#).await;
        client.nothing_else().await;
        heard.expect("outer").await;
        heard.expect("inner").await;
        heard.nothing();
    });
}

/// Rows: EVT-15, EVT-16
#[test]
fn on_any_sees_every_event_before_middleware_and_listeners() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let say = |what: &'static str| {
                let tell = tell.clone();
                move |_: &Socket, event: &str, args: &[Value]| {
                    tell.say(format!("{what} {event} {}", args.len()))
                }
            };
            let passed = tell.clone();
            socket.on("e", tell.saying("listener"));
            socket.wrap_events(move |_, packet| {
                passed.say("middleware");
                if packet.name == "no" { Err(Refuse::because("no")) } else { Ok(packet) }
            });
            let first = socket.on_any(say("any"));
            socket.prepend_any(say("front"));
            socket.on("off", move |socket: Socket| socket.off(first));
            socket.on("off any", |socket: Socket| socket.off_any());
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["e",1,{"a":2}]"#).await;
        client.send(r#"2["no"]"#).await;
        client.send(r#"2["unheard"]"#).await;
        client.send("30[]").await;
        client.send(r#"2["off"]"#).await;
        client.send(r#"2["off any"]"#).await;
        client.nothing_else().await;
        for said in [
            "front e 2",
            "any e 2",
            "middleware",
            "listener",
            "front no 0",
            "any no 0",
            "middleware",
            "front unheard 0",
            "any unheard 0",
            "middleware",
            "front off 0",
            "any off 0",
            "middleware",
            "front off any 0",
            "middleware",
            "middleware",
        ] {
            heard.expect(said).await;
        }
        heard.nothing();
    });
}

/// Rows: EVT-17, EVT-18
#[test]
fn on_any_outgoing_sees_emits_and_broadcasts_but_no_acknowledgements() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let say = |what: &'static str| {
                let tell = tell.clone();
                move |_: &Socket, event: &str, args: &[Value]| tell.say(format!("{what} {event} {args:?}"))
            };
            socket.on_any_outgoing(say("out"));
            socket.prepend_any_outgoing(say("front"));
            socket.on("go", |socket: Socket| {
                socket.emit("one", (true, Binary::from(&b"x"[..])));
                drop(socket.emit_with_ack::<()>("two", ()));
                socket.off_any_outgoing();
                socket.emit("three", ());
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        let id = io.fetch_sockets().await.expect("workers answer")[0].id();
        io.emit("all", "x");
        io.except(id).emit("others", ());
        client.expect(r#"2["all","x"]"#).await;
        client.nothing_else().await;
        client.send(r#"2["go"]"#).await;
        let one = [r#"one [Bool(true), Binary(b"x")]"#, "two []"];
        for said in [r#"all [String("x")]"#, one[0], one[1]] {
            heard.expect(&format!("front {said}")).await;
            heard.expect(&format!("out {said}")).await;
        }
        client.next().await;
        client.next_binary().await;
        client.next().await;
        client.expect(r#"2["three"]"#).await;
        heard.nothing();
    });
}

/// Rows: EVT-19, EVT-21
#[test]
fn packet_middleware_changes_events_or_refuses_them_and_a_refused_one_is_not_answered() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let error = tell.clone();
            socket.wrap_events(|_, mut packet: EventPacket| {
                match packet.name.as_str() {
                    "no" => return Err(Refuse::new("denied", "not you")),
                    "rename" => packet.name = "e".into(),
                    _ => {}
                }
                packet.args.push(Value::String(format!("wanted {}", packet.wants_ack)));
                Ok(packet)
            });
            socket.wrap_events(|_, mut packet: EventPacket| {
                packet.args.insert(0, Value::Bool(true));
                Ok::<_, Refuse>(packet)
            });
            socket.on_error(move |_, refuse| error.say(format!("{} {:?}", refuse.message(), refuse.data())));
            socket.on("e", |_: Socket, rest: Rest<Value>| rest);
            socket.on("no", tell.saying("ran"));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"25["no"]"#).await;
        assert_eq!(client.ask(6, r#""rename",7"#).await, json!([true, 7, "wanted true"]));
        heard.expect(r#"not you Some(Object {"code": String("denied")})"#).await;
        // Binary arguments go through it unharmed.
        client.send(r#"51-8["e",{"in":{"_placeholder":true,"num":0}}]"#).await;
        client.attach(b"abc").await;
        client.expect(r#"61-8[true,{"in":{"_placeholder":true,"num":0}},"wanted true"]"#).await;
        assert_eq!(client.next_binary().await, b"abc");
        heard.nothing();
    });
}

/// Rows: EVT-20, DLV-09
#[test]
fn events_keep_their_order_while_packet_middleware_is_async() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.wrap_events(|_, packet: EventPacket| async move {
                let turns = packet.args.first().and_then(Value::as_f64).unwrap_or(0.0) as usize % 7;
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
                Ok::<_, Refuse>(packet)
            });
            socket.on("n", move |_: Socket, n: u32| tell.say(n));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        for n in (0..100).rev() {
            client.send(&format!(r#"2["n",{n}]"#)).await;
        }
        for n in (0..100).rev() {
            heard.expect(&n.to_string()).await;
        }
    });
}

/// Rows: EVT-20
#[test]
fn an_event_is_dropped_when_its_middleware_disconnects_the_socket() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let left = tell.clone();
            socket.wrap_events(|socket, packet: EventPacket| async move {
                socket.disconnect(false);
                tokio::task::yield_now().await;
                Ok::<_, Refuse>(packet)
            });
            socket.on("e", tell.saying("ran"));
            socket.on_disconnect(move |_: Socket, reason| left.say(reason));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["e"]"#).await;
        client.expect("1").await;
        heard.expect("server namespace disconnect").await;
        heard.nothing();
    });
}

/// Rows: EVT-20
#[test]
fn concurrent_listeners_run_beside_each_other() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        let gate = super::Gate::closed();
        let open = gate.clone();
        io.on_connection(move |socket| {
            let (tell, open) = (tell.clone(), open.clone());
            socket.on_concurrent("slow", move |_: Socket, n: u8| {
                let (tell, open) = (tell.clone(), open.clone());
                async move {
                    tell.say(format!("begin {n}"));
                    open.pass().await;
                    n
                }
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"21["slow",1]"#).await;
        client.send(r#"22["slow",2]"#).await;
        heard.expect("begin 1").await;
        heard.expect("begin 2").await;
        client.nothing_else().await;
        gate.open();
        let mut answers = [client.next().await, client.next().await];
        answers.sort();
        assert_eq!(answers, ["31[1]", "32[2]"]);
    });
}
