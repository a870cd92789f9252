//! What a typed event allocates on its way to its method: nothing, where the arguments are borrowed. What a packet allocates on its way
//! through the whole server: from the chunk that the transport has read to the outbox.
//!
//! A binary of its own, as its allocator counts. The count begins in a closure that hears of every event before the handler does,
//! and ends in a layer, after the method and its answer: between them are the lookup, the layers, the cursor over the arguments, the call.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use greenroom::bench::Loopback;
use greenroom::prelude::*;
use greenroom::testing::TestServer;
use greenroom::{EventInfo, Layer, Outcome};
use greenroom_tests::websocket;
use serde::{Deserialize, Serialize};
use serde_json::json;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

impl Counting {
    fn count() {
        // A thread that ends may allocate when its locals are gone.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
    }
}

// SAFETY: everything is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Deserialize)]
struct Post<'a> {
    room: &'a str,
    text: &'a str,
    n: u64,
}

#[derive(Handler, Default)]
struct Wall {
    bytes: u64,
}

#[events]
impl Wall {
    #[event]
    fn say(&mut self, room: &str, text: &str, times: Option<u8>) {
        self.bytes += (room.len() + text.len()) as u64 * u64::from(times.unwrap_or(1));
    }

    #[event]
    fn post(&mut self, cx: &Cx<Self>, post: Post<'_>) {
        self.bytes += post.n + (post.room.len() + post.text.len()) as u64 + cx.id().as_str().len() as u64;
    }

    #[event(guard = Self::may)]
    fn guarded(&self, n: u64) -> u64 {
        n + self.bytes
    }

    #[event]
    fn owned(&mut self, text: String) {
        self.bytes += text.len() as u64;
    }

    fn may(&self, _: &Cx<Self>) -> bool {
        true
    }
}

/// Keeps how much each event allocated.
struct Count(Arc<Mutex<Vec<usize>>>);

impl Layer<Wall> for Count {
    fn after(&self, _: &EventInfo<'_>, _: &Cx<Wall>, _: &Outcome, _: Duration) {
        let count = ALLOCATIONS.get();
        self.0.lock().expect("nobody panics").push(count);
    }
}

#[actix_web::test]
async fn borrowed_arguments_cost_no_allocation() {
    let counts = Arc::new(Mutex::new(Vec::new()));
    let io = Greenroom::new().mount::<Wall>();
    io.layer::<Wall>(Count(counts.clone()));
    io.on_connection(|socket| {
        socket.on_any(|_, _, _| ALLOCATIONS.set(0));
    });
    let app = TestServer::new(io);
    let ann = app.connect::<Wall>(()).await.expect("let in");
    let allocations = async |event: &str, args: serde_json::Value| {
        // Twice: the first event of a connection makes what the others use again.
        ann.emit(event, Rest(args.as_array().cloned().unwrap_or_default()));
        ann.emit(event, Rest(args.as_array().cloned().unwrap_or_default()));
        app.settle().await;
        let counts = std::mem::take(&mut *counts.lock().expect("nobody panics"));
        assert_eq!(counts.len(), 2, "{event} {counts:?}");
        counts[1]
    };
    assert_eq!(allocations("say", json!(["lobby", "hello there", 3])).await, 0);
    assert_eq!(allocations("say", json!(["lobby", "hello there"])).await, 0);
    let post = json!([{ "room": "lobby", "text": "hello there, how is it?", "n": 12_345 }]);
    assert_eq!(allocations("post", post).await, 0);
    assert_eq!(allocations("guarded", json!([7])).await, 0);
    // So it does count: these have to be owned, one by its type, one because of its escape.
    assert_eq!(allocations("owned", json!(["hello there"])).await, 1);
    assert!(allocations("say", json!(["lobby", "hello \"you\""])).await > 0);
}

#[derive(Deserialize, Serialize)]
struct Note<'a> {
    n: u64,
    text: &'a str,
}

#[client]
trait Peer {
    fn echo(&self, note: &Note<'_>);
    fn cast(&self, note: &Note<'_>);
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

    #[event]
    fn join(&self, cx: &Cx<Self>, room: &str) {
        cx.join(room);
    }

    #[event]
    fn cast(&self, cx: &Cx<Self>, room: &str, note: Note<'_>) {
        cx.within(room).cast(&note);
    }
}

fn chunk(packet: &str) -> Bytes {
    websocket::frame(0x81, packet.as_bytes()).into()
}

/// A client in the namespace `/`.
async fn peer(io: &Greenroom) -> Loopback {
    let peer = Loopback::open(io).await;
    assert!(peer.next().await.ends_with(b"}"), "an OPEN packet");
    peer.send(chunk("40"));
    peer.next().await;
    peer
}

/// Allocations from the chunk to the last frame that came of it, when all that is used again is there.
async fn allocations(from: &Loopback, packet: &str, to: &[Loopback]) -> usize {
    let mut count = 0;
    for _ in 0..4 {
        let chunk = chunk(packet);
        ALLOCATIONS.set(0);
        from.send(chunk);
        for peer in to {
            let frame = peer.next().await;
            count = ALLOCATIONS.get();
            assert!(frame.len() > 40, "{frame:?}");
        }
    }
    count
}

#[actix_web::test]
async fn an_echo_costs_three_allocations() {
    let io = Greenroom::new().mount::<Bench>();
    let peer = peer(&io).await;
    let packet =
        r#"42["echo",{"n":1,"text":"sixty-four bytes of text, or nearly so many, to be told again"}]"#;
    let count = allocations(&peer, packet, std::slice::from_ref(&peer)).await;
    // What was received, the same bytes' count of owners, and what is sent.
    assert!(count <= 3, "{count} allocations");
}

#[actix_web::test]
async fn a_delivery_costs_none() {
    let io = Greenroom::new().mount::<Bench>();
    let mut counts = Vec::new();
    for members in [2, 200] {
        let room = format!("room-of-{members}");
        let mut peers = Vec::new();
        for _ in 0..members {
            let peer = peer(&io).await;
            peer.send(chunk(&format!(r#"421["join","{room}"]"#)));
            peer.next().await;
            peers.push(peer);
        }
        let packet =
            format!(r#"42["cast","{room}",{{"n":1,"text":"what everybody in the room is told now"}}]"#);
        counts.push(allocations(&peers[0], &packet, &peers).await);
    }
    assert_eq!(counts[0], counts[1], "198 more deliveries");
}

#[actix_web::test]
async fn a_heartbeat_costs_none() {
    let options = Options::new().ping_interval(Duration::from_millis(20));
    let io = Greenroom::builder(options).build().expect("valid options").mount::<Bench>();
    let peer = peer(&io).await;
    let mut counts = Vec::new();
    for _ in 0..8 {
        let pong = chunk("3");
        assert_eq!(&peer.next().await[..], b"\x81\x012");
        ALLOCATIONS.set(0);
        peer.send(pong);
        // From the pong to the next ping: nothing happens in between but the wait.
        assert_eq!(&peer.next().await[..], b"\x81\x012");
        counts.push(ALLOCATIONS.get());
        peer.send(chunk("3"));
    }
    assert_eq!(counts[4..], [0; 4], "{counts:?}");
}
