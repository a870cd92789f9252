//! Events both ways: names, arguments, order of what one handler says.

use greenroom::prelude::*;
use greenroom_tests::polling::Polling;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{plain, shut, telling, usual};

#[derive(Deserialize, Serialize)]
struct Line {
    text: String,
    #[serde(default)]
    tags: Vec<String>,
}

/// Rows: EVT-01, EVT-02, EVT-04, ACK-02
#[test]
fn arguments_arrive_in_order_and_as_the_types_that_the_listener_names() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("mixed", |_: Socket, n: i64, line: Line, flag: bool, rest: Rest<Json>| {
                (flag, n, line.text, line.tags, rest)
            });
            socket.on("optional", |_: Socket, a: Option<u8>, b: Option<u8>| (a, b));
            socket.on("server-msg", |socket: Socket, msg: String| drop(socket.emit("client-msg", msg)));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        let answer =
            client.ask(1, r#""mixed",-7,{"text":"ü\"\\","tags":["a"],"more":1},true,null,[1,[2]],"x""#).await;
        assert_eq!(answer, json!([true, -7, "ü\"\\", ["a"], [null, [1, [2]], "x"]]));
        assert_eq!(client.ask(2, r#""optional",1"#).await, json!([1, null]));
        client.send(r#"2["server-msg","hi"]"#).await;
        client.expect(r#"2["client-msg","hi"]"#).await;
    });
}

/// Rows: EVT-01
#[test]
fn an_emit_takes_one_value_or_a_tuple_of_several_and_anything_that_is_json() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.emit("none", ());
            socket.emit("one", "x");
            socket.emit("several", (1, "two", Some(3.5), None::<u8>, [4, 5]));
            socket.emit("array", [1, 2]);
            socket.emit("vec", vec!["a"]);
            socket.emit("struct", &Line { text: "t".into(), tags: vec![] });
            socket.emit("tuple in one", ((1, 2),));
            socket.emit("unicode \"quoted\"\n", "\u{1e}\u{2028}");
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        for packet in [
            r#"["none"]"#,
            r#"["one","x"]"#,
            r#"["several",1,"two",3.5,null,[4,5]]"#,
            r#"["array",[1,2]]"#,
            r#"["vec",["a"]]"#,
            r#"["struct",{"text":"t","tags":[]}]"#,
            r#"["tuple in one",[1,2]]"#,
            "[\"unicode \\\"quoted\\\"\\n\",\"\\u001e\u{2028}\"]",
        ] {
            client.expect(&format!("2{packet}")).await;
        }
    });
}

/// Rows: EVT-05, BRD-16
#[test]
fn reserved_names_cannot_be_sent_in_any_way() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            for name in
                ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]
            {
                let refused = !socket.emit(name, ()).is_ok() && !socket.broadcast().emit(name, ()).is_ok();
                let error = socket.volatile().emit(name, ()).into_result().expect_err("reserved").to_string();
                tell.say(refused && error.contains(name) && error.contains("reserved event name"));
            }
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        for _ in 0..6 {
            heard.expect("true").await;
        }
        assert!(!io.emit("connect", ()).is_ok() && !io.of("/x").to("r").emit("disconnect", ()).is_ok());
        let asked = io.emit_with_ack::<()>("connect", ());
        assert!(asked.await.is_err());
        client.nothing_else().await;
    });
}

/// Rows: EVT-06
#[test]
fn a_reserved_name_from_a_client_closes_its_connection() {
    run(async {
        let server = serve(&plain());
        for name in
            ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]
        {
            let mut client = Client::connect(server.addr).await;
            client.send(&format!(r#"2["{name}"]"#)).await;
            assert!(shut(&mut client).await.is_empty());
        }
    });
}

/// Rows: EVT-07, EVT-10, EVT-08
#[test]
fn unheard_events_are_ignored_and_any_other_name_is_an_ordinary_one() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("message", |_: Socket, text: String| text);
            socket.on("1", |_: Socket, n: u8| n);
            socket.on("__proto__", |_: Socket| "proto");
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["error","x"]"#).await;
        client.send(r#"27["nobody",{"a":1}]"#).await;
        client.nothing_else().await;
        assert_eq!(client.ask(1, r#""message","m""#).await, json!(["m"]));
        assert_eq!(client.ask(2, "1,5").await, json!([5]));
        assert_eq!(client.ask(3, r#""__proto__""#).await, json!(["proto"]));
    });
}

/// Rows: EVT-09, SRV-18
#[test]
fn send_is_the_event_message() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.send("a");
            socket.to("nobody").send("no");
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        io.send(("b", 1));
        client.expect(r#"2["message","a"]"#).await;
        client.expect(r#"2["message","b",1]"#).await;
    });
}

/// Rows: EVT-14
#[test]
fn arguments_of_another_type_are_answered_and_the_handler_does_not_run() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.on("n", move |_: Socket, _: u8, _: String| tell.say("ran"));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        for (args, what) in
            [(r#""n","x","y""#, "argument 1"), (r#""n",300,"y""#, "argument 1"), (r#""n",1"#, "argument 2")]
        {
            let error = client.ask(1, args).await[0].clone();
            assert_eq!((&error["ok"], &error["error"]["code"]), (&json!(false), &json!("bad_argument")));
            assert!(error["error"]["message"].as_str().is_some_and(|text| text.contains(what)), "{error}");
        }
        client.send(r#"2["n","x"]"#).await;
        client.nothing_else().await;
        heard.nothing();
    });
}

/// Rows: EVT-22, EVT-24, TRN-23
#[test]
fn a_volatile_event_is_dropped_while_the_websocket_is_busy_and_the_flag_holds_for_one_event() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("go", |socket: Socket| {
                socket.volatile().emit("first", ());
                socket.volatile().emit("second", ());
                socket.volatile().emit("binary", Binary::from(&b"x"[..]));
                socket.emit("third", ());
                socket.emit("fourth", ());
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["go"]"#).await;
        for event in ["first", "third", "fourth"] {
            client.expect(&format!(r#"2["{event}"]"#)).await;
        }
        client.nothing_else().await;
    });
}

/// Rows: EVT-22, BRD-08, TRN-23
#[test]
fn a_volatile_event_is_dropped_between_polls_with_its_attachments() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("go", |socket: Socket, ack: AckFn| {
                socket.volatile().emit("v", Binary::from(&b"abc"[..]));
                socket.within(socket.id()).volatile().emit("v", (1, Binary::from(&b"abc"[..])));
                ack.send(());
            });
        });
        let server = serve(&io);
        let polling = Polling::open(server.addr).await;
        polling.join().await;
        polling.send(r#"420["go"]"#).await;
        assert_eq!(polling.packets().await, ["430[]"]);
    });
}

/// Rows: EVT-25, DIS-22, ACK-09, DLV-04
#[test]
fn what_is_sent_to_a_socket_that_left_is_dropped() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.on("bye", move |socket: Socket, ack: AckFn| {
                socket.disconnect(false);
                socket.emit("late", ());
                socket.within(socket.id()).emit("late", ());
                ack.send("late");
                let (socket, tell) = (socket.clone(), tell.clone());
                async move {
                    let answer = socket.emit_with_ack::<u8>("late", ()).await;
                    tell.say(answer.expect_err("it left"));
                }
            });
        });
        io.of("/x").on_connection(|socket| usual(&socket));
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.join("/x").await;
        client.send(r#"25["bye"]"#).await;
        client.expect("1").await;
        heard.expect("socket has been disconnected").await;
        client.send(r#"2/x,1["probe"]"#).await;
        client.expect("3/x,1[]").await;
    });
}

/// Rows: EVT-12
#[test]
fn what_json_cannot_say_is_an_error_at_emit_and_the_connection_lives() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let odd = std::collections::HashMap::from([((1, 2), 3)]);
            let error =
                socket.emit("odd", odd).into_result().expect_err("a map with keys that are no strings");
            tell.say(error);
            socket.emit("nan", f64::NAN);
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        heard.expect("the arguments of `odd` cannot be sent as JSON").await;
        client.expect(r#"2["nan",null]"#).await;
        client.nothing_else().await;
    });
}
