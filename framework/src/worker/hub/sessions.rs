//! A worker's sessions and their deadlines.

use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{HubInner, SLACK};
use crate::engine::CloseReason;
use crate::engine::session::{Session, TransportKind};
use crate::id::{Id, SessionId};
use crate::worker::Signal;
use crate::worker::line::Line;

impl HubInner {
    /// A new session. `None` when the worker has as many as it may have.
    pub(crate) fn open(&self, via: TransportKind, now: Instant) -> Option<Rc<Line>> {
        let connect_by = self.settings.connect_timeout.map(|timeout| now + timeout);
        let line = self.add_line(Session::open(via, self.settings.timing.clone(), now), connect_by)?;
        self.berth().sessions.fetch_add(1, Ordering::Relaxed);
        self.arm_slot(&line);
        Some(line)
    }

    /// A session for a client whose connection is on another worker, which counts it and keeps its heartbeat.
    pub(crate) fn open_far(&self, now: Instant) -> Option<Rc<Line>> {
        let connect_by = self.settings.connect_timeout.map(|timeout| now + timeout);
        let line = self.add_line(Session::open_far(self.settings.timing.clone(), now), connect_by)?;
        line.is_far.set(true);
        self.arm_slot(&line);
        Some(line)
    }

    fn add_line(&self, session: Session, connect_by: Option<Instant>) -> Option<Rc<Line>> {
        let mut lines = self.lines.borrow_mut();
        if lines.len() >= self.settings.max_sessions {
            return None;
        }
        let entry = lines.vacant_entry();
        let slot = self.slot_number(entry.key())?;
        let sid = SessionId(self.fleet.ids.make(self.place(slot)));
        let line = Line::new(slot, sid, session, connect_by);
        entry.insert(line.clone());
        Some(line)
    }

    pub(crate) fn line(&self, slot: u32, sid: &Id) -> Option<Rc<Line>> {
        let line = self.lines.borrow().get(slot as usize).filter(|line| line.sid.0 == *sid).cloned()?;
        // A request that arrives after a deadline must not be served because the timer is late.
        if line.next_deadline().is_some_and(|at| at <= Instant::now()) {
            self.run_deadline(&line, Instant::now());
        }
        Some(line)
    }

    pub(in crate::worker) fn line_at(&self, slot: u32) -> Option<Rc<Line>> {
        self.lines.borrow().get(slot as usize).cloned()
    }

    /// Resolves when no WebSocket of this worker has anything left to take, and no poll waits for its goodbye.
    pub(crate) async fn when_quiet(&self) {
        while self.bodies.get() > 0 {
            let (tx, rx) = tokio::sync::oneshot::channel();
            self.quiet.borrow_mut().push(tx);
            let _ = rx.await;
        }
    }

    pub(in crate::worker) fn body_began(&self) {
        self.bodies.set(self.bodies.get() + 1);
    }

    pub(in crate::worker) fn body_ended(&self) {
        self.bodies.set(self.bodies.get().saturating_sub(1));
        if self.bodies.get() == 0 {
            for waiter in self.quiet.take() {
                let _ = waiter.send(());
            }
        }
    }

    pub(crate) fn lines(&self) -> Vec<Rc<Line>> {
        self.lines.borrow().iter().map(|(_, line)| line.clone()).collect()
    }

    /// Ends a session; the first reason counts.
    pub(crate) fn close(&self, line: &Rc<Line>, reason: CloseReason) {
        if line.engine.borrow_mut().close() {
            line.shut(self, reason);
            line.signal(Signal::Closed(reason));
            self.arm_slot(line);
        }
    }

    /// The connection actor has finished.
    pub(crate) fn release(&self, line: &Rc<Line>) {
        self.close(line, CloseReason::ForcedClose);
        line.release();
        self.forget(line);
    }

    /// Frees the slot if nothing needs it any more.
    pub(in crate::worker) fn forget(&self, line: &Rc<Line>) {
        if line.is_finished() {
            let mut lines = self.lines.borrow_mut();
            if lines.get(line.slot as usize).is_some_and(|at| Rc::ptr_eq(at, line)) {
                lines.remove(line.slot as usize);
                if !line.is_far.get() {
                    self.berth().sessions.fetch_sub(1, Ordering::Relaxed);
                }
            }
        }
    }

    pub(crate) fn arm_slot(&self, line: &Line) {
        let Some(at) = line.next_deadline() else { return };
        let mut timers = self.timers.borrow_mut();
        let at = timers.tick(at);
        if line.armed.get().is_none_or(|armed| at < armed) {
            line.armed.set(Some(at));
            if timers.push(at, line.slot) {
                self.wake();
            }
        }
    }

    fn run_deadline(&self, line: &Rc<Line>, now: Instant) {
        line.on_deadline(self, now + SLACK);
        self.arm_slot(line);
    }

    pub(super) fn run_timers(&self, now: Instant) {
        loop {
            let due = self.timers.borrow_mut().pop_due(now + SLACK);
            let Some((at, slot)) = due else { return };
            let Some(line) = self.line_at(slot) else { continue };
            // An entry that does not match was replaced by an earlier one, or belongs to the slot's last owner.
            if line.armed.get() == Some(at) {
                line.armed.set(None);
                self.run_deadline(&line, now);
            }
        }
    }
}
