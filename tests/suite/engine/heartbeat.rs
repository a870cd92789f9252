//! Pings and pongs.

use std::time::Instant;

use greenroom::{CloseReason, Options};
use greenroom_tests::websocket::{Frame, frame};
use greenroom_tests::{run, within};
use tokio::io::AsyncWriteExt;

use super::{Echo, echo_with, ms};

fn beating(interval: u64, timeout: u64) -> Echo {
    echo_with(Options::new().ping_interval(ms(interval)).ping_timeout(ms(timeout)))
}

/// Rows: ENG-05, TRN-06
#[test]
fn a_ping_comes_an_interval_after_the_handshake_and_after_each_pong() {
    run(async {
        let echo = beating(100, 5000);
        // Each time from before its cause: the handshake, then the pong.
        let mut before = Instant::now();
        let mut socket = echo.websocket().await;
        for _ in 0..5 {
            assert_eq!(socket.next().await, Frame::Text("2".into()));
            assert!(before.elapsed() >= ms(95), "{:?}", before.elapsed());
            before = Instant::now();
            socket.text("3").await;
        }
    });
}

/// Rows: ENG-06, TRN-08, DIS-07
#[test]
fn silence_for_the_timeout_ends_the_session_without_a_close_code() {
    run(async {
        let mut echo = beating(60, 100);
        let before = Instant::now();
        let mut socket = echo.websocket().await;
        assert_eq!(socket.next().await, Frame::Text("2".into()));
        assert_eq!(socket.closed().await, None);
        // An interval and the timeout.
        assert!(before.elapsed() >= ms(155), "{:?}", before.elapsed());
        assert_eq!(echo.reason().await, CloseReason::PingTimeout);
    });
}

/// Rows: ENG-06, TRN-06
#[test]
fn messages_are_no_pong() {
    run(async {
        let mut echo = beating(60, 100);
        let mut socket = echo.websocket().await;
        let talk = async {
            while socket.next().await != Frame::End {
                // The server may have gone meanwhile.
                let _ = socket.stream.write_all(&frame(0x81, b"4x")).await;
            }
        };
        within("the end of the connection", talk).await;
        assert_eq!(echo.reason().await, CloseReason::PingTimeout);
    });
}

/// Rows: TRN-06
#[test]
fn an_unasked_pong_puts_the_next_ping_off() {
    run(async {
        let (echo, clock) = (beating(600, 5000), beating(300, 5000));
        let (mut socket, mut clock) = (echo.websocket().await, clock.websocket().await);
        // Half an interval later, told by a session of its own.
        assert_eq!(clock.next().await, Frame::Text("2".into()));
        let before = Instant::now();
        socket.text("3").await;
        assert_eq!(socket.next().await, Frame::Text("2".into()));
        assert!(before.elapsed() >= ms(595), "{:?}", before.elapsed());
    });
}

/// Rows: TRN-09, ENG-06, DIS-07
#[test]
fn a_ping_waits_for_the_next_poll_and_a_client_that_never_polls_times_out() {
    run(async {
        let mut echo = beating(80, 400);
        let polling = echo.polling().await;
        assert_eq!(polling.packets().await, ["2"]);
        polling.send("3").await;
        assert_eq!(polling.packets().await, ["2"]);
        assert_eq!(echo.reason().await, CloseReason::PingTimeout);
        echo.is_gone(&polling).await;
    });
}

/// Rows: TRN-08, HND-23
#[test]
fn a_poll_that_waits_at_the_timeout_gets_a_close_packet() {
    run(async {
        // Long enough for a second poll to come.
        let mut echo = beating(60, 1000);
        let polling = echo.polling().await;
        assert_eq!(polling.packets().await, ["2"]);
        assert_eq!(polling.packets().await, ["1"]);
        assert_eq!(echo.reason().await, CloseReason::PingTimeout);
    });
}

#[test]
fn a_session_works_behind_a_flood_of_pongs() {
    run(async {
        let echo = beating(60, 5000);
        let mut socket = echo.websocket().await;
        socket.write(&frame(0x81, b"3").repeat(50_000)).await;
        socket.text("4works").await;
        assert_eq!(socket.next_text().await, "4works");
    });
}
