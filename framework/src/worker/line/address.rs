//! A line as other threads know it.

use std::rc::Rc;
use std::sync::Arc;

use super::Line;
use crate::id::SessionId;
use crate::worker::{Fleet, HubInner};

/// Where a line is. `Send`, and good for nothing once the line is gone: its slot may be another's then, its id never is.
#[derive(Clone, Debug)]
pub(crate) struct LineAddress {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) worker: u16,
    pub(crate) slot: u32,
    pub(crate) sid: SessionId,
}

impl LineAddress {
    pub(crate) fn of(hub: &HubInner, line: &Line) -> Self {
        Self { fleet: hub.fleet.clone(), worker: hub.worker, slot: line.slot, sid: line.sid }
    }

    /// Runs `f` on the line's worker: here at once, elsewhere in order with everything else sent there. Not at all once the line is gone.
    pub(crate) fn run(&self, f: impl FnOnce(&Rc<HubInner>, &Rc<Line>) + Send + 'static) {
        let (slot, sid) = (self.slot, self.sid);
        let errand = move |hub: &Rc<HubInner>| {
            if let Some(line) = hub.line(slot, &sid.0) {
                f(hub, &line);
            }
        };
        HubInner::run_from_anywhere(&self.fleet, self.worker, Box::new(errand));
    }
}
