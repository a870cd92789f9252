//! What becomes of a hub that panics.

use std::sync::Arc;

use crate::config::Options;
use crate::worker::{Fleet, HubInner, Op};

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
    let last = move |_: &std::rc::Rc<HubInner>| {
        let _ = tx.try_send(6);
    };
    assert!(fleet.post(hub.worker, Op::Run(Box::new(last))));
    for n in [0, 2, 3, 5, 6] {
        assert_eq!(rx.recv().await, Some(n));
    }
}
