//! What is kept is bounded, and a hole is never silent.

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::{serve, serve_on};

use super::{Returner, keeping, keeping_with, lose_one};
use crate::sockets::telling;

/// Rows: CSR-16, CSR-27
#[test]
fn one_packet_more_than_is_kept_and_the_client_starts_afresh() {
    run(async {
        for missed in [5, 6] {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new().log_packets(5), &tell);
            let server = serve_on(&io, 1);
            let lost = lose_one(&io, server.addr, &mut heard).await;
            for n in 1..=missed {
                io.emit("missed", n);
            }
            if missed == 5 {
                let mut client = lost.come_back(server.addr).await;
                for n in 1..=missed {
                    client.expect(&format!(r#"["missed",{n}]"#)).await;
                }
            } else {
                lost.starts_afresh(server.addr).await.client.nothing_else().await;
            }
        }
    });
}

/// Rows: CSR-27
#[test]
fn one_byte_more_than_is_kept_and_the_client_starts_afresh() {
    run(async {
        let fits = async |bytes: usize, length: usize| {
            let (tell, mut heard) = telling();
            let io = keeping(Recovery::new().log_bytes(bytes), &tell);
            let server = serve_on(&io, 1);
            let lost = lose_one(&io, server.addr, &mut heard).await;
            io.emit("missed", "x".repeat(length));
            let sid = lost.sid.clone();
            lost.come(server.addr).await.sid == sid
        };
        assert!(fits(20_000, 10_000).await);
        assert!(!fits(10_000, 10_000).await);
    });
}

/// A replay is bounded by the log, not by the outbox, and what is sent behind it is bounded as ever.
#[test]
fn a_replay_may_be_larger_than_an_outbox() {
    run(async {
        for workers in [1, 3] {
            let (tell, mut heard) = telling();
            let options = Options::new().outbox_packets(64).outbox_bytes(64 * 1024);
            let io = keeping_with(options, Recovery::new(), &tell);
            let server = serve_on(&io, workers);
            let lost = lose_one(&io, server.addr, &mut heard).await;
            for n in 0..5_000 {
                io.to(lost.sid.as_str()).emit("missed", (n, "x".repeat(100)));
            }
            // All of it is in the log when the worker answers: what comes later is not a replay.
            io.fetch_sockets().await.expect("all workers answer");
            let mut client = lost.come_back(server.addr).await;
            io.emit("live", ());
            for n in 0..5_000 {
                assert_eq!(client.event().await[1], n);
            }
            client.expect(r#"["live"]"#).await;
            client.client.nothing_else().await;
        }
    });
}

/// A client that does not read is disconnected, and nothing is lost: it comes back for what it missed.
#[test]
fn a_client_that_was_too_slow_comes_back_for_what_it_missed() {
    run(async {
        let (tell, mut heard) = telling();
        let options = Options::new().outbox_packets(8);
        let io = keeping_with(options, Recovery::new(), &tell);
        let server = serve(&io);
        let mut client = Returner::arrive(server.addr).await;
        let target = io.to(client.sid.as_str());
        target.emit("n", 0);
        client.event().await;
        // More at once than its outbox takes.
        let sent = 200;
        for n in 1..=sent {
            target.emit("n", (n, "x".repeat(100_000)));
        }
        heard.expect("transport error").await;
        let mut client = client.cut().come_back(server.addr).await;
        for n in 1..=sent {
            assert_eq!(client.event().await[1], n);
        }
        client.client.nothing_else().await;
    });
}

/// Rows: SRV-09
#[test]
fn wrong_options_name_themselves() {
    for (recovery, hint) in [
        (Recovery::new().max_disconnection_duration(std::time::Duration::ZERO), "max_disconnection_duration"),
        (Recovery::new().log_bytes(0), "log_bytes"),
        (Recovery::new().log_packets(0), "log_packets"),
    ] {
        let error = Greenroom::builder(Options::new().connection_state_recovery(recovery)).build().err();
        let error = error.expect("a wrong option");
        assert_eq!(error.option, "connection_state_recovery");
        assert!(error.to_string().contains(hint), "{error}");
    }
}
