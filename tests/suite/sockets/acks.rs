//! Acknowledgements between the server and one client.

use std::time::Duration;

use greenroom::prelude::*;
use greenroom::{AckError, RoomName};
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde_json::{Value as Json, json};

use super::{Gate, Heard, plain, telling};

/// A server that asks `q` at the event `go`, and tells what is seen of the answer.
fn asking(seen: fn(Result<u8, AckError>) -> String) -> (Greenroom, Heard) {
    let (tell, heard) = telling();
    let io = plain();
    io.on_connection(move |socket| {
        let tell = tell.clone();
        socket.on("go", move |socket: Socket| {
            let tell = tell.clone();
            async move { tell.say(seen(socket.emit_with_ack::<u8>("q", ()).await)) }
        });
    });
    (io, heard)
}

/// Rows: ACK-01, ACK-07
#[test]
fn the_server_asks_and_gets_the_first_argument_or_all() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.on("go", move |socket: Socket| {
                let tell = tell.clone();
                async move {
                    let one: u8 = socket.emit_with_ack("one", ("a", 1)).await.expect("an answer");
                    let all: Rest<Json> = socket.emit_with_ack("all", ()).rest().await.expect("an answer");
                    let none: Option<u8> = socket.emit_with_ack("none", ()).await.expect("an answer");
                    let bytes: Binary =
                        socket.emit_with_ack("bytes", Binary::from(&b"q"[..])).await.expect("an answer");
                    tell.say(format!("{one} {:?} {none:?} {:?}", all.0, bytes.0));
                }
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["go"]"#).await;
        client.expect(r#"20["one","a",1]"#).await;
        client.send("30[7,8]").await;
        client.expect(r#"21["all"]"#).await;
        client.send(r#"31[1,"x",null]"#).await;
        client.expect(r#"22["none"]"#).await;
        client.send("32[]").await;
        client.expect(r#"51-3["bytes",{"_placeholder":true,"num":0}]"#).await;
        assert_eq!(client.next_binary().await, b"q");
        client.send(r#"61-3[{"_placeholder":true,"num":0}]"#).await;
        client.attach(b"abc").await;
        heard.expect(r#"7 [Number(1), String("x"), Null] None b"abc""#).await;
    });
}

/// Rows: ACK-02, ACK-03, ACK-10
#[test]
fn the_client_is_answered_once_by_value_or_by_the_function_with_id_0_too() {
    run(async {
        let io = plain();
        io.on_connection(|socket| {
            socket.on("value", |_: Socket, n: u8| n + 1);
            socket.on("tuple", |_: Socket| (1, "two"));
            socket.on("function", |_: Socket, n: u8, ack: AckFn| ack.send((n, true)));
            socket.on("wanted", |socket: Socket, ack: AckFn| drop(socket.emit("wanted", ack.is_wanted())));
            socket.on("bytes", |_: Socket, bytes: Binary| (Binary::from(&b"12"[..]), bytes));
            socket.on("async", async |_: Socket, n: u8| {
                tokio::task::yield_now().await;
                n * 2
            });
            socket.on("silent", |_: Socket, _: AckFn| {});
            socket
                .on("result", |_: Socket, n: u8| if n > 0 { Ok::<_, String>(n) } else { Err("zero".into()) });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        assert_eq!(client.ask(0, r#""value",1"#).await, json!([2]));
        assert_eq!(client.ask(9_007_199_254_740_991, r#""tuple""#).await, json!([1, "two"]));
        assert_eq!(client.ask(2, r#""function",3"#).await, json!([3, true]));
        assert_eq!(client.ask(3, r#""async",4"#).await, json!([8]));
        client.send(r#"24["wanted"]"#).await;
        client.expect(r#"2["wanted",true]"#).await;
        client.send(r#"2["wanted"]"#).await;
        client.expect(r#"2["wanted",false]"#).await;
        client.send(r#"51-5["bytes",{"_placeholder":true,"num":0}]"#).await;
        client.attach(b"x").await;
        client.expect(r#"62-5[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#).await;
        assert_eq!((client.next_binary().await, client.next_binary().await), (b"12".to_vec(), b"x".to_vec()));
        client.send(r#"26["silent"]"#).await;
        client.send(r#"2["value",1]"#).await;
        client.nothing_else().await;
    });
}

/// Rows: ACK-04
#[test]
fn unknown_and_repeated_answers_are_ignored() {
    run(async {
        let (io, mut heard) = asking(|answer| answer.expect("an answer").to_string());
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send("3123[1]").await;
        client.send(r#"2["go"]"#).await;
        client.expect(r#"20["q"]"#).await;
        for answer in ["31[9]", "30[1]", "30[2]"] {
            client.send(answer).await;
        }
        client.nothing_else().await;
        heard.expect("1").await;
        heard.nothing();
    });
}

/// Rows: ACK-05, ACK-18
#[test]
fn an_answer_that_does_not_come_in_time_is_an_error_and_a_late_one_is_ignored() {
    run(async {
        let (tell, mut heard) = telling();
        let io = super::with(Options::new().ack_timeout(Duration::from_millis(60)).max_pending_acks(2));
        io.on_connection(move |socket| {
            let tell = tell.clone();
            socket.on("go", move |socket: Socket| {
                let tell = tell.clone();
                async move {
                    // More in turn than may be pending at once: the ones that timed out do not count.
                    for _ in 0..5 {
                        let answer =
                            socket.timeout(Duration::from_millis(20)).emit_with_ack::<u8>("q", ()).await;
                        tell.say(answer.expect_err("late"));
                    }
                    tell.say(
                        socket.emit_with_ack::<u8>("last", ()).await.expect_err("the server's own timeout"),
                    );
                }
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["go"]"#).await;
        for n in 0..5 {
            client.expect(&format!(r#"2{n}["q"]"#)).await;
            heard.expect("operation has timed out").await;
            client.send(&format!("3{n}[1]")).await;
        }
        heard.expect("operation has timed out").await;
        client.expect(r#"25["last"]"#).await;
        client.nothing_else().await;
    });
}

/// Rows: ACK-06
#[test]
fn an_awaited_answer_fails_at_once_when_the_client_leaves() {
    run(async {
        let (io, mut heard) = asking(|answer| answer.expect_err("it left").to_string());
        let server = serve(&io);
        let mut leaves = Client::connect(server.addr).await;
        leaves.send(r#"2["go"]"#).await;
        leaves.next().await;
        leaves.send("1").await;
        heard.expect("socket has been disconnected").await;
        let mut vanishes = Client::connect(server.addr).await;
        vanishes.send(r#"2["go"]"#).await;
        vanishes.next().await;
        drop(vanishes);
        heard.expect("socket has been disconnected").await;
    });
}

/// Rows: ACK-07
#[test]
fn an_answer_of_another_type_is_an_error_of_its_own() {
    run(async {
        let (io, mut heard) = asking(|answer| matches!(answer, Err(AckError::Mismatch(_))).to_string());
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["go"]"#).await;
        client.next().await;
        client.send(r#"30["x"]"#).await;
        heard.expect("true").await;
        client.nothing_else().await;
    });
}

/// Rows: ACK-01, EVT-20, DLV-09
#[test]
fn a_handler_may_await_its_own_clients_answer_while_later_events_wait() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.on_connection(move |socket| {
            let tell = tell.clone();
            let later = tell.clone();
            socket.on("go", move |socket: Socket| {
                let tell = tell.clone();
                async move {
                    let answer: u8 = socket.emit_with_ack("q", ()).await.expect("an answer");
                    tell.say(format!("answer {answer}"));
                    answer
                }
            });
            socket.on("later", move |_: Socket, n: u8| later.say(format!("later {n}")));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"29["go"]"#).await;
        for n in 0..20 {
            client.send(&format!(r#"2["later",{n}]"#)).await;
        }
        client.expect(r#"20["q"]"#).await;
        heard.nothing();
        client.send("30[5]").await;
        client.expect("39[5]").await;
        heard.expect("answer 5").await;
        for n in 0..20 {
            heard.expect(&format!("later {n}")).await;
        }
    });
}

/// Rows: ACK-06
#[test]
fn more_pending_answers_than_the_limit_fail_at_once_and_are_not_asked() {
    run(async {
        let (tell, mut heard) = telling();
        let io = super::with(Options::new().max_pending_acks(3));
        let gate = Gate::closed();
        let open = gate.clone();
        io.on_connection(move |socket| {
            let (tell, open) = (tell.clone(), open.clone());
            socket.on("go", move |socket: Socket| {
                let (tell, open) = (tell.clone(), open.clone());
                async move {
                    let pending: Vec<_> = (0..3).map(|n| socket.emit_with_ack::<u8>("q", n)).collect();
                    let fourth = socket.emit_with_ack::<u8>("q", 3).await.expect_err("one too many");
                    tell.say(matches!(fourth, AckError::TooMany { limit: 3 }));
                    // A forgotten question makes room.
                    drop(pending);
                    let fifth = socket.emit_with_ack::<u8>("q", 4);
                    open.pass().await;
                    tell.say(fifth.await.expect("an answer"));
                }
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["go"]"#).await;
        heard.expect("true").await;
        for (id, n) in [(0, 0), (1, 1), (2, 2), (4, 4)] {
            client.expect(&format!(r#"2{id}["q",{n}]"#)).await;
        }
        client.send("34[9]").await;
        gate.open();
        heard.expect("9").await;
    });
}

/// Rows: ACK-17, UTL-02
#[test]
fn a_socket_seen_from_afar_gives_one_answer_and_can_be_moved_about() {
    run(async {
        let io = plain();
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        let remote = io.fetch_sockets().await.expect("workers answer").remove(0);
        let asked = remote.emit_with_ack::<u8>(greenroom_tests::PATIENCE, "q", "x");
        client.expect(r#"20["q","x"]"#).await;
        client.send("30[7,8]").await;
        assert_eq!(asked.await.expect("an answer"), 7);
        remote.join("r");
        io.to("r").emit("in", ());
        client.expect(r#"2["in"]"#).await;
        remote.leave("r");
        io.to("r").emit("out", ());
        remote.emit("direct", ());
        client.expect(r#"2["direct"]"#).await;
        let now = io.fetch_sockets().await.expect("workers answer").remove(0);
        assert_eq!(now.rooms, [RoomName::from(remote.id().as_str())]);
        remote.disconnect(false);
        client.expect("1").await;
    });
}
