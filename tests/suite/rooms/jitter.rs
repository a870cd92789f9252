//! How even a fixed tick is. Not run with the others: `cargo test --release -p greenroom-tests --test suite -- --ignored --nocapture jitter`.

use std::time::{Duration, Instant};

use greenroom::prelude::*;
use greenroom::testing::TestServer;

const MEMBERS: usize = 1_000;
const BEATS: usize = 300;
const EVERY: Duration = Duration::from_millis(33);

#[derive(Default, Room)]
struct Metronome {
    beats: Vec<Instant>,
}

#[events]
impl Metronome {
    #[every("33ms")]
    fn beat(&mut self, cx: &RoomCx<Self>) {
        self.beats.push(Instant::now());
        cx.everyone().volatile().emit("beat", self.beats.len());
    }

    #[event]
    fn beats(&self) -> usize {
        self.beats.len()
    }
}

#[derive(Handler, Default)]
#[handler(rooms(Metronome))]
struct Dancer;

#[events]
impl Dancer {
    #[event]
    async fn dance(cx: &Cx<Self>) -> Result<(), Fault> {
        cx.enter::<Metronome>("m", ()).await.map(drop)
    }
}

#[actix_web::test]
#[ignore = "a measurement"]
async fn the_jitter_of_a_tick_of_a_room_of_a_thousand() {
    let app = TestServer::new(Greenroom::new().mount::<Dancer>());
    let mut clients = Vec::new();
    for _ in 0..MEMBERS {
        let client = app.connect::<Dancer>(()).await.expect("let in");
        client.dance().await.expect("a place");
        clients.push(client);
    }
    let room = app.io().ns::<Dancer>().room::<Metronome>("m").expect("alive");
    room.with(|room, _| room.beats.clear()).await.expect("alive");
    while clients[0].push::<usize>("beats", ()).await.expect("answered") < BEATS {
        clients[0].expect::<usize>("beat").await;
    }
    let beats = room.with(|room, _| std::mem::take(&mut room.beats)).await.expect("alive");
    // From the grid that the first beat began.
    let off = |(n, at): (usize, &Instant)| at.duration_since(beats[0]).abs_diff(EVERY * n as u32);
    let mut jitter: Vec<_> = beats.iter().enumerate().map(off).collect();
    jitter.sort_unstable();
    println!(
        "{MEMBERS} members, {} beats: jitter median {:?}, p99 {:?}, most {:?}",
        beats.len(),
        jitter[jitter.len() / 2],
        jitter[jitter.len() / 100 * 99],
        jitter[jitter.len() - 1]
    );
}
