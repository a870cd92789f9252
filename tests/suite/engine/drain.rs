//! Going down.

use std::time::Instant;

use greenroom::{CloseReason, Disconnect, Greenroom, Options, Socket};
use greenroom_tests::http::get;
use greenroom_tests::polling::Polling;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use greenroom_tests::websocket::{Frame, UPGRADE, WebSocket};
use greenroom_tests::{run, within};
use tokio::sync::mpsc::unbounded_channel;

use super::{Echo, PATH, echo, echo_with, ms, url};

async fn waiting(echo: &Echo, n: usize) -> Vec<(Polling, tokio::task::JoinHandle<Vec<String>>)> {
    let mut waiting = Vec::new();
    for _ in 0..n {
        let polling = echo.polling().await;
        let poll = polling.clone();
        waiting.push((polling, tokio::spawn(async move { poll.packets().await })));
    }
    waiting
}

/// Rows: DIS-06, DIS-18, EAP-12, DIS-21
#[test]
fn a_thousand_websockets_and_the_waiting_polls_are_told_within_five_seconds() {
    run(async {
        let mut echo = echo();
        let mut sockets = Vec::new();
        for _ in 0..1000 {
            sockets.push(echo.websocket().await);
        }
        let waiting = waiting(&echo, 50).await;
        let begun = Instant::now();
        let (engine, tell) = (
            echo.engine.clone(),
            tokio::spawn(async move {
                for mut socket in sockets {
                    assert_eq!(socket.next().await, Frame::Close(Some(1001)));
                    assert_eq!(socket.next().await, Frame::End);
                }
            }),
        );
        assert!(engine.close().await, "all have gone in time");
        tell.await.expect("every WebSocket sees a close frame");
        for (_, poll) in waiting {
            assert_eq!(poll.await.expect("a poll"), ["1"]);
        }
        assert!(begun.elapsed() < ms(5000), "{:?}", begun.elapsed());
        for _ in 0..1050 {
            assert_eq!(echo.reason().await, CloseReason::ServerShuttingDown);
        }
    });
}

/// Rows: DIS-21, DIS-18
#[test]
fn nobody_new_is_let_in_while_the_server_goes_down() {
    run(async {
        let echo = echo();
        assert!(echo.engine.close().await);
        let response = get(echo.server.addr, &url("polling")).await;
        assert_eq!(response.status, 503);
        let refusal = WebSocket::try_connect(echo.server.addr, &url("websocket"), &UPGRADE).await.err();
        assert_eq!(refusal.map(|refusal| refusal.status), Some(503));
    });
}

/// Rows: DIS-18, TRN-21
#[test]
fn what_was_sent_before_the_end_still_arrives() {
    run(async {
        let mut echo = echo();
        let mut socket = echo.websocket().await;
        let session = echo.session().await;
        for n in 0..50 {
            session.send(n.to_string());
        }
        assert!(echo.engine.close().await);
        for n in 0..50 {
            assert_eq!(socket.next_text().await, format!("4{n}"));
        }
        assert_eq!(socket.next().await, Frame::Close(Some(1001)));
    });
}

/// Rows: DIS-06, DIS-18, DIS-19, DIS-22, CLI-04
#[test]
fn sockets_are_not_disconnected_by_packet_so_that_their_clients_come_back() {
    run(async {
        let (tx, mut left) = unbounded_channel();
        let io = Greenroom::new();
        io.on_connection(move |socket| {
            let tx = tx.clone();
            socket.on_disconnect(move |socket: Socket, reason: Disconnect| {
                socket.emit("too late", ());
                let _ = tx.send(reason.to_string());
            });
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        assert!(io.close().await);
        io.emit("too late", ());
        assert_eq!(client.socket.next().await, Frame::Close(Some(1001)), "no `41`, no event");
        assert_eq!(within("the reason", left.recv()).await.as_deref(), Some("server shutting down"));
        // The HTTP server goes on: what it answers is the app's business.
        assert_eq!(get(server.addr, "/").await.status, 404);
    });
}

#[test]
fn a_client_that_does_not_take_its_goodbye_does_not_hold_the_end_up() {
    run(async {
        let mut echo = echo_with(Options::new().drain_timeout(ms(200)).outbox_bytes(64 << 20));
        let _stuck = echo.websocket().await;
        let session = echo.session().await;
        // More than the sockets' buffers hold; nothing of it is read.
        for _ in 0..320 {
            session.send("x".repeat(100_000));
        }
        let begun = Instant::now();
        assert!(!echo.engine.close().await, "one has not gone in time");
        assert!(begun.elapsed() >= ms(190) && begun.elapsed() < ms(3000), "{:?}", begun.elapsed());
        assert_eq!(echo.reason().await, CloseReason::ServerShuttingDown);
        assert_eq!(get(echo.server.addr, &format!("{PATH}?EIO=4&transport=polling")).await.status, 503);
    });
}
