//! Panics by the thousand, wherever a room or a member may panic: nobody else notices, and nothing stays behind.
//!
//! A binary of its own, as it measures the memory of its process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use greenroom::prelude::*;
use greenroom::testing::{TestClient, TestServer};
use greenroom_tests::server::{Server, serve};
use greenroom_tests::socket_io::Client;
use greenroom_tests::{run, within};
use serde_json::json;

const ROUNDS: usize = 10;

/// Of each kind in a round, of four kinds in a room; and of members' handlers. With ten rounds they are ten thousand.
const PANICS: usize = 250;
const TRIPS: usize = 50;

/// The test client looks whether the server is at rest behind each step, so it takes fewer.
const FEWER: usize = 5;

/// Bytes in the state of a room, so that a state that stays behind is to be seen.
const STATE: usize = 4_096;

/// How much larger the process may be after the last round than after the first ones: 250 bytes for each panic.
const GROWTH: usize = 2_048 * 1_024;

#[derive(Clone, Default)]
struct Tally {
    connected: Arc<AtomicUsize>,
    disconnected: Arc<AtomicUsize>,
}

#[derive(Room)]
#[room(restart(max = 1_000_000, within = "1h"))]
struct Bomb {
    armed: bool,
    _weight: Vec<u8>,
}

#[events]
impl Bomb {
    #[created]
    fn created() -> Self {
        Self { armed: false, _weight: vec![1; STATE] }
    }

    #[event]
    fn at_once(&mut self, _: &RoomCx<Self>) -> u32 {
        panic!("as the test wants")
    }

    #[event]
    async fn later(&mut self) -> u32 {
        tokio::task::yield_now().await;
        panic!("as the test wants")
    }

    /// Answered, then the timer panics.
    #[event]
    fn in_a_timer(&mut self, cx: &RoomCx<Self>) -> u32 {
        cx.after(std::time::Duration::ZERO, |_, _| panic!("as the test wants"));
        1
    }

    #[event]
    fn in_drop(&mut self) -> u32 {
        self.armed = true;
        panic!("as the test wants")
    }

    #[event]
    fn alive(&self) -> u32 {
        1
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.armed || std::thread::panicking(), "as the test wants");
    }
}

#[derive(Handler)]
#[handler(state = Tally, rooms(Bomb))]
struct Sapper;

#[events]
impl Sapper {
    #[connect]
    fn connect(tally: State<Tally>) -> Self {
        tally.0.connected.fetch_add(1, Ordering::SeqCst);
        Self
    }

    #[event]
    async fn enter(&self, cx: &Cx<Self>, key: String) -> Result<(), Fault> {
        cx.enter::<Bomb>(key, ()).await.map(drop)
    }

    #[event("where")]
    fn place(&self) -> String {
        format!("{:?}", std::thread::current().id())
    }

    #[event]
    fn trip(&self) -> u32 {
        panic!("as the test wants")
    }
}

/// One test at a time, as they share the process that they measure. Thousands of wanted messages would bury an unwanted one.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<&str>() != Some(&"as the test wants") {
            hook(panic);
        }
    }));
    turn
}

/// A server that counts who comes and goes.
fn counted() -> (Greenroom, Tally) {
    let tally = Tally::default();
    let io = Greenroom::new().mount_with::<Sapper>(tally.clone());
    let left = tally.disconnected.clone();
    io.on_connection(move |socket| {
        let left = left.clone();
        socket.on_disconnect(move |_: Socket, _| {
            left.fetch_add(1, Ordering::SeqCst);
        });
    });
    (io, tally)
}

/// Bytes of the process that are in memory, at the end of each round.
#[derive(Default)]
struct Memory(Vec<usize>);

impl Memory {
    fn measure(&mut self) {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        self.0.extend(kib.map(|kib: usize| kib * 1_024));
    }

    /// Where there is no `/proc`, nothing is known.
    fn assert_flat(&self) {
        let Some((first, later)) = self.0.get(2).zip(self.0.get(3..)) else { return };
        let most = later.iter().max().expect("rounds");
        assert!(most.saturating_sub(*first) <= GROWTH, "bytes after each round: {:?}", self.0);
    }
}

/// Nobody is there, and everybody who was has been seen off once.
async fn assert_nothing_stays(io: &Greenroom, tally: &Tally, came: usize) {
    let rooms = || io.ns::<Sapper>().rooms::<Bomb>().len() + io.of("/").rooms().len();
    within("empty maps", async {
        while rooms() > 0 || io.session_count() > 0 {
            std::thread::yield_now();
            tokio::task::yield_now().await;
        }
    })
    .await;
    let count = |n: &AtomicUsize| n.load(Ordering::SeqCst);
    assert_eq!((count(&tally.connected), count(&tally.disconnected)), (came, came));
}

// ---- in one thread ---------------------------------------------------------------------------------------------

async fn member(app: &TestServer, room: &str) -> TestClient<Sapper> {
    let client = app.connect::<Sapper>(()).await.expect("let in");
    client.enter(room).await.expect("a seat");
    client
}

#[test]
fn panics_by_the_thousand_disturb_nobody_else_and_leave_nothing_behind() {
    let _turn = turn();
    actix_web::rt::System::new().block_on(async {
        let (io, tally) = counted();
        let app = TestServer::new(io);
        let (bystander, ann) = (member(&app, "calm").await, member(&app, "bombs").await);
        let mut memory = Memory::default();
        for _ in 0..ROUNDS {
            for _ in 0..PANICS / FEWER {
                ann.push::<u32>("at_once", ()).assert_fault("internal").await;
                ann.push::<u32>("later", ()).assert_fault("internal").await;
                ann.push::<u32>("in_a_timer", ()).assert_reply(1).await;
                ann.push::<u32>("in_drop", ()).assert_fault("internal").await;
            }
            ann.push::<u32>("alive", ()).assert_reply(1).await;
            for _ in 0..TRIPS / FEWER {
                let one = member(&app, "bombs").await;
                one.trip().assert_fault("internal").await;
                one.assert_left().await;
            }
            ann.forget().await;
            memory.measure();
        }
        bystander.push::<u32>("alive", ()).assert_reply(1).await;
        bystander.assert_not_heard("room_restarted").await;
        ann.disconnect().await;
        bystander.disconnect().await;
        assert_nothing_stays(app.io(), &tally, ROUNDS * TRIPS / FEWER + 2).await;
        memory.assert_flat();
    });
}

// ---- on two workers --------------------------------------------------------------------------------------------

/// Asks, whatever comes before the answer.
async fn ask(client: &mut Client, event: &str) -> serde_json::Value {
    client.send(&format!("27[{event}]")).await;
    loop {
        let packet = within("an answer", client.next()).await;
        if let Some(answer) = packet.strip_prefix("37") {
            return serde_json::from_str(answer).expect("JSON");
        }
    }
}

/// Somebody in a room, and the worker it is on.
async fn singer(server: &Server, room: &str) -> (Client, String) {
    let mut client = Client::connect(server.addr).await;
    assert_eq!(ask(&mut client, &format!(r#""enter",{room:?}"#)).await[0]["ok"], json!(true));
    let thread = ask(&mut client, r#""where""#).await[0].to_string();
    (client, thread)
}

/// Two in this room, on different workers; and how many came for that.
async fn pair(server: &Server, room: &str) -> (Vec<Client>, usize) {
    let (one, here) = singer(server, room).await;
    for came in 2.. {
        let (other, there) = singer(server, room).await;
        if there != here {
            return (vec![one, other], came);
        }
    }
    unreachable!("one comes on the other worker")
}

#[test]
fn ten_thousand_panics_of_rooms_with_members_on_two_workers() {
    let _turn = turn();
    run(async {
        let (io, tally) = counted();
        let server = serve(&io);
        let (mut calm, some) = pair(&server, "calm").await;
        let (mut bombs, more) = pair(&server, "bombs").await;
        let mut memory = Memory::default();
        for _ in 0..ROUNDS {
            for n in 0..PANICS {
                let ann = &mut bombs[n % 2];
                for event in [r#""at_once""#, r#""later""#, r#""in_drop""#] {
                    assert_eq!(ask(ann, event).await[0]["error"]["code"], "internal");
                }
                assert_eq!(ask(ann, r#""in_a_timer""#).await, json!([1]));
            }
            for client in &mut bombs {
                assert_eq!(ask(client, r#""alive""#).await, json!([1]));
            }
            for _ in 0..TRIPS {
                let (mut one, _) = singer(&server, "bombs").await;
                assert_eq!(ask(&mut one, r#""trip""#).await[0]["error"]["code"], "internal");
            }
            memory.measure();
        }
        for client in &mut calm {
            assert_eq!(client.ask(9, r#""alive""#).await, json!([1]), "and nothing before");
        }
        drop((calm, bombs));
        assert_nothing_stays(&io, &tally, ROUNDS * TRIPS + some + more).await;
        memory.assert_flat();
    });
}
