//! POSTs that follow each other as fast as they are answered.

use greenroom::prelude::*;
use greenroom_tests::polling::Polling;
use greenroom_tests::run;
use greenroom_tests::server::serve_on;

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
        polling.send("40").await;
        polling.packets().await;
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
