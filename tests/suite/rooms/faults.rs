//! Panics by the thousand, wherever a room or a member may panic: nobody else notices, and nothing stays behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use greenroom::prelude::*;
use greenroom::testing::{TestClient, TestServer};

/// Of each kind.
const PANICS: usize = 2_500;

#[derive(Clone, Default)]
struct Tally {
    connected: Arc<AtomicUsize>,
    disconnected: Arc<AtomicUsize>,
}

#[derive(Default, Room)]
#[room(restart(max = 1_000_000, within = "1h"))]
struct Bomb {
    armed: bool,
}

#[events]
impl Bomb {
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

    #[event]
    fn trip(&self) -> u32 {
        panic!("as the test wants")
    }
}

async fn member(app: &TestServer, room: &str) -> TestClient<Sapper> {
    let client = app.connect::<Sapper>(()).await.expect("let in");
    client.enter(room).await.expect("a seat");
    client
}

/// Thousands of wanted messages would bury an unwanted one.
fn without_wanted_messages() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<&str>() != Some(&"as the test wants") {
            hook(panic);
        }
    }));
}

#[actix_web::test]
async fn ten_thousand_panics_disturb_nobody_else_and_leave_nothing_behind() {
    without_wanted_messages();
    let tally = Tally::default();
    let io = Greenroom::new().mount_with::<Sapper>(tally.clone());
    let left = tally.disconnected.clone();
    io.on_connection(move |socket| {
        let left = left.clone();
        socket.on_disconnect(move |_: Socket, _| {
            left.fetch_add(1, Ordering::SeqCst);
        });
    });
    let app = TestServer::new(io);
    let (bystander, ann) = (member(&app, "calm").await, member(&app, "bombs").await);
    for _ in 0..PANICS {
        ann.push::<u32>("at_once", ()).assert_fault("internal").await;
        ann.push::<u32>("later", ()).assert_fault("internal").await;
        ann.push::<u32>("in_a_timer", ()).assert_reply(1).await;
        ann.push::<u32>("in_drop", ()).assert_fault("internal").await;
    }
    ann.push::<u32>("alive", ()).assert_reply(1).await;
    for _ in 0..PANICS / 10 {
        let one = member(&app, "bombs").await;
        one.trip().assert_fault("internal").await;
        one.assert_left().await;
    }
    bystander.push::<u32>("alive", ()).assert_reply(1).await;
    bystander.assert_not_heard("room_restarted").await;
    ann.forget().await;
    ann.disconnect().await;
    bystander.disconnect().await;
    let rooms = || app.io().ns::<Sapper>().rooms::<Bomb>().len() + app.io().of("/").rooms().len();
    crate::sockets::until("empty maps", || rooms() == 0 && app.io().session_count() == 0).await;
    let count = |n: &AtomicUsize| n.load(Ordering::SeqCst);
    assert_eq!((count(&tally.connected), count(&tally.disconnected)), (PANICS / 10 + 2, PANICS / 10 + 2));
}
