//! Actors that panic, in every place where their code runs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, Supervised, WrapFuture};
use tokio::sync::oneshot;

use super::{Budget, End, in_batches, start};

type Steps = Rc<RefCell<Vec<String>>>;

/// Panics when it is dropped, unless something unwinds already.
struct Mine(bool);

impl Drop for Mine {
    fn drop(&mut self) {
        assert!(!self.0 || std::thread::panicking(), "as the test wants");
    }
}

struct Fragile {
    steps: Steps,
    /// How often `started` panics.
    trips: Rc<Cell<u32>>,
    held: Option<Mine>,
}

impl Actor for Fragile {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        self.steps.borrow_mut().push("started".into());
        if self.trips.get() > 0 {
            self.trips.set(self.trips.get() - 1);
            panic!("as the test wants");
        }
    }
}

impl Supervised for Fragile {
    fn restarting(&mut self, _: &mut Self::Context) {
        self.steps.borrow_mut().push("restarting".into());
        drop(self.held.take());
    }
}

enum Ask {
    Say(&'static str),
    Panic,
    /// In a future that it spawns.
    PanicLater,
    /// A future waits for ever, and panics when it is dropped.
    Leave,
    /// The next restart's own code panics.
    Hold,
    Ping(oneshot::Sender<()>),
    Stop,
}

impl Message for Ask {
    type Result = ();
}

impl Handler<Ask> for Fragile {
    type Result = ();

    fn handle(&mut self, ask: Ask, ctx: &mut Self::Context) {
        match ask {
            Ask::Say(what) => self.steps.borrow_mut().push(what.into()),
            Ask::Panic => panic!("as the test wants"),
            Ask::PanicLater => {
                let later = async { tokio::task::yield_now().await }.into_actor(self);
                ctx.spawn(later.map(|(), _, _| panic!("as the test wants")));
            }
            Ask::Leave => {
                let mine = Mine(true);
                let forever = async move {
                    std::future::pending::<()>().await;
                    drop(mine);
                };
                ctx.spawn(forever.into_actor(self));
            }
            Ask::Hold => self.held = Some(Mine(true)),
            Ask::Ping(pong) => {
                let _ = pong.send(());
            }
            Ask::Stop => actix::ActorContext::stop(ctx),
        }
    }
}

struct Scene {
    steps: Steps,
    addr: Addr<Fragile>,
    ended: oneshot::Receiver<End>,
}

impl Scene {
    fn begin(trips: u32, budget: Budget) -> Self {
        let steps = Steps::default();
        let (tx, ended) = oneshot::channel();
        let actor = Fragile { steps: steps.clone(), trips: Rc::new(Cell::new(trips)), held: None };
        let addr = start("fragile", actor, budget, move |end| {
            let _ = tx.send(end);
        });
        Self { steps, addr, ended }
    }

    fn ask(&self, ask: Ask) {
        self.addr.do_send(ask);
    }

    /// Resolves when everything asked before was handled.
    async fn settled(&self) -> Vec<String> {
        let (tx, rx) = oneshot::channel();
        self.ask(Ask::Ping(tx));
        rx.await.expect("it is alive");
        self.steps.take()
    }
}

#[actix_rt::test]
async fn messages_that_wait_survive_a_panic_of_a_handler_and_the_address_stays_good() {
    let scene = Scene::begin(0, Budget::default());
    for ask in [Ask::Say("a"), Ask::Panic, Ask::Say("b"), Ask::Panic, Ask::Say("c")] {
        scene.ask(ask);
    }
    let steps = scene.settled().await;
    assert_eq!(steps, ["started", "a", "restarting", "started", "b", "restarting", "started", "c"]);
}

#[actix_rt::test]
async fn a_panic_in_a_spawned_future_restarts_its_actor() {
    let scene = Scene::begin(0, Budget::default());
    scene.settled().await;
    scene.ask(Ask::PanicLater);
    // Bounded, so that an actor that is not restarted fails the test and does not hang it.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(*scene.steps.borrow(), ["restarting", "started"]);
    scene.ask(Ask::Say("after"));
    assert_eq!(scene.settled().await, ["restarting", "started", "after"]);
}

#[actix_rt::test]
async fn a_panic_in_started_is_one_more_try() {
    let scene = Scene::begin(2, Budget::default());
    scene.ask(Ask::Say("at last"));
    let tries = ["started", "restarting", "started", "restarting", "started", "at last"];
    assert_eq!(scene.settled().await, tries);
}

#[actix_rt::test]
async fn a_panic_of_what_a_restart_drops_is_one_more_panic() {
    let scene = Scene::begin(0, Budget::default());
    for ask in [Ask::Leave, Ask::Hold, Ask::Panic, Ask::Say("after")] {
        scene.ask(ask);
    }
    let steps = scene.settled().await;
    assert_eq!(steps.last().map(String::as_str), Some("after"), "{steps:?}");
    scene.ask(Ask::Stop);
    assert_eq!(scene.ended.await, Ok(End::Stopped));
}

#[actix_rt::test]
async fn one_panic_more_than_the_budget_ends_the_actor_and_says_so() {
    let scene = Scene::begin(0, Budget { restarts: 2, ..Budget::default() });
    for ask in [Ask::Panic, Ask::Panic, Ask::Say("still here"), Ask::Hold, Ask::Panic] {
        scene.ask(ask);
    }
    scene.ask(Ask::Say("never"));
    assert_eq!(scene.ended.await, Ok(End::GaveUp));
    assert!(!scene.addr.connected());
    assert_eq!(scene.steps.borrow().last().map(String::as_str), Some("still here"));
}

#[actix_rt::test]
async fn an_actor_rests_before_it_is_restarted_and_its_mailbox_fills() {
    let backoff = Duration::from_millis(20);
    let scene = Scene::begin(0, Budget { backoff, ..Budget::default() });
    scene.settled().await;
    let start = tokio::time::Instant::now();
    scene.ask(Ask::Panic);
    scene.ask(Ask::Panic);
    scene.ask(Ask::Say("waited"));
    assert_eq!(scene.settled().await.last().map(String::as_str), Some("waited"));
    assert!(start.elapsed() >= 3 * backoff, "{:?}", start.elapsed());
}

#[actix_rt::test]
async fn an_actor_that_nobody_can_reach_any_more_ends_also_while_it_rests() {
    let scene = Scene::begin(0, Budget { backoff: Duration::from_millis(20), ..Budget::default() });
    scene.settled().await;
    scene.ask(Ask::Panic);
    let Scene { addr, ended, .. } = scene;
    drop(addr);
    assert_eq!(ended.await, Ok(End::Stopped));
}

#[actix_rt::test]
async fn batches_let_others_run_and_end_at_the_deadline() {
    let seen = Rc::new(Cell::new(0));
    let other = actix_rt::spawn({
        let seen = seen.clone();
        async move { seen.get() }
    });
    let act = {
        let seen = seen.clone();
        move |_| seen.set(seen.get() + 1)
    };
    let later = Instant::now() + Duration::from_secs(60);
    assert_eq!(in_batches(vec![(); 10], 4, later, act.clone()).await, 0);
    assert_eq!(
        (seen.get(), other.await.expect("it ends")),
        (10, 4),
        "the other task ran after the first batch"
    );
    assert_eq!(
        in_batches(vec![(); 10], 4, Instant::now(), act).await,
        6,
        "one batch, and the deadline has come"
    );
}
