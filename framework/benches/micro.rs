//! Micro-benchmarks: `cargo bench -p greenroom --features bench --bench micro`.
//!
//! The steps of a packet's way by themselves, then the whole way without a network: from the chunk that a transport has read to the outbox.

#![expect(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    reason = "a benchmark has nobody to tell, and its handlers own what they are sent, as an app's"
)]

use std::sync::{Arc, Mutex};

use actix_rt::{System, SystemRunner};
use bytes::Bytes;
use bytestring::ByteString;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use greenroom::bench::Loopback;
use greenroom::prelude::*;
use greenroom::protocol::{engine, socket, websocket};
use serde::{Deserialize, Serialize};

const EVENT: &str =
    r#"2["echo",{"n":1,"text":"sixty-four bytes of text, or nearly so many, to be told again"}]"#;

fn main() {
    divan::main();
}

fn frame(text: &str) -> Bytes {
    let header = websocket::header(websocket::Opcode::Text, text.len());
    let mut bytes = header.to_vec();
    bytes[1] |= 0x80;
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(text.as_bytes());
    bytes.into()
}

#[divan::bench]
fn frame_decode(bencher: Bencher<'_, '_>) {
    let bytes = frame(&format!("4{EVENT}"));
    let mut decoder = websocket::Decoder::new(1_000_000);
    bencher.bench_local(|| decoder.decode(&mut black_box(&bytes[..])));
}

#[divan::bench]
fn payload_decode(bencher: Bencher<'_, '_>) {
    let body = Bytes::from([format!("4{EVENT}"), format!("4{EVENT}")].join("\u{1e}"));
    bencher.bench_local(|| engine::PayloadDecoder::new(black_box(body.clone()), 100).map(Iterator::count));
}

#[divan::bench]
fn packet_decode(bencher: Bencher<'_, '_>) {
    let text = ByteString::from(EVENT);
    let most = usize::MAX;
    let limits = socket::Limits { attachments: most, event_name: most, namespace: most, packet: most };
    let mut decoder = socket::Decoder::new(limits);
    bencher.bench_local(|| decoder.text(black_box(text.clone())));
}

#[divan::bench]
fn packet_encode(bencher: Bencher<'_, '_>) {
    let mut out = Vec::with_capacity(256);
    let json = &EVENT.as_bytes()[1..];
    bencher.bench_local(|| {
        out.clear();
        socket::encode(black_box(&mut out), socket::Kind::Event, "/", None, 0, json);
    });
}

#[derive(Deserialize, Serialize)]
struct Note {
    n: i64,
    text: String,
}

#[client]
trait Peer {
    fn echo(&self, note: &Note);
}

#[derive(Default, Handler)]
#[handler(client = Peer)]
struct Bench;

#[events]
impl Bench {
    #[event]
    fn nothing(&self, note: Note) {
        black_box(&note);
    }

    #[event]
    fn echo(&self, cx: &Cx<Self>, note: Note) {
        cx.client().echo(&note);
    }
}

/// A server with so many clients, all in the room `all`, on this thread.
struct Floor {
    system: SystemRunner,
    io: Greenroom,
    peers: Vec<Loopback>,
    sockets: Arc<Mutex<Vec<Socket>>>,
}

impl Floor {
    fn new(options: Options, members: usize) -> Self {
        let system = System::new();
        let io = Greenroom::builder(options).build().expect("valid options").mount::<Bench>();
        let sockets = Arc::<Mutex<Vec<_>>>::default();
        let list = sockets.clone();
        io.on_connection(move |socket| list.lock().expect("nobody panics").push(socket));
        let peers = system.block_on(async {
            let mut peers = Vec::new();
            for _ in 0..members {
                let peer = Loopback::open(&io).await;
                peer.next().await;
                peer.send(frame("40"));
                peer.next().await;
                peers.push(peer);
            }
            io.sockets_join("all");
            peers
        });
        Self { system, io, peers, sockets }
    }

    /// One packet to all, taken from all outboxes.
    fn broadcast(&self) {
        let _ = self
            .io
            .to("all")
            .emit("news", "a hundred bytes or so of what is new in the world and in this room");
        for peer in &self.peers {
            black_box(peer.take());
        }
    }
}

#[divan::bench]
fn event_to_method(bencher: Bencher<'_, '_>) {
    let floor = Floor::new(Options::new(), 1);
    // With an acknowledgement, which says when it is done.
    let event = frame(&format!("4{}", EVENT.replace("2[\"echo\"", "21[\"nothing\"")));
    bencher.bench_local(|| {
        floor.peers[0].send(event.clone());
        floor.system.block_on(floor.peers[0].next())
    });
}

#[divan::bench]
fn echo(bencher: Bencher<'_, '_>) {
    let floor = Floor::new(Options::new(), 1);
    let event = frame(&format!("4{EVENT}"));
    bencher.bench_local(|| {
        floor.peers[0].send(event.clone());
        floor.system.block_on(floor.peers[0].next())
    });
}

#[divan::bench(args = [1, 10, 100, 1_000, 10_000])]
fn fan_out(bencher: Bencher<'_, '_>, members: usize) {
    let floor = Floor::new(Options::new(), members);
    bencher.counter(ItemsCount::new(members)).bench_local(|| floor.broadcast());
}

/// As `fan_out` to one, with a log that remembers the packet.
#[divan::bench]
fn fan_out_to_one_and_log(bencher: Bencher<'_, '_>) {
    let floor = Floor::new(Options::new().connection_state_recovery(Recovery::new()), 1);
    bencher.bench_local(|| floor.broadcast());
}

/// A room that the first join makes and the last leave ends.
#[divan::bench]
fn join_and_leave(bencher: Bencher<'_, '_>) {
    let floor = Floor::new(Options::new(), 100);
    let sockets = floor.sockets.lock().expect("nobody panics").clone();
    let mut next = sockets.iter().cycle();
    bencher.bench_local(|| {
        let socket = next.next().expect("a hundred sockets, for ever");
        socket.join("room");
        socket.leave("room");
    });
}
