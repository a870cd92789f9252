//! What becomes of a hub that panics, whom it writes to first, and when what it has for others leaves.

use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Instant;

use bytes::Bytes;
use futures_core::Stream;

use crate::config::Options;
use crate::engine::session::TransportKind;
use crate::id::Place;
use crate::worker::frame::Frame;
use crate::worker::{Fleet, Home, HubInner, Op, Wire};

#[actix_rt::test]
async fn a_panic_costs_a_hub_the_operation_that_it_happened_in_and_nothing_else() {
    let fleet = Arc::new(Fleet::new(1, Options::new().settings()));
    let hub = HubInner::start(&fleet, Box::new(|_, _| {})).expect("a berth");
    let (tx, mut rx) = tokio::sync::mpsc::channel(16);
    let mut batch = Vec::new();
    for n in 0..6 {
        let tx = tx.clone();
        batch.push(Op::Run(Box::new(move |_| {
            assert_ne!(n % 3, 1, "as the test wants");
            let _ = tx.try_send(n);
        })));
    }
    // Of one batch, and behind it another.
    fleet.post_all(hub.worker, batch, 0);
    let last = move |_: &Rc<HubInner>| {
        let _ = tx.try_send(6);
    };
    assert!(fleet.post(hub.worker, Op::Run(Box::new(last))));
    for n in [0, 2, 3, 5, 6] {
        assert_eq!(rx.recv().await, Some(n));
    }
}

/// A task that says when it is woken.
struct Sleeper(&'static str, Arc<Mutex<Vec<&'static str>>>);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[actix_rt::test]
async fn who_spoke_in_a_turn_is_written_to_at_once_and_those_who_listen_after_the_runtimes_next_look() {
    let fleet = Arc::new(Fleet::new(1, Options::new().settings()));
    let hub = HubInner::start(&fleet, Box::new(|_, _| {})).expect("a berth");
    let woken = Arc::new(Mutex::new(Vec::new()));
    let wires: Vec<_> = ["one listens", "one speaks", "another listens"]
        .into_iter()
        .map(|name| {
            let line = hub.open(TransportKind::WebSocket, Instant::now()).expect("room");
            let wire = Wire::new(&hub, Home::Here(line), 1);
            let mut body = wire.body();
            let waker = Waker::from(Arc::new(Sleeper(name, woken.clone())));
            assert!(pin!(&mut body).poll_next(&mut Context::from_waker(&waker)).is_pending());
            (wire, body)
        })
        .collect();
    for (wire, _) in &wires {
        wire.pong(Bytes::from_static(b"something"));
    }
    wires[1].0.listened();
    let (ended, end) = tokio::sync::oneshot::channel();
    let turn = |_: &Rc<HubInner>| {
        let _ = ended.send(());
    };
    assert!(fleet.post(hub.worker, Op::Run(Box::new(turn))));
    end.await.expect("the turn");
    assert_eq!(*woken.lock().unwrap(), ["one speaks"]);
    tokio::task::yield_now().await;
    assert_eq!(*woken.lock().unwrap(), ["one speaks", "one listens", "another listens"]);
}

/// One worker that posts, and another whose budget an errand exhausts.
struct Two {
    fleet: Arc<Fleet>,
    hub: Rc<HubInner>,
    other: Rc<HubInner>,
}

impl Two {
    fn start() -> Self {
        let mut settings = Options::new().settings();
        settings.worker_budget = 64;
        let fleet = Arc::new(Fleet::new(2, settings));
        let [hub, other] = [(); 2].map(|()| HubInner::start(&fleet, Box::new(|_, _| {})).expect("a berth"));
        Self { fleet, hub, other }
    }

    fn post(&self) {
        assert!(self.hub.post(self.other.worker, Op::Run(Box::new(|_| {}))));
    }

    /// Whether an errand is on its way.
    fn has_left(&self) -> bool {
        let sid = self.fleet.ids.make(Place { worker: self.other.worker, slot: 0 });
        let one_more = Op::Offer { slot: 0, sid, frame: Frame::ping() };
        self.fleet.refuses(self.other.worker, 0, &one_more)
    }
}

#[actix_rt::test]
async fn what_is_for_another_worker_leaves_together_when_the_turn_ends() {
    let two = Two::start();
    let (arrived, arrival) = tokio::sync::oneshot::channel();
    two.post();
    let errand = move |_: &Rc<HubInner>| {
        let _ = arrived.send(());
    };
    assert!(two.hub.post(two.other.worker, Op::Run(Box::new(errand))));
    assert!(!two.has_left(), "the turn goes on");
    assert!(arrival.await.is_ok());
}

#[actix_rt::test]
async fn a_long_turn_does_not_keep_another_worker_waiting() {
    let two = Two::start();
    for _ in 1..super::post::FULL {
        two.post();
        assert!(!two.has_left());
    }
    two.post();
    assert!(two.has_left());
}

#[actix_rt::test]
async fn what_is_for_another_worker_leaves_ahead_of_what_a_client_takes_within_the_turn() {
    let two = Two::start();
    let line = two.hub.open(TransportKind::WebSocket, Instant::now()).expect("room");
    let wire = Wire::new(&two.hub, Home::Here(line), 1);
    let mut body = wire.body();
    wire.pong(Bytes::from_static(b"something"));
    two.post();
    assert!(!two.has_left());
    assert!(pin!(&mut body).poll_next(&mut Context::from_waker(Waker::noop())).is_ready());
    assert!(two.has_left());
}

#[actix_rt::test]
async fn what_is_for_another_worker_leaves_ahead_of_a_polls_answer() {
    let two = Two::start();
    let line = two.hub.open(TransportKind::Polling, Instant::now()).expect("room");
    assert!(line.offer(&two.hub, Frame::ping(), false));
    two.post();
    assert!(!two.has_left());
    let mut answer = line.poll(&two.hub).expect("no other poll");
    assert!(answer.try_recv().is_ok());
    assert!(two.has_left());
}

#[actix_rt::test]
async fn a_hub_that_ends_sends_what_it_has() {
    let two = Two::start();
    two.post();
    assert!(!two.has_left());
    let Two { fleet, hub, other } = two;
    drop(hub);
    let two = Two { fleet, hub: other.clone(), other };
    assert!(two.has_left());
}

#[actix_rt::test]
async fn a_few_lists_of_batches_are_kept_and_none_that_is_large() {
    use super::post::{FULL, SPARE};
    let Two { hub, .. } = Two::start();
    hub.keep_batch(Vec::with_capacity(2 * FULL + 1));
    hub.keep_batch(Vec::new());
    assert!(hub.spare.borrow().is_empty());
    for _ in 0..=SPARE {
        hub.keep_batch(Vec::with_capacity(2 * FULL));
    }
    assert_eq!(hub.spare.borrow().len(), SPARE);
}
