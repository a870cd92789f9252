//! POSTs that follow each other as fast as they are answered.

use greenroom::prelude::*;
use greenroom_tests::polling::Polling;
use greenroom_tests::server::serve_on;
use greenroom_tests::websocket::frame;
use greenroom_tests::{run, within};

/// Rows: HND-14, HND-18, STK-09
#[test]
fn a_post_right_behind_the_answer_of_the_last_is_taken_on_whatever_worker_both_land() {
    run(async {
        let io = Greenroom::new();
        io.on_connection(|socket| {
            socket.on("add", |socket: Socket, n: u64| drop(socket.emit("added", n)));
        });
        let server = serve_on(&io, 4);
        let polling = Polling::open(server.addr).await;
        polling.join().await;
        for n in 0..300 {
            polling.send(&format!("42[\"add\",{n}]")).await;
        }
        let mut seen = Vec::new();
        while seen.len() < 300 {
            seen.extend(polling.packets().await);
        }
        let expected: Vec<_> = (0..300).map(|n| format!("42[\"added\",{n}]")).collect();
        assert_eq!(seen, expected);
    });
}

/// Rows: DIS-05, DLV-01
#[test]
fn what_a_client_sends_right_before_it_goes_is_handled_on_whatever_worker_its_websocket_is() {
    run(async {
        let (tx, mut rx) = tokio::sync::mpsc::channel(1000);
        let io = Greenroom::new();
        io.on_connection(move |socket| {
            let tx = tx.clone();
            let count = tx.clone();
            socket.on("n", move |_: Socket, n: u64| drop(count.try_send(n.to_string())));
            socket.on_disconnect(move |_: Socket, reason| drop(tx.try_send(reason.to_string())));
        });
        let server = serve_on(&io, 4);
        for round in 0..40 {
            let polling = Polling::open(server.addr).await;
            polling.join().await;
            let mut socket = polling.probe().await;
            socket.text("5").await;
            let mut last_words: Vec<u8> =
                (0..5).flat_map(|n| frame(0x81, format!("42[\"n\",{n}]").as_bytes())).collect();
            last_words.extend(frame(0x81, b"41"));
            if round % 2 == 0 {
                last_words.extend(frame(0x88, &[]));
            }
            socket.write(&last_words).await;
            drop(socket);
            for expected in ["0", "1", "2", "3", "4", "client namespace disconnect"] {
                assert_eq!(
                    within(&format!("{expected} of round {round}"), rx.recv()).await.as_deref(),
                    Some(expected),
                    "round {round}"
                );
            }
        }
    });
}
