//! From polling to WebSocket.

use std::time::Instant;

use greenroom::{CloseReason, Options, TransportKind};
use greenroom_tests::run;
use greenroom_tests::websocket::Frame;

use super::{carries, echo, echo_with, ms, works};

/// Rows: TRN-10, TRN-12, CLI-01, CLI-03, EAP-09
#[test]
fn polling_carries_the_session_until_the_upgrade_packet() {
    run(async {
        let mut echo = echo();
        // Several times, so that the WebSocket lands on the session's worker and on the other.
        for _ in 0..6 {
            let polling = echo.polling().await;
            let session = echo.session().await;
            works(&polling).await;
            let mut socket = polling.probe().await;
            works(&polling).await;
            assert_eq!(session.transport(), TransportKind::Polling);
            socket.text("5").await;
            carries(&mut socket).await;
            assert_eq!(session.transport(), TransportKind::WebSocket);
        }
    });
}

/// Rows: TRN-11
#[test]
fn a_poll_that_waits_during_the_probe_is_released_with_a_noop() {
    run(async {
        let echo = echo();
        for _ in 0..4 {
            let polling = echo.polling().await;
            let waiting = tokio::spawn({
                let polling = polling.clone();
                async move { polling.packets().await }
            });
            let mut socket = polling.probe().await;
            assert_eq!(waiting.await.expect("a poll"), ["6"]);
            assert_eq!(polling.packets().await, ["6"], "the next one, too");
            socket.text("5").await;
            carries(&mut socket).await;
        }
    });
}

/// The two come over different connections, so the poll may be taken first; it waits then, and is refused all the same.
#[test]
fn a_poll_that_is_sent_behind_the_upgrade_packet_is_refused() {
    run(async {
        let echo = echo();
        for _ in 0..20 {
            let polling = echo.polling().await;
            let mut socket = polling.probe().await;
            let (late, ()) = tokio::join!(polling.poll(), socket.text("5"));
            assert_eq!((late.status, late.text()), (400, r#"{"code":3,"message":"Bad request"}"#));
            carries(&mut socket).await;
        }
    });
}

/// Rows: TRN-12, TRN-14, TRN-21
#[test]
fn what_waits_at_the_switch_leaves_over_the_websocket_in_order() {
    run(async {
        let mut echo = echo();
        for _ in 0..6 {
            let polling = echo.polling().await;
            let session = echo.session().await;
            let mut socket = polling.probe().await;
            for n in 0..50 {
                session.send(n.to_string());
            }
            socket.text("5").await;
            session.send("50");
            for n in 0..=50 {
                assert_eq!(socket.next_text().await, format!("4{n}"));
            }
        }
    });
}

/// Rows: TRN-14
#[test]
fn nothing_is_lost_doubled_or_overtaken_while_a_session_is_upgraded() {
    run(async {
        let mut echo = echo();
        for _ in 0..8 {
            let polling = echo.polling().await;
            let session = echo.session().await;
            let mut sent = 0;
            let mut send = |n: usize| {
                for _ in 0..n {
                    session.send(sent.to_string());
                    sent += 1;
                }
            };
            let mut got = Vec::new();
            send(5);
            got.extend(polling.packets().await);
            send(5);
            let mut socket = polling.probe().await;
            send(5);
            got.extend(polling.packets().await);
            send(5);
            socket.text("5").await;
            send(5);
            got.retain(|packet| packet != "6");
            while got.len() < 25 {
                got.push(socket.next_text().await);
            }
            let all: Vec<_> = (0..25).map(|n| format!("4{n}")).collect();
            assert_eq!(got, all);
        }
    });
}

/// Rows: TRN-14
#[test]
fn what_the_client_posts_before_the_switch_is_handled_before_what_follows() {
    run(async {
        let echo = echo();
        for _ in 0..6 {
            let polling = echo.polling().await;
            let mut socket = polling.probe().await;
            polling.send("4a\u{1e}4b").await;
            socket.text("5").await;
            socket.text("4c").await;
            for message in ["4a", "4b", "4c"] {
                assert_eq!(socket.next_text().await, message);
            }
        }
    });
}

/// Rows: ENG-07
#[test]
fn an_upgrade_that_is_not_finished_in_time_is_dropped_and_polling_goes_on() {
    run(async {
        let echo = echo_with(Options::new().upgrade_timeout(ms(150)));
        for _ in 0..2 {
            let polling = echo.polling().await;
            let begun = Instant::now();
            let mut socket = polling.probe().await;
            assert_eq!(socket.closed().await, None);
            assert!(begun.elapsed() >= ms(140), "{:?}", begun.elapsed());
            works(&polling).await;
            // And it may be tried again.
            let mut socket = polling.probe().await;
            socket.text("5").await;
            carries(&mut socket).await;
        }
    });
}

/// Rows: TRN-13
#[test]
fn a_wrong_packet_on_the_probe_closes_only_the_websocket() {
    run(async {
        let echo = echo();
        for wrong in ["4hello", "2", "2prob", "3probe", "1", "6", "x", "5"] {
            let polling = echo.polling().await;
            let mut socket = echo.second(&polling).await;
            socket.text(wrong).await;
            assert_eq!(socket.next().await, Frame::Close(None), "{wrong}");
            works(&polling).await;
        }
        let polling = echo.polling().await;
        let mut socket = echo.second(&polling).await;
        socket.binary(b"2probe").await;
        assert_eq!(socket.next().await, Frame::Close(None));
        works(&polling).await;
    });
}

/// Rows: TRN-10
#[test]
fn a_websocket_that_goes_away_during_its_probe_leaves_the_session_polling() {
    run(async {
        let echo = echo();
        for _ in 0..4 {
            let polling = echo.polling().await;
            drop(polling.probe().await);
            works(&polling).await;
            // The next one may take over as soon as the server has seen the first one go.
            let upgraded = async {
                loop {
                    let mut socket = echo.second(&polling).await;
                    socket.text("2probe").await;
                    if let Frame::Text(answer) = socket.next().await {
                        assert_eq!(answer, "3probe");
                        return socket;
                    }
                }
            };
            let mut socket = greenroom_tests::within("an upgrade", upgraded).await;
            socket.text("5").await;
            carries(&mut socket).await;
        }
    });
}

/// Rows: TRN-15, DIS-11
#[test]
fn a_session_closed_during_its_upgrade_ends_both_transports() {
    run(async {
        let mut echo = echo();
        for _ in 0..4 {
            let polling = echo.polling().await;
            let session = echo.session().await;
            let mut socket = polling.probe().await;
            session.send("last");
            session.close();
            assert_eq!(echo.reason().await, CloseReason::ForcedClose);
            socket.text("5").await;
            assert_eq!(socket.next_text().await, "4last");
            assert_eq!(socket.closed().await, None);
            echo.is_gone(&polling).await;
        }
    });
}

/// Rows: DIS-08
#[test]
fn an_upgraded_session_ends_with_its_websocket() {
    run(async {
        let mut echo = echo();
        for _ in 0..4 {
            let polling = echo.polling().await;
            let mut socket = polling.probe().await;
            socket.text("5").await;
            carries(&mut socket).await;
            drop(socket);
            assert_eq!(echo.reason().await, CloseReason::TransportClose);
            echo.is_gone(&polling).await;
        }
    });
}
