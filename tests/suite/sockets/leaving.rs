//! Why sockets leave, and what is left of them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use greenroom::prelude::*;
use greenroom_tests::polling::Polling;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use greenroom_tests::websocket::Frame;

use super::{Gate, Heard, shut, telling, until, usual, with};

fn telling_reasons(options: Options) -> (Greenroom, Heard) {
    let (tell, heard) = telling();
    let io = with(options);
    for name in ["/", "/x"] {
        let tell = tell.clone();
        io.of(name).on_connection(move |socket| {
            if socket.namespace() != "/" {
                usual(&socket);
            }
            let tell = tell.clone();
            socket.on("kick", |socket: Socket, close: bool| {
                socket.emit("before", ());
                socket.disconnect(close);
                socket.disconnect(close);
                socket.emit("after", ());
            });
            socket.on_disconnect(move |socket: Socket, reason| {
                tell.say(format!("{} {reason}", socket.namespace()))
            });
        });
    }
    (io, heard)
}

/// Rows: DIS-04, DIS-22
#[test]
fn the_server_disconnects_one_namespace_and_the_connection_stays() {
    run(async {
        let (io, mut heard) = telling_reasons(Options::new());
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.join("/x").await;
        client.send(r#"2["kick",false]"#).await;
        // Under way when the server decided: no fault of the client.
        client.send(r#"2["kick",false]"#).await;
        client.send("30[]").await;
        client.expect(r#"2["before"]"#).await;
        client.expect("1").await;
        heard.expect("/ server namespace disconnect").await;
        client.send(r#"2/x,1["probe"]"#).await;
        client.expect("3/x,1[]").await;
        client.join("/").await;
        client.nothing_else().await;
        heard.nothing();
    });
}

/// Rows: DIS-14, DIS-04
#[test]
fn a_disconnect_with_close_says_goodbye_in_every_namespace_and_then_closes() {
    run(async {
        let (io, mut heard) = telling_reasons(Options::new());
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.join("/x").await;
        client.send(r#"2/x,["kick",true]"#).await;
        let said: Vec<_> = [client.next().await, client.next().await, client.next().await].into();
        assert_eq!(said[0], r#"2/x,["before"]"#);
        assert!(said.contains(&"1".to_owned()) && said.contains(&"1/x,".to_owned()), "{said:?}");
        assert!(shut(&mut client).await.is_empty());
        let mut reasons = [heard.next().await, heard.next().await];
        reasons.sort();
        assert_eq!(reasons, ["/ server namespace disconnect", "/x server namespace disconnect"]);
        until("the end of the session", || io.session_count() == 0).await;
        heard.nothing();
    });
}

/// Rows: DIS-05, DIS-16
#[test]
fn the_client_leaves_one_namespace_and_may_come_back() {
    run(async {
        let (io, mut heard) = telling_reasons(Options::new());
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.join("/x").await;
        client.send("1/x,").await;
        heard.expect("/x client namespace disconnect").await;
        client.nothing_else().await;
        client.join("/x").await;
        client.send("1").await;
        heard.expect("/ client namespace disconnect").await;
        heard.nothing();
    });
}

/// Rows: DIS-06, DIS-18, DIS-22
#[test]
fn a_server_that_closes_says_so_to_its_handlers_and_sends_no_packet_to_its_clients() {
    run(async {
        let (io, mut heard) = telling_reasons(Options::new());
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        let polling = Polling::open(server.addr).await;
        polling.join().await;
        let poll = polling.packets();
        let closing = async {
            assert!(io.close().await);
        };
        let websocket = async {
            assert_eq!(client.socket.next().await, Frame::Close(Some(1001)));
        };
        let (last, (), ()) = tokio::join!(poll, closing, websocket);
        assert_eq!(last, ["1"]);
        for _ in 0..2 {
            heard.expect("/ server shutting down").await;
        }
        heard.nothing();
    });
}

/// Rows: DIS-07
#[test]
fn a_client_that_does_not_pong_is_gone() {
    run(async {
        let quick = Duration::from_millis(60);
        let (io, mut heard) = telling_reasons(Options::new().ping_interval(quick).ping_timeout(quick));
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        let before = shut(&mut client).await;
        assert_eq!(before, [Frame::Text("2".into())]);
        heard.expect("/ ping timeout").await;
    });
}

/// Rows: DIS-08
#[test]
fn the_end_of_the_transport_is_a_transport_close() {
    run(async {
        let (io, mut heard) = telling_reasons(Options::new());
        let server = serve(&io);
        drop(Client::connect(server.addr).await);
        heard.expect("/ transport close").await;
        let mut client = Client::connect(server.addr).await;
        client.socket.write(&greenroom_tests::websocket::frame(0x88, &1000u16.to_be_bytes())).await;
        heard.expect("/ transport close").await;
        let mut client = Client::connect(server.addr).await;
        client.socket.text("1").await;
        heard.expect("/ transport close").await;
        let polling = Polling::open(server.addr).await;
        polling.send("40").await;
        polling.send("1").await;
        heard.expect("/ transport close").await;
    });
}

/// Rows: DIS-09, DIS-10, DIS-11, PAR-10
#[test]
fn broken_frames_broken_packets_and_broken_payloads_have_reasons_of_their_own() {
    run(async {
        let (io, mut heard) = telling_reasons(Options::new());
        let server = serve(&io);
        // An unmasked frame: not WebSocket.
        let mut client = Client::connect(server.addr).await;
        client.socket.write(b"\x81\x012").await;
        heard.expect("/ transport error").await;
        // No such Engine.IO packet.
        let mut client = Client::connect(server.addr).await;
        client.socket.text("x").await;
        heard.expect("/ parse error").await;
        // No such Socket.IO packet: every namespace of the connection hears of it.
        let mut client = Client::connect(server.addr).await;
        client.join("/x").await;
        client.send("9").await;
        let mut reasons = [heard.next().await, heard.next().await];
        reasons.sort();
        assert_eq!(reasons, ["/ forced close", "/x forced close"]);
        shut(&mut client).await;
        heard.nothing();
    });
}

/// Rows: DIS-12, SRV-08
#[test]
fn a_connection_that_left_all_namespaces_is_not_timed_out_again() {
    run(async {
        let (io, mut heard) = telling_reasons(Options::new().connect_timeout(Duration::from_millis(500)));
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send("1").await;
        heard.expect("/ client namespace disconnect").await;
        // A younger connection that joins nothing is closed.
        let mut other = Client::open(server.addr).await;
        assert!(shut(&mut other).await.is_empty());
        client.join("/").await;
        client.nothing_else().await;
    });
}

/// Rows: DIS-01, DIS-02
#[test]
fn async_hooks_run_one_after_the_other_and_others_do_not_wait() {
    run(async {
        let (tell, mut heard) = telling();
        let io = with(Options::new());
        let gate = Gate::closed();
        let open = gate.clone();
        io.on_connection(move |socket| {
            let (open, parting, parted) = (open.clone(), tell.clone(), tell.clone());
            socket.on_disconnecting(move |socket: Socket, _| {
                let (open, tell) = (open.clone(), parting.clone());
                async move {
                    tell.say(format!("disconnecting {}", socket.rooms().len()));
                    open.pass().await;
                    tell.say(format!("still {}", socket.rooms().len()));
                }
            });
            socket.on_disconnect(move |socket: Socket, _| {
                parted.say(format!("disconnect {}", socket.rooms().len()))
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.ask(1, r#""join","r""#).await;
        client.send("1").await;
        heard.expect("disconnecting 2").await;
        // The same client comes back while the hook of its last socket is at work.
        client.join("/").await;
        client.nothing_else().await;
        gate.open();
        heard.expect("still 2").await;
        heard.expect("disconnect 0").await;
        heard.nothing();
    });
}

/// Rows: DIS-03
#[test]
fn what_a_client_sent_before_it_left_is_handled_and_then_the_hooks_run() {
    run(async {
        let (tell, mut heard) = telling();
        let io = with(Options::new());
        let gate = Gate::closed();
        let open = gate.clone();
        io.on_connection(move |socket| {
            let (open, tell, left) = (open.clone(), tell.clone(), tell.clone());
            socket.on("n", move |_: Socket, n: u8| {
                let (open, tell) = (open.clone(), tell.clone());
                async move {
                    tell.say(format!("begin {n}"));
                    open.pass().await;
                    tell.say(format!("end {n}"));
                }
            });
            socket.on_disconnect(move |_: Socket, reason| left.say(reason));
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["n",1]"#).await;
        client.send(r#"2["n",2]"#).await;
        client.send("1").await;
        client.join("/").await;
        heard.expect("begin 1").await;
        heard.nothing();
        gate.open();
        for said in ["end 1", "begin 2", "end 2", "client namespace disconnect"] {
            heard.expect(said).await;
        }
    });
}

/// Rows: DIS-08, DLV-01
#[test]
fn what_a_client_sent_right_before_it_vanished_is_handled() {
    run(async {
        let (tell, mut heard) = telling();
        let io = with(Options::new());
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
        io.on_connection(move |socket| {
            let (blocked, tell, left, wait) = (tell.clone(), tell.clone(), tell.clone(), wait.clone());
            socket.on("n", move |_: Socket, n: u8| tell.say(n));
            socket.on("block", move |_: Socket| {
                blocked.say("blocked");
                // The worker sees what came and the end of the connection at one time.
                wait.lock().expect("no panic").recv().expect("the test goes on");
            });
            socket.on_disconnect(move |_: Socket, reason| left.say(reason));
        });
        let server = serve(&io);
        for _ in 0..10 {
            let mut client = Client::connect(server.addr).await;
            client.send(r#"2["block"]"#).await;
            heard.expect("blocked").await;
            for n in 0..20 {
                client.send(&format!(r#"2["n",{n}]"#)).await;
            }
            drop(client);
            go.send(()).expect("the server waits");
            for n in 0..20 {
                heard.expect(&n.to_string()).await;
            }
            heard.expect("transport close").await;
        }
    });
}

/// Rows: EVT-21, PAR-10
#[test]
fn a_packet_that_is_none_is_told_to_every_socket_of_the_connection_before_it_leaves() {
    run(async {
        let (tell, mut heard) = telling();
        let io = with(Options::new());
        for name in ["/", "/x"] {
            let tell = tell.clone();
            io.of(name).on_connection(move |socket| {
                let (error, left) = (tell.clone(), tell.clone());
                socket.on_error(move |socket, refuse| {
                    error.say(format!(
                        "{} {} {}",
                        socket.namespace(),
                        socket.is_connected(),
                        refuse.message()
                    ));
                });
                socket.on_disconnect(move |socket: Socket, reason| {
                    left.say(format!("{} {reason}", socket.namespace()))
                });
            });
        }
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.join("/x").await;
        client.send("9").await;
        for name in ["/", "/x"] {
            heard.expect(&format!("{name} true expected a packet type from 0 to 6, found byte 0x39")).await;
        }
        for name in ["/", "/x"] {
            heard.expect(&format!("{name} forced close")).await;
        }
    });
}

/// Rows: DIS-19, DIS-21
#[test]
fn a_server_that_closes_leaves_the_http_server_alone_and_takes_nobody_new() {
    run(async {
        let io = with(Options::new());
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        let closing = async { assert!(io.close().await) };
        tokio::join!(closing, shut(&mut client));
        let url = "/socket.io/?EIO=4&transport=polling";
        assert_eq!(greenroom_tests::http::get(server.addr, url).await.status, 503);
        assert_eq!(greenroom_tests::http::get(server.addr, "/elsewhere").await.status, 404);
        assert_eq!(io.session_count(), 0);
    });
}

/// Rows: DIS-14
#[test]
fn a_disconnect_with_close_has_disconnected_the_other_sockets_when_it_returns() {
    run(async {
        let (tell, mut heard) = telling();
        let io = with(Options::new());
        let other = Arc::<OnceLock<Socket>>::default();
        let keep = other.clone();
        io.of("/x").on_connection(move |socket: Socket| assert!(keep.set(socket).is_ok(), "one client"));
        io.on_connection(move |socket| {
            let (tell, other) = (tell.clone(), other.clone());
            socket.on("end", move |socket: Socket| {
                let is_connected = || other.get().map(Socket::is_connected);
                tell.say(format!("before: {:?}", is_connected()));
                socket.disconnect(true);
                tell.say(format!("after: {:?}", is_connected()));
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.join("/x").await;
        client.send(r#"2["end"]"#).await;
        heard.expect("before: Some(true)").await;
        heard.expect("after: Some(false)").await;
    });
}
