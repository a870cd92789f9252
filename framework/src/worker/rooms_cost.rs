//! What rooms cost. Not run with the others: `cargo test --release -p greenroom --lib -- --ignored --nocapture rooms_cost`.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use super::{
    Delivery, Fleet, Frame, HubInner, RoomEvent, RoomName, RoomObserver, Seat, Space, Spread, Target,
};
use crate::config::Options;
use crate::engine::session::TransportKind;
use crate::protocol::socket::Kind;

struct Nobody;

impl RoomObserver for Nobody {
    fn is_watching(&self) -> bool {
        false
    }

    fn tell(&self, _: RoomEvent) {}
}

/// One worker and members of its main namespace.
pub(super) struct Bench {
    pub(super) hub: Rc<HubInner>,
    pub(super) seats: Vec<Rc<Seat>>,
}

pub(super) fn bench(seats: usize) -> Bench {
    let options =
        Options::new().outbox_packets(1_000_000).outbox_bytes(1 << 40).max_rooms_per_socket(1_000_000);
    let fleet = Arc::new(Fleet::new(16, options.settings()));
    let space = Arc::new(Space {
        id: 0,
        name: "/".into(),
        params: Vec::new(),
        spread: Spread::new(16),
        observer: Box::new(Nobody),
        next_ack: AtomicU64::new(0),
        recovers: false,
    });
    let hub = HubInner::start(&fleet, Box::new(|_, _| {})).expect("a berth");
    let take = |_| {
        let line = hub.open(TransportKind::Polling, Instant::now()).expect("a slot");
        let seat = hub.take_seat(&space, &line).expect("a slot");
        hub.admit(&seat);
        seat
    };
    let seats = (0..seats).map(take).collect();
    Bench { hub, seats }
}

/// Resident bytes of this process.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4_096
}

#[actix_rt::test]
#[ignore = "a measurement"]
async fn rooms_cost_memory_and_time() {
    const MANY: usize = 100_000;
    let Bench { hub, seats } = bench(1_000);
    let names: Vec<_> = (0..MANY).map(|n| RoomName::from(format!("room-{n}"))).collect();
    let mut figures = Vec::new();
    // The same number of memberships: in rooms of a thousand, then each in a room of its own.
    for rooms in [MANY / 1_000, MANY, MANY / 1_000, MANY] {
        let (before, start) = (resident(), Instant::now());
        for n in 0..MANY {
            let seat = &seats[if rooms == MANY { n % 1_000 } else { n / rooms }];
            hub.join(seat, &names[n % rooms]);
        }
        let (joined, bytes) = (start.elapsed(), resident() - before);
        let start = Instant::now();
        for n in 0..MANY {
            let seat = &seats[if rooms == MANY { n % 1_000 } else { n / rooms }];
            hub.leave(seat, &names[n % rooms]);
        }
        println!(
            "{rooms} rooms: {} bytes a membership, join {:?}, leave {:?}",
            bytes / MANY,
            joined / MANY as u32,
            start.elapsed() / MANY as u32
        );
        figures.push(bytes);
    }
    println!("a live room over its membership: {} bytes", (figures[1].saturating_sub(figures[0])) / MANY);
}

#[actix_rt::test]
#[ignore = "a measurement"]
async fn rooms_cost_joins_beside_broadcasts() {
    const TURNS: usize = 100;
    let Bench { hub, seats } = bench(10_000);
    let space = seats[0].hall.space.clone();
    let write = |out: &mut Vec<u8>| {
        out.extend_from_slice(br#"["news","a hundred bytes or so of what is new in the world and in this room, and in the next"]"#);
        Ok::<_, std::convert::Infallible>(Vec::new())
    };
    let Ok(frame) = Frame::packet(Kind::Event, "/", None, write);
    let lobby = RoomName::from("lobby");
    for seat in &seats {
        hub.join(seat, &lobby);
    }
    let mut joins = Vec::new();
    let mut broadcasts = [Vec::new(), Vec::new()];
    for turn in 0..TURNS {
        // By turns first and second of a pair, as a queue that grows costs whoever comes then.
        for busy in [turn % 2 == 0, turn % 2 != 0] {
            for n in (0..500).filter(|_| busy) {
                let (start, room) = (Instant::now(), RoomName::from(format!("r{}", n % 50)));
                hub.join(&seats[(turn * 500 + n) % seats.len()], &room);
                hub.leave(&seats[(turn * 500 + n) % seats.len()], &room);
                joins.push(start.elapsed());
            }
            let start = Instant::now();
            let target = Target { rooms: [lobby.clone()].into_iter().collect(), ..Target::default() };
            hub.deliver(Delivery {
                space: space.clone(),
                target,
                frame: frame.clone(),
                volatile: false,
                asker: None,
            });
            broadcasts[usize::from(busy)].push(start.elapsed());
        }
    }
    let mut ratios: Vec<_> = broadcasts[1]
        .iter()
        .zip(&broadcasts[0])
        .map(|(busy, idle)| busy.as_secs_f64() / idle.as_secs_f64())
        .collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let median = |list: &mut Vec<Duration>| {
        list.sort_unstable();
        list[list.len() / 2]
    };
    println!(
        "a broadcast to 10,000: {:?} alone, {:?} behind 500 joins and leaves, ratio {:.3}",
        median(&mut broadcasts[0]),
        median(&mut broadcasts[1]),
        ratios[ratios.len() / 2]
    );
    joins.sort_unstable();
    println!("join and leave: median {:?}, p99 {:?}", joins[joins.len() / 2], joins[joins.len() / 100 * 99]);
}
