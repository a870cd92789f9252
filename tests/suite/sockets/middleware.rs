//! Who is let into a namespace.

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde_json::json;

use super::{Gate, plain, telling, until, usual};

/// Rows: MID-01, SRV-19
#[test]
fn middleware_runs_in_order_for_its_own_namespace_only() {
    run(async {
        let (tell, mut heard) = telling();
        let io = Greenroom::new();
        let say = |what: &'static str| {
            let tell = tell.clone();
            move |socket: Socket| {
                tell.say(format!("{what} {}", socket.namespace()));
                Ok::<_, Refuse>(())
            }
        };
        io.wrap(say("1")).wrap(say("2"));
        io.of("/x").wrap(say("3"));
        io.wrap_everywhere(say("0"));
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.join("/x").await;
        client.join("/").await;
        for said in ["0 /x", "3 /x", "0 /", "1 /", "2 /"] {
            heard.expect(said).await;
        }
        heard.nothing();
    });
}

/// Rows: MID-01
#[test]
fn the_list_of_middleware_is_read_when_a_client_asks() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        let gate = Gate::closed();
        let open = gate.clone();
        io.wrap(move |_| {
            tell.say("asked");
            let open = open.clone();
            async move {
                open.pass().await;
                Ok::<_, Refuse>(())
            }
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0").await;
        heard.expect("asked").await;
        io.wrap(|_| Err::<(), _>(Refuse::because("later")));
        gate.open();
        assert!(client.next().await.starts_with("0{"));
        let mut late = Client::open(server.addr).await;
        late.send("0").await;
        late.expect(r#"4{"message":"later"}"#).await;
    });
}

/// Rows: MID-02
#[test]
fn a_refusal_ends_the_list_and_names_its_namespace() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.of("/x").wrap(|_| Err::<(), _>(Refuse::because("x")));
        let after = tell.clone();
        io.of("/x").wrap(move |_| {
            after.say("asked");
            Ok::<_, Refuse>(())
        });
        io.of("/x").on_connection(tell.saying("connected"));
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0/x,").await;
        client.expect(r#"4/x,{"message":"x"}"#).await;
        client.join("/").await;
        client.nothing_else().await;
        heard.nothing();
    });
}

/// Rows: MID-02, MID-12, SOC-04
#[test]
fn what_the_client_gave_as_auth_decides_and_the_connection_stays_open() {
    #[derive(serde::Deserialize)]
    struct Auth {
        n: u8,
    }
    run(async {
        let io = plain();
        io.wrap(|socket| async move {
            tokio::task::yield_now().await;
            match socket.auth::<Auth>()?.n {
                1 => Err(Refuse::because("plain")),
                2 => Err(Refuse::new("code", "coded")),
                3 => Err(Refuse::because("data").with_data(json!({"retry": 5}))),
                _ => Ok(()),
            }
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        for (auth, answer) in [
            (r#"{"n":1}"#, r#"4{"message":"plain"}"#),
            (r#"{"n":2}"#, r#"4{"message":"coded","data":{"code":"code"}}"#),
            (r#"{"n":3}"#, r#"4{"message":"data","data":{"retry":5}}"#),
            (r#"{"n":"x"}"#, r#"4{"message":"internal error","data":{"code":"internal"}}"#),
            ("", r#"4{"message":"internal error","data":{"code":"internal"}}"#),
        ] {
            client.send(&format!("0{auth}")).await;
            client.expect(answer).await;
        }
        client.join_with("/", r#"{"n":0}"#).await;
        client.nothing_else().await;
    });
}

/// Rows: MID-04, SRV-08
#[test]
fn middleware_that_never_ends_ends_with_the_connect_timeout() {
    run(async {
        let io = super::with(Options::new().connect_timeout(std::time::Duration::from_millis(300)));
        io.wrap(|_| std::future::pending::<Result<(), Refuse>>());
        let _ = io.of("/other");
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0").await;
        assert!(super::shut(&mut client).await.is_empty());
        let mut both = Client::open(server.addr).await;
        both.join("/other").await;
        both.send("0").await;
        client = Client::open(server.addr).await;
        super::shut(&mut client).await;
        // As old as the one that was closed, and in a namespace.
        both.send("1/other,").await;
        both.join("/other").await;
    });
}

/// Rows: MID-05, BRD-13, SOC-10
#[test]
fn a_socket_in_middleware_is_not_connected_is_skipped_by_broadcasts_and_may_be_sent_to() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        let gate = Gate::closed();
        let open = gate.clone();
        io.wrap(move |socket| {
            socket.join("early");
            socket.emit("hello", ());
            tell.say(socket.is_connected());
            let open = open.clone();
            async move {
                open.pass().await;
                Ok::<_, Refuse>(())
            }
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0").await;
        heard.expect("false").await;
        io.emit("missed", ());
        io.to("early").emit("missed", ());
        io.except("nobody").emit("missed", ());
        // Answered by the worker after those before.
        assert!(io.to("early").fetch_sockets().await.expect("workers answer").is_empty());
        gate.open();
        client.expect(r#"2["hello"]"#).await;
        assert!(client.next().await.starts_with("0{"));
        io.to("early").emit("in", ());
        client.expect(r#"2["in"]"#).await;
        client.nothing_else().await;
    });
}

/// Rows: MID-06
#[test]
fn a_client_that_vanishes_in_middleware_leaves_its_rooms_and_nobody_is_told() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        let told = tell.clone();
        io.wrap(move |socket| {
            socket.join("early");
            let told = told.clone();
            let gone = told.clone();
            socket.on_disconnect(move |_: Socket, _| gone.say("disconnect"));
            told.say("asked");
            std::future::pending::<Result<(), Refuse>>()
        });
        io.on_connection(tell.saying("connected"));
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0").await;
        heard.expect("asked").await;
        assert_eq!(io.of("/").room_size("early"), 1);
        drop(client);
        until("the end of the room", || io.of("/").rooms().is_empty()).await;
        until("the end of the session", || io.session_count() == 0).await;
        heard.nothing();
    });
}

/// Rows: MID-07
#[test]
fn rooms_joined_in_a_refused_middleware_are_left() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.wrap(move |socket| {
            socket.join(["a", "b"]);
            let (kept, tell) = (socket.clone(), tell.clone());
            actix_web::rt::spawn(async move {
                // A late join of a socket that was refused.
                until("the refusal", || kept.rooms().is_empty()).await;
                kept.join("late");
                tell.say(format!("{:?}", kept.rooms()));
            });
            async {
                tokio::task::yield_now().await;
                Err::<(), _>(Refuse::because("no"))
            }
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0").await;
        client.expect(r#"4{"message":"no"}"#).await;
        heard.expect("[]").await;
        assert!(io.of("/").rooms().is_empty());
    });
}

/// Rows: MID-08, MID-09, ROM-03, EVT-26, SRV-03
#[test]
fn a_client_is_connected_and_in_its_own_room_and_told_so_before_the_apps_code_runs() {
    run(async {
        let (tell, mut heard) = telling();
        let io = Greenroom::new();
        let here = io.clone();
        io.on_connection(move |socket| {
            tell.say(format!("{} {} {}", socket.is_connected(), socket.rooms().len(), socket.rooms()[0]));
            here.to(socket.id()).emit("first", ());
            socket.emit("second", ());
        });
        io.on_connection(|socket| drop(socket.emit("third", ())));
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0").await;
        let connect = client.next().await;
        let said = heard.next().await;
        let id = said.strip_prefix("true 1 ").expect("connected and in its own room");
        assert_eq!(connect, format!(r#"0{{"sid":"{id}"}}"#));
        for event in ["first", "second", "third"] {
            client.expect(&format!(r#"2["{event}"]"#)).await;
        }
    });
}

/// Rows: MID-11
#[test]
fn middleware_that_fails_or_panics_refuses_without_a_word_about_why() {
    run(async {
        let io = plain();
        io.wrap(|_| {
            "x".parse::<u8>()?;
            Ok::<_, Refuse>(())
        });
        io.of("/sync").wrap(|_| -> Result<(), Refuse> { panic!("in middleware") });
        io.of("/async").wrap(|_| async {
            tokio::task::yield_now().await;
            if true {
                panic!("in middleware")
            }
            Ok::<_, Refuse>(())
        });
        io.of("/fine").on_connection(|socket| usual(&socket));
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        for prefix in ["", "/sync,", "/async,"] {
            client.send(&format!("0{prefix}")).await;
            client
                .expect(&format!(r#"4{prefix}{{"message":"internal error","data":{{"code":"internal"}}}}"#))
                .await;
        }
        client.join("/fine").await;
        for name in ["/", "/sync", "/async"] {
            assert_eq!((io.of(name).socket_count(), io.of(name).rooms().len()), (0, 0));
        }
    });
}

/// Rows: MID-14
#[test]
fn middleware_of_all_namespaces_screens_those_that_clients_make_too() {
    run(async {
        let io = Greenroom::new();
        io.of_pattern("/d/{n}").expect("a pattern");
        io.wrap_everywhere(
            |socket| if socket.namespace() == "/d/2" { Err(Refuse::because("no")) } else { Ok(()) },
        );
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.join("/d/1").await;
        client.send("0/d/2,").await;
        client.expect(r#"4/d/2,{"message":"no"}"#).await;
    });
}

/// Rows: NSP-20
#[test]
fn leaving_a_namespace_before_its_middleware_has_ended_is_out_of_order() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        io.wrap(move |_| {
            tell.say("asked");
            std::future::pending::<Result<(), Refuse>>()
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0").await;
        heard.expect("asked").await;
        client.send("1").await;
        assert!(super::shut(&mut client).await.is_empty());
    });
}

/// A verdict belongs to the socket that was screened, whoever has its place by the time it comes.
///
/// Rows: MID-01
#[test]
fn a_verdict_does_not_admit_the_client_that_comes_after() {
    run(async {
        let (tell, mut heard) = telling();
        let io = Greenroom::new();
        let gate = Gate::closed();
        let open = gate.clone();
        let told = tell.clone();
        io.wrap(move |socket| {
            let (open, admin) = (open.clone(), socket.handshake().auth_json().contains("admin"));
            told.say(format!("asked {admin}"));
            async move {
                if admin {
                    std::future::pending::<()>().await;
                }
                socket.disconnect(false);
                open.pass().await;
                Ok::<_, Refuse>(())
            }
        });
        io.on_connection(move |socket| tell.say(socket.handshake().auth_json()));
        let _ = io.of("/other");
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0").await;
        heard.expect("asked false").await;
        client.expect("1").await;
        client.send(r#"0{"as":"admin"}"#).await;
        heard.expect("asked true").await;
        gate.open();
        // The connection has dealt with what the gate let loose when it has joined this and that.
        client.join("/other").await;
        client.send("1/other,").await;
        client.join("/other").await;
        heard.nothing();
        assert_eq!(io.of("/").socket_count(), 0);
    });
}
