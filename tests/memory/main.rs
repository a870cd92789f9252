//! What an idle connection holds, and what is left of a burst: bytes of live memory, whatever the system makes of them.
//!
//! A binary of its own, as its allocator counts for the whole process, so one test runs at a time. Tables that double are kept out of the
//! figures: between [`BEGIN`] and [`END`] connections none of them does.

mod servers;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use greenroom::bench::Loopback;
use greenroom::prelude::*;
use greenroom_tests::{websocket, within};
use serde::{Deserialize, Serialize};

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Bytes allocated and not freed.
fn live() -> usize {
    LIVE.load(Ordering::SeqCst)
}

struct Counting;

// SAFETY: everything is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_add(size, Ordering::Relaxed);
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const BEGIN: usize = 300;
const END: usize = 500;

/// A connection of the test's own kind, without a network.
const LOOPBACK: usize = 2_300;

#[derive(Deserialize, Serialize)]
struct Note<'a> {
    n: u64,
    text: &'a str,
}

#[client]
trait Peer {
    fn echo(&self, note: &Note<'_>);
}

#[derive(Default, Handler)]
#[handler(client = Peer)]
struct Bench;

#[events]
impl Bench {
    #[event]
    fn echo(&self, cx: &Cx<Self>, note: Note<'_>) {
        cx.client().echo(&note);
    }
}

/// Clients that are pinged every `interval`.
fn bench(interval: Duration) -> Greenroom {
    Greenroom::builder(Options::new().ping_interval(interval))
        .build()
        .expect("valid options")
        .mount::<Bench>()
}

fn echo(text: &str) -> String {
    format!(r#"42["echo",{{"n":1,"text":"{text}"}}]"#)
}

fn frame(packet: &str) -> Vec<u8> {
    websocket::frame(0x81, packet.as_bytes())
}

async fn peer(io: &Greenroom) -> Loopback {
    let peer = Loopback::open(io).await;
    next(&peer).await;
    peer.send(frame("40").into());
    assert!(answer(&peer).await[2..].starts_with(b"40{"), "let in");
    peer
}

/// The next; a ping is answered.
async fn next(peer: &Loopback) -> Option<Bytes> {
    let packet = within("a packet", peer.next()).await;
    if &packet[..] == b"\x81\x012" {
        peer.send(frame("3").into());
        return None;
    }
    Some(packet)
}

/// The next but pings.
async fn answer(peer: &Loopback) -> Bytes {
    loop {
        if let Some(packet) = next(peer).await {
            return packet;
        }
    }
}

#[actix_web::test]
#[expect(clippy::await_holding_lock, reason = "nothing else of this process takes it")]
async fn an_idle_connection_holds_little_and_after_a_burst_no_more() {
    let _alone = alone();
    let io = bench(Duration::from_millis(500));
    let mut peers = Vec::with_capacity(END);
    for _ in 0..BEGIN {
        peers.push(peer(&io).await);
    }
    let before = live();
    for _ in BEGIN..END {
        peers.push(peer(&io).await);
    }
    let idle = (live() - before) / (END - BEGIN);
    assert!(idle <= LOOPBACK, "{idle} bytes");
    assert!(idle > LOOPBACK * 9 / 10, "{idle} bytes: the bound can be lower");

    // Each has a large message and many small ones at once.
    let large = echo(&"x".repeat(64 * 1024));
    let small = frame(&echo("hello")).repeat(40);
    let before = live();
    for peer in &peers {
        peer.send(frame(&large).into());
        assert!(answer(peer).await.len() > 64 * 1024);
        peer.send(small.clone().into());
    }
    for peer in &peers {
        for _ in 0..40 {
            answer(peer).await;
        }
    }
    // A queue goes with the next heartbeat that finds it empty: the first may have waited in it.
    for _ in 0..2 {
        for peer in &peers {
            assert_eq!(next(peer).await, None, "a ping");
        }
    }
    let kept = live().saturating_sub(before) / END;
    assert!(kept * 20 <= idle, "{kept} bytes more for each");
}

/// Its parts know each other, and each way to end has to take them apart.
#[actix_web::test]
#[expect(clippy::await_holding_lock, reason = "nothing else of this process takes it")]
async fn a_connection_that_has_ended_holds_nothing() {
    let _alone = alone();
    let io = bench(Duration::from_secs(25));
    // Tables have their size when these have been there.
    come_and_go(&io, true).await;
    for by_client in [true, false] {
        let before = live();
        come_and_go(&io, by_client).await;
        let kept = live().saturating_sub(before) / END;
        // An entry of the worker's timer stays until it is due.
        assert!(kept < 64, "{kept} bytes of each, {}", if by_client { "left" } else { "sent away" });
    }
}

async fn come_and_go(io: &Greenroom, by_client: bool) {
    let mut peers = Vec::with_capacity(END);
    for _ in 0..END {
        peers.push(peer(io).await);
    }
    if by_client {
        peers.iter().for_each(|peer| peer.send(frame("1").into()));
    } else {
        io.disconnect_sockets(true);
    }
    within("the end of all sessions", async {
        while io.session_count() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
