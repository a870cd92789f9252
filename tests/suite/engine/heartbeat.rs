//! Pings and pongs.

use std::time::Instant;

use greenroom::{CloseReason, Options};
use greenroom_tests::run;
use greenroom_tests::websocket::Frame;

use super::{Echo, echo_with, ms};

fn beating(interval: u64, timeout: u64) -> Echo {
    echo_with(Options::new().ping_interval(ms(interval)).ping_timeout(ms(timeout)))
}

/// Rows: ENG-05, TRN-06
#[test]
fn a_ping_comes_an_interval_after_the_handshake_and_after_each_pong() {
    run(async {
        let echo = beating(100, 5000);
        let mut socket = echo.websocket().await;
        for _ in 0..4 {
            let before = Instant::now();
            assert_eq!(socket.next().await, Frame::Text("2".into()));
            assert!(before.elapsed() >= ms(80) && before.elapsed() < ms(1000), "{:?}", before.elapsed());
            socket.text("3").await;
        }
        assert_eq!(socket.next().await, Frame::Text("2".into()));
    });
}

/// Rows: ENG-06, TRN-08, DIS-07
#[test]
fn silence_for_the_timeout_ends_the_session_without_a_close_code() {
    run(async {
        let mut echo = beating(60, 100);
        let mut socket = echo.websocket().await;
        assert_eq!(socket.next().await, Frame::Text("2".into()));
        let pinged = Instant::now();
        assert_eq!(socket.closed().await, None);
        assert!(pinged.elapsed() >= ms(80), "{:?}", pinged.elapsed());
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
            loop {
                if socket.next().await == Frame::End {
                    return;
                }
                let _ = tokio::io::AsyncWriteExt::write_all(
                    &mut socket.stream,
                    &greenroom_tests::websocket::frame(0x81, b"4x"),
                )
                .await;
            }
        };
        talk.await;
        assert_eq!(echo.reason().await, CloseReason::PingTimeout);
    });
}

/// Rows: TRN-06
#[test]
fn an_unasked_pong_puts_the_next_ping_off() {
    run(async {
        let echo = beating(300, 5000);
        let mut socket = echo.websocket().await;
        let opened = Instant::now();
        // Half an interval later, told by a session of its own.
        let clock = beating(150, 5000);
        let mut clock = clock.websocket().await;
        assert_eq!(clock.next().await, Frame::Text("2".into()));
        socket.text("3").await;
        assert_eq!(socket.next().await, Frame::Text("2".into()));
        assert!(opened.elapsed() >= ms(420), "{:?}", opened.elapsed());
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
        let mut echo = beating(60, 100);
        let polling = echo.polling().await;
        assert_eq!(polling.packets().await, ["2"]);
        assert_eq!(polling.packets().await, ["1"]);
        assert_eq!(echo.reason().await, CloseReason::PingTimeout);
    });
}

#[test]
fn a_flood_of_pongs_costs_nothing_but_its_reading() {
    run(async {
        let echo = beating(60, 5000);
        let mut socket = echo.websocket().await;
        let pong = greenroom_tests::websocket::frame(0x81, b"3");
        socket.write(&pong.repeat(50_000)).await;
        socket.text("4works").await;
        assert_eq!(socket.next_text().await, "4works");
    });
}
