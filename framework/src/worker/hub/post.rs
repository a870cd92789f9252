//! What a worker has for others: gathered, and sent once per turn.

use std::rc::Rc;
use std::sync::Arc;

use super::{HubInner, Outgoing};
use crate::worker::fleet::Fleet;
use crate::worker::{Errand, Op};

impl HubInner {
    /// Queues an operation for another worker; the turn's batch leaves at its end. False when it was refused because the
    /// worker is overloaded (see [`Op::is_refusable`]).
    pub(crate) fn post(&self, worker: u16, op: Op) -> bool {
        let mut outgoing = self.outgoing.borrow_mut();
        let known = outgoing.iter_mut().find(|waits| waits.worker == worker);
        if self.fleet.refuses(worker, known.as_ref().map_or(0, |waits| waits.bytes), &op) {
            return false;
        }
        let bytes = op.len();
        match known {
            Some(waits) => {
                waits.ops.push(op);
                waits.bytes += bytes;
            }
            None => outgoing.push(Outgoing { worker, ops: vec![op], bytes }),
        }
        drop(outgoing);
        self.wake();
        true
    }

    /// Runs `errand` on a worker: here at once, elsewhere in order with everything else sent there.
    pub(crate) fn run_on(self: &Rc<Self>, worker: u16, errand: Errand) {
        if worker == self.worker {
            errand(self)
        } else {
            let _ = self.post(worker, Op::Run(errand));
        }
    }

    /// Posts from whatever thread this is; a worker's own posts keep their order.
    pub(crate) fn post_from_anywhere(fleet: &Arc<Fleet>, worker: u16, op: Op) -> bool {
        match Self::here(fleet) {
            Some(hub) => hub.post(worker, op),
            None => fleet.post(worker, op),
        }
    }

    /// As [`run_on`](Self::run_on), from whatever thread this is.
    pub(crate) fn run_from_anywhere(fleet: &Arc<Fleet>, worker: u16, errand: Errand) {
        match Self::here(fleet) {
            Some(hub) => hub.run_on(worker, errand),
            None => drop(fleet.post(worker, Op::Run(errand))),
        }
    }

    /// What the turn has for other workers leaves: before its acknowledgements can reach a client, who might tell somebody there.
    pub(crate) fn send_batches(&self) {
        if self.outgoing.borrow().is_empty() {
            return;
        }
        for Outgoing { worker, ops, bytes } in self.outgoing.take() {
            self.fleet.post_all(worker, ops, bytes);
        }
    }
}
