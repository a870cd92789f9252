//! What connection state recovery costs: `cargo bench -p greenroom-tests --bench recovery [SECONDS]`.
//!
//! Memory while far more is broadcast than the log keeps, and how soon a client that missed 10,000 packets gets the first of
//! them. Prints figures; `docs/performance.md` says what they were.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use greenroom::{Greenroom, Options, Recovery};
use greenroom_tests::run;
use greenroom_tests::server::serve_on;
use greenroom_tests::socket_io::Client;

const RATE: u64 = 50_000;
const PAYLOAD: usize = 1024;
const MISSED: usize = 10_000;

fn main() {
    let seconds = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(60);
    run(async {
        memory(seconds).await;
        replay().await;
    });
}

fn keeping() -> Greenroom {
    let recovery = Recovery::new().before_first_event(true);
    Greenroom::builder(Options::new().connection_state_recovery(recovery)).build().expect("valid options")
}

/// A client's private id; it is gone when this returns.
async fn left_behind(addr: SocketAddr) -> String {
    let mut client = Client::open(addr).await;
    client.send("0").await;
    let welcome = client.next().await;
    let welcome: serde_json::Value = serde_json::from_str(&welcome[1..]).expect("JSON");
    welcome["pid"].as_str().expect("a private id").to_owned()
}

/// Resident memory in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
    let kilobytes: usize = line.split_whitespace().nth(1).expect("a figure").parse().expect("a number");
    kilobytes * 1024
}

async fn memory(seconds: u64) {
    let io = keeping();
    let server = serve_on(&io, 1);
    let _pid = left_behind(server.addr).await;
    let payload = "x".repeat(PAYLOAD);
    let (before, begun) = (resident(), Instant::now());
    let (mut sent, mut most) = (0, before);
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    while begun.elapsed() < Duration::from_secs(seconds) {
        ticks.tick().await;
        let due = begun.elapsed().as_millis() as u64 * RATE / 1000;
        while sent < due {
            io.emit("news", &payload);
            sent += 1;
        }
        if sent % (RATE / 10) < RATE / 200 {
            most = most.max(resident());
        }
    }
    let mib = |bytes: usize| bytes as f64 / (1024.0 * 1024.0);
    println!(
        "{sent} broadcasts of {PAYLOAD} bytes in {seconds} s: {:.1} MiB more at most",
        mib(most - before)
    );
}

async fn replay() {
    let io = keeping();
    let server = serve_on(&io, 1);
    let mut times = Vec::new();
    for _ in 0..15 {
        let pid = left_behind(server.addr).await;
        while io.fetch_sockets().await.is_ok_and(|sockets| !sockets.iter().any(|socket| socket.is_away())) {}
        for n in 0..MISSED {
            io.emit("missed", (n, "x".repeat(100)));
        }
        // Everything was delivered when the worker answers.
        let _ = io.fetch_sockets().await;
        let mut client = Client::open(server.addr).await;
        let begun = Instant::now();
        client.send(&format!(r#"0{{"pid":"{pid}"}}"#)).await;
        let welcome = client.next().await;
        let first = client.next().await;
        let begins = begun.elapsed();
        assert!(welcome.contains(&pid) && first.starts_with(r#"2["missed",0,"#), "{welcome} {first}");
        for n in 1..MISSED {
            let packet = client.next().await;
            assert!(packet.starts_with(&format!(r#"2["missed",{n},"#)), "{packet}");
        }
        times.push((begins, begun.elapsed()));
        client.send("1").await;
    }
    times.sort();
    let (begins, ends) = times[times.len() / 2];
    println!(
        "a replay of {MISSED} packets begins after {begins:?} and has arrived after {ends:?} (medians of {})",
        times.len()
    );
}
