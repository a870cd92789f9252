//! What a worker has for others: gathered, and sent when the worker's turn ends, that is when all tasks that were ready have run, or when there is much of it.

use std::rc::Rc;
use std::sync::Arc;

use super::{HubInner, Outgoing};
use crate::worker::fleet::Fleet;
use crate::worker::{Errand, Op};

/// Operations for one worker that leave before the turn ends: a long turn must not keep the other worker waiting.
pub(super) const FULL: usize = 32;

/// Empty lists of batches that are kept. They are too large for what allocators keep at hand, and workers send each other about as many as they get.
pub(super) const SPARE: usize = 4;

impl HubInner {
    /// Queues an operation for another worker; the batch leaves when the turn ends or it is full. False when it was refused because the
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
                if waits.ops.len() >= FULL {
                    let ops = std::mem::replace(&mut waits.ops, self.empty_batch());
                    self.fleet.post_all(worker, ops, std::mem::take(&mut waits.bytes));
                }
            }
            None => {
                let mut ops = self.empty_batch();
                ops.push(op);
                outgoing.push(Outgoing { worker, ops, bytes });
            }
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

    fn empty_batch(&self) -> Vec<Op> {
        self.spare.borrow_mut().pop().unwrap_or_default()
    }

    /// The list of a batch that was carried out.
    pub(super) fn keep_batch(&self, ops: Vec<Op>) {
        let mut spare = self.spare.borrow_mut();
        if spare.len() < SPARE && (1..=2 * FULL).contains(&ops.capacity()) {
            spare.push(ops);
        }
    }

    /// As [`run_on`](Self::run_on), from whatever thread this is.
    pub(crate) fn run_from_anywhere(fleet: &Arc<Fleet>, worker: u16, errand: Errand) {
        match Self::here(fleet) {
            Some(hub) => hub.run_on(worker, errand),
            None => drop(fleet.post(worker, Op::Run(errand))),
        }
    }

    /// What the turn has for other workers leaves: before what it has for clients, who might tell somebody there.
    pub(in crate::worker) fn send_batches(&self) {
        let mut outgoing = self.outgoing.borrow_mut();
        // Asked before every piece that leaves.
        if outgoing.is_empty() {
            return;
        }
        for Outgoing { worker, ops, bytes } in outgoing.drain(..).filter(|waits| !waits.ops.is_empty()) {
            self.fleet.post_all(worker, ops, bytes);
        }
    }
}
