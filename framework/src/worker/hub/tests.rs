//! What becomes of a hub that panics, and whom it writes to first.

use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Instant;

use bytes::Bytes;
use futures_core::Stream;

use crate::config::Options;
use crate::engine::session::TransportKind;
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
