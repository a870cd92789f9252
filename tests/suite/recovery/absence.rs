//! A session whose client is away: what is true of it, what can be done to it, how it ends.

use std::time::Duration;

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::{serve, serve_on};

use super::{Returner, keeping, lose_one};
use crate::sockets::{telling, until};

/// Rows: CSR-15
#[test]
fn it_stays_in_its_rooms_and_others_can_tell_that_it_is_away() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        client.client.ask(1, r#""join","news""#).await;
        io.emit("first", 1);
        client.event().await;
        let seen = async || {
            let sockets = io.within("news").fetch_sockets().await.expect("all workers answer");
            sockets.iter().map(|socket| (socket.id().to_string(), socket.is_away())).collect::<Vec<_>>()
        };
        assert_eq!(seen().await, [(client.sid.clone(), false)]);
        let lost = client.cut();
        heard.next().await;
        assert_eq!(seen().await, [(lost.sid.clone(), true)]);
        let client = lost.come_back(server.addr).await;
        assert_eq!(seen().await, [(client.sid.clone(), false)]);
    });
}

/// Rows: CSR-15, CSR-18
#[test]
fn the_server_can_move_it_and_talk_to_it() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        client.client.ask(1, r#""join","left""#).await;
        io.emit("first", 1);
        client.event().await;
        let lost = client.cut();
        heard.next().await;

        io.to("left").emit("left", 1);
        io.to("joined").emit("joined", 1);
        let away = io.to(lost.sid.as_str());
        away.sockets_join("joined");
        away.sockets_leave("left");
        let sockets = away.fetch_sockets().await.expect("all workers answer");
        io.to("left").emit("left", 2);
        io.to("joined").emit("joined", 2);
        sockets[0].emit("direct", 1);
        sockets[0].join("handle");
        io.to("handle").emit("handle", 1);

        let mut client = lost.come_back(server.addr).await;
        client.expect(r#"["left",1]"#).await;
        client.expect(r#"["joined",2]"#).await;
        client.expect(r#"["direct",1]"#).await;
        client.expect(r#"["handle",1]"#).await;
        client.client.nothing_else().await;
    });
}

/// What wants an answer is not kept: whoever asks is told at once.
///
/// Rows: ACK-08, CSR-08
#[test]
fn asking_it_fails_at_once() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        io.emit("first", 1);
        client.event().await;
        let sockets = io.fetch_sockets().await.expect("all workers answer");
        let pending = sockets[0].emit_with_ack::<u8>(Duration::from_secs(60), "before", ());
        assert!(client.client.next().await.contains("before"));
        let lost = client.cut();
        heard.next().await;
        assert!(matches!(pending.await, Err(greenroom::AckError::Disconnected)));
        let asked = sockets[0].emit_with_ack::<u8>(Duration::from_secs(60), "away", ());
        assert!(matches!(asked.await, Err(greenroom::AckError::Disconnected)));
        lost.come_back(server.addr).await.client.nothing_else().await;
    });
}

/// Rows: CSR-13, CSR-23
#[test]
fn closures_hear_of_the_loss_once_and_of_the_return() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new().max_disconnection_duration(Duration::from_millis(200)), &tell);
        let said = tell.clone();
        io.on_connection(move |socket| {
            said.say(format!("connection {}", socket.recovered()));
            let said = said.clone();
            socket.on_disconnecting(move |socket: Socket, _| {
                said.say(format!("{} rooms", socket.rooms().len()))
            });
        });
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        heard.expect("connection false").await;
        io.emit("first", 1);
        client.event().await;
        let lost = client.cut();
        heard.expect("1 rooms").await;
        heard.expect("transport close").await;
        let lost = lost.come_back(server.addr).await.cut();
        heard.expect("connection true").await;
        heard.expect("1 rooms").await;
        heard.expect("transport close").await;
        // And nothing more when its time is up.
        let gone = || async { io.fetch_sockets().await.is_ok_and(|sockets| sockets.is_empty()) };
        greenroom_tests::within("the session is over", async {
            while !gone().await {
                tokio::task::yield_now().await;
            }
        })
        .await;
        let _fresh = lost.starts_afresh(server.addr).await;
        heard.expect("connection false").await;
        heard.nothing();
    });
}

/// Rows: CSR-02
#[test]
fn it_ends_when_its_time_is_up_and_not_before() {
    run(async {
        let (tell, mut heard) = telling();
        let kept = Duration::from_millis(300);
        let io = keeping(Recovery::new().max_disconnection_duration(kept), &tell);
        let server = serve(&io);
        let lost = lose_one(&io, server.addr, &mut heard).await;
        let begun = std::time::Instant::now();
        let mut away = true;
        while away {
            away = !io.fetch_sockets().await.expect("all workers answer").is_empty();
            assert!(begun.elapsed() < super::seconds(10), "it is over");
        }
        assert!(begun.elapsed() >= kept - Duration::from_millis(50), "{:?}", begun.elapsed());
        lost.starts_afresh(server.addr).await.client.nothing_else().await;
    });
}

#[test]
fn the_server_can_end_it() {
    run(async {
        for close in [false, true] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new(), &tell);
            let server = serve(&io);
            let lost = lose_one(&io, server.addr, &mut heard).await;
            io.to(lost.sid.as_str()).disconnect_sockets(close);
            assert!(io.fetch_sockets().await.expect("all workers answer").is_empty());
            lost.starts_afresh(server.addr).await;
        }
    });
}

/// A client that has been told of no place cannot come back: nothing is kept for it.
#[test]
fn a_session_that_cannot_be_recovered_does_not_wait() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new(), &tell);
        let server = serve(&io);
        Returner::arrive(server.addr).await.cut();
        heard.expect("transport close").await;
        assert!(io.fetch_sockets().await.expect("all workers answer").is_empty());
    });
}

#[test]
fn one_more_than_may_be_away_ends_with_its_transport() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new().before_first_event(true).max_sessions_away(2), &tell);
        let server = serve_on(&io, 1);
        let mut lost = Vec::new();
        for _ in 0..3 {
            lost.push(Returner::arrive(server.addr).await.cut());
            heard.next().await;
        }
        let third = lost.pop().expect("three");
        third.starts_afresh(server.addr).await;
        for one in lost {
            one.come_back(server.addr).await;
        }
    });
}

/// An answer belongs to the connection that asked: ids begin anew with a page that was reloaded.
#[test]
fn a_late_answer_is_not_given_to_the_next_connection() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new().before_first_event(true), &tell);
        let gate = crate::sockets::Gate::closed();
        let open = gate.clone();
        io.on_connection(move |socket| {
            let open = open.clone();
            socket.on("later", move |_: Socket, ack: AckFn| {
                let open = open.clone();
                actix_web::rt::spawn(async move {
                    open.pass().await;
                    ack.send("late");
                });
            });
        });
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        client.client.send(r#"27["later"]"#).await;
        client.client.nothing_else().await;
        let lost = client.cut();
        heard.next().await;
        let mut client = lost.come_back(server.addr).await;
        gate.open();
        for _ in 0..3 {
            client.client.nothing_else().await;
        }
    });
}

/// A room that only sockets that are away are in goes with them.
#[test]
fn nothing_of_it_stays_behind() {
    run(async {
        let (tell, mut heard) = telling();
        let io = keeping(Recovery::new().max_disconnection_duration(Duration::from_millis(50)), &tell);
        let server = serve(&io);
        for _ in 0..4 {
            let mut client = Returner::arrive(server.addr).await;
            client.client.ask(1, r#""join","news""#).await;
            io.to("news").emit("first", 1);
            client.event().await;
            client.cut();
            heard.next().await;
        }
        let of = io.of("/");
        until("the rooms are gone", || of.rooms().is_empty()).await;
        until("the sessions are gone", || io.session_count() == 0).await;
    });
}
