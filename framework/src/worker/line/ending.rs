//! How a session ends: what its client is still due, and over which transport it gets it.
//!
//! A client that can still be reached gets all that waits, then the close. One that polls may have to come for it: the
//! session stays findable until then, for [`LAST_POLL`] at most.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{Line, Sink};
use crate::engine::CloseReason;
use crate::worker::frame::Frame;
use crate::worker::link::{Link, LinkOut};
use crate::worker::{HubInner, LinkOutput, Signal};

/// How long a session that the server closed waits for a poll that takes its last packets.
const LAST_POLL: Duration = Duration::from_secs(30);

/// How long a poll that crossed the client's own close packet is still answered.
const CROSSING_POLL: Duration = Duration::from_millis(500);

impl Line {
    /// Ends the transports. Called once, by [`HubInner::close`].
    pub(crate) fn shut(self: &Rc<Self>, hub: &HubInner, reason: CloseReason) {
        let graceful = match reason {
            CloseReason::ForcedClose
            | CloseReason::ForcedServerClose
            | CloseReason::ServerDisconnect
            | CloseReason::ServerShuttingDown => true,
            CloseReason::PingTimeout
            | CloseReason::TransportClose
            | CloseReason::TransportError
            | CloseReason::ParseError
            | CloseReason::TooSlow => false,
        };
        // A client that broke the protocol is still there: what it is due leaves before the close.
        let reachable = graceful || matches!(reason, CloseReason::TransportError | CloseReason::ParseError);
        if !reachable {
            self.outbox.borrow_mut().clear();
        }
        // A client in the middle of its upgrade does not poll any more: it takes its last packets over the WebSocket.
        let switching = graceful && matches!(*self.sink.borrow(), Sink::Nobody);
        if !switching && let Some(link) = self.rare.take(|rare| rare.probe.take()) {
            link.close(hub, Some(reason));
        }
        match self.sink.take() {
            Sink::Nobody => {
                if graceful {
                    self.stays_for(LAST_POLL);
                } else if reason == CloseReason::TransportClose {
                    // A client that closes sends its poll at the same moment, over another connection: either may come first.
                    self.rare.put(|rare| rare.last_packet = Some("6"));
                    self.stays_for(CROSSING_POLL);
                }
            }
            Sink::Poll(reply) => {
                let mut body = self.poll_body(usize::MAX);
                if graceful && !body.is_empty() {
                    // The official client handles packets one tick after they came, but a close at once: so the close
                    // is the next poll's.
                    self.stays_for(LAST_POLL);
                } else {
                    // A client that said goodbye over its POST has its poll released; otherwise the server says goodbye.
                    let last = if reason == CloseReason::TransportClose { "6" } else { "1" };
                    Frame::control(last).put_polling(&mut body);
                }
                let _ = reply.send(body);
            }
            Sink::Link(link) => {
                self.send_rest(hub, &link);
                link.close(hub, Some(reason));
            }
        }
        drop(self.rare.take(|rare| {
            (rare.post.take(), std::mem::take(&mut rare.asked), std::mem::take(&mut rare.drained))
        }));
    }

    /// It is found for so long, by the poll that takes what is left.
    fn stays_for(&self, time: Duration) {
        let by = Instant::now() + time;
        self.rare.put(|rare| rare.last_poll_by = Some(by));
    }

    /// The rest of a session that the server closed while no poll waited.
    pub(super) fn last_words(self: &Rc<Self>, hub: &HubInner) -> Option<Vec<u8>> {
        self.rare.take(|rare| rare.last_poll_by.take())?;
        let mut body = self.poll_body(usize::MAX);
        if !body.is_empty() {
            self.stays_for(LAST_POLL);
            return Some(body);
        }
        Frame::control(self.rare.look(|rare| rare.last_packet).unwrap_or("1")).put_polling(&mut body);
        self.drop_probe(hub);
        self.settled(hub);
        Some(body)
    }

    /// The server closed the session while its client was switching to a WebSocket.
    pub(crate) fn awaits_switch(&self) -> bool {
        self.rare.look(|rare| rare.last_poll_by.is_some() && rare.probe.is_some())
    }

    /// The switch of a closed session is done: it takes what is left, and ends.
    pub(crate) fn end_over_probe(self: &Rc<Self>, hub: &HubInner) {
        let Some(link) = self.rare.take(|rare| rare.probe.take()) else { return };
        self.rare.take(|rare| rare.last_poll_by = None);
        if let LinkOut::Local(wire) = &link.out {
            wire.attach();
        }
        self.send_rest(hub, &link);
        link.close(hub, None);
        self.settled(hub);
    }

    /// The client has got all it was due: its actor need not wait for it any more.
    fn settled(self: &Rc<Self>, hub: &HubInner) {
        self.signal(Signal::LookAgain);
        hub.forget(self);
    }

    /// A local WebSocket takes what is left by itself; for another worker's it leaves now, whatever its credit.
    fn send_rest(&self, hub: &HubInner, link: &Link) {
        if let LinkOut::Remote { .. } = link.out {
            let frames = std::iter::from_fn(|| self.outbox.borrow_mut().take());
            let frames: Vec<_> = frames.collect();
            if !frames.is_empty() {
                link.tell(hub, LinkOutput::Frames(frames));
            }
        }
    }

    pub(crate) fn release(&self) {
        self.released.set(true);
        self.disown();
    }

    /// Whether the slot can be given to another session.
    pub(crate) fn is_finished(&self) -> bool {
        self.released.get() && !self.rare.look(|rare| rare.last_poll_by.is_some())
    }
}
