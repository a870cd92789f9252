//! Middleware and a client that comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::{serve, serve_on};
use serde_json::json;

use super::{Returner, keeping, lose_one};
use crate::sockets::{Gate, telling};

/// Rows: CSR-21
#[test]
fn middleware_runs_again_unless_it_is_skipped() {
    run(async {
        for (skip, runs) in [(false, 2), (true, 1)] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new().skip_middlewares(skip), &tell);
            let count = Arc::<AtomicUsize>::default();
            let counted = count.clone();
            io.of("/").wrap(move |_: Socket| {
                counted.fetch_add(1, Ordering::SeqCst);
                Ok::<_, Refuse>(())
            });
            let server = serve(&io);
            let lost = lose_one(&io, server.addr, &mut heard).await;
            lost.come_back(server.addr).await;
            assert_eq!(count.load(Ordering::SeqCst), runs, "skip: {skip}");
        }
    });
}

/// Rows: CSR-04, CSR-22
#[test]
fn a_refused_client_gets_nothing_and_its_session_waits_for_one_that_may() {
    run(async {
        for workers in [1, 3] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new(), &tell);
            io.of("/").wrap(|socket: Socket| {
                let auth = socket.auth::<serde_json::Value>().unwrap_or_default();
                if auth["token"] == "good" { Ok(()) } else { Err(Refuse::because("revoked")) }
            });
            let server = serve_on(&io, workers);
            let mut client = Returner::arrive_with(server.addr, r#"{"token":"good"}"#).await;
            io.emit("first", 1);
            client.event().await;
            let lost = client.cut();
            heard.next().await;
            io.emit("secret", 1);
            for _ in 0..2 {
                let (_client, answer) = lost.knock(server.addr, r#","token":"bad""#).await;
                assert_eq!(answer, r#"4{"message":"revoked"}"#);
            }
            let (client, answer) = lost.knock(server.addr, r#","token":"good""#).await;
            assert!(answer.contains(&lost.sid), "{answer}");
            let mut client = Returner { client, sid: lost.sid, pid: lost.pid, offset: None };
            client.expect(r#"["secret",1]"#).await;
            client.client.nothing_else().await;
            heard.nothing();
        }
    });
}

/// Rows: CSR-11
#[test]
fn the_app_does_not_see_the_private_id() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new().before_first_event(true), &tell);
        let said = tell.clone();
        io.on_connection(move |socket| {
            said.say(format!("{} {}", socket.handshake().auth_json(), json!(socket.handshake())["auth"]));
        });
        let server = serve(&io);
        let client = Returner::arrive_with(server.addr, r#"{"name":"Ann"}"#).await;
        heard.expect(r#"{"name":"Ann"} {"name":"Ann"}"#).await;
        let lost = client.cut();
        heard.next().await;
        let (_client, _) = lost.knock(server.addr, r#","name":"Bob""#).await;
        heard.expect(r#"{"name":"Bob"} {"name":"Bob"}"#).await;
    });
}

/// Rows: CSR-22
#[test]
fn what_is_sent_while_middleware_thinks_is_not_lost_and_comes_once() {
    run(async {
        for workers in [1, 3] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new(), &tell);
            let (gate, thinks) = (Gate::closed(), Arc::<AtomicBool>::default());
            let (open, slow, said) = (gate.clone(), thinks.clone(), tell.clone());
            io.of("/").wrap(move |socket: Socket| {
                let (open, slow, said) = (open.clone(), slow.load(Ordering::SeqCst), said.clone());
                async move {
                    if slow {
                        socket.emit("from middleware", ());
                        said.say("thinks");
                        open.pass().await;
                    }
                    Ok::<_, Refuse>(())
                }
            });
            let server = serve_on(&io, workers);
            let lost = lose_one(&io, server.addr, &mut heard).await;
            io.emit("away", 1);
            thinks.store(true, Ordering::SeqCst);
            let back = tokio::spawn(lost.come_back(server.addr));
            heard.expect("thinks").await;
            io.emit("meanwhile", 1);
            gate.open();
            let mut client = back.await.expect("it is back");
            client.expect(r#"["away",1]"#).await;
            client.expect(r#"["from middleware"]"#).await;
            client.expect(r#"["meanwhile",1]"#).await;
            client.client.nothing_else().await;
        }
    });
}

/// It vanishes again while middleware thinks: its session waits on.
#[test]
fn a_newcomer_that_vanishes_in_middleware_leaves_the_session_to_the_next() {
    run(async {
        for workers in [1, 3] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new(), &tell);
            let (gate, thinks) = (Gate::closed(), Arc::<AtomicBool>::default());
            let (open, slow, said) = (gate.clone(), thinks.clone(), tell.clone());
            io.of("/").wrap(move |_: Socket| {
                let (open, slow, said) = (open.clone(), slow.swap(false, Ordering::SeqCst), said.clone());
                async move {
                    if slow {
                        said.say("thinks");
                        open.pass().await;
                    }
                    Ok::<_, Refuse>(())
                }
            });
            let server = serve_on(&io, workers);
            let lost = lose_one(&io, server.addr, &mut heard).await;
            io.emit("away", 1);
            thinks.store(true, Ordering::SeqCst);
            let mut gone = greenroom_tests::socket_io::Client::open(server.addr).await;
            let offset = lost.offset.clone().expect("an offset");
            gone.send(&format!(r#"0{{"pid":"{}","offset":"{offset}"}}"#, lost.pid)).await;
            heard.expect("thinks").await;
            drop(gone);
            // It may come before the server has seen the other go: then it is given a session of its own, and tries again.
            let back = async {
                loop {
                    let client = lost.clone().come(server.addr).await;
                    if client.sid == lost.sid {
                        return client;
                    }
                }
            };
            let mut client = greenroom_tests::within("its session", back).await;
            client.expect(r#"["away",1]"#).await;
        }
    });
}
