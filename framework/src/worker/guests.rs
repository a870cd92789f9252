//! What other workers ask of this one, and what is served here for sessions of theirs.
//!
//! A WebSocket may land on another worker than its session's, and a client may come back on another worker than its session is on. Both
//! are served where they are; what passes between is bounded by windows and never refused. An index is used again, so whoever speaks says
//! which of its links is meant.

use std::rc::Rc;
use std::sync::atomic::Ordering;

use super::frame::Frame;
use super::line::Line;
use super::link::{Guest, Role, close_frame};
use super::wire::{Home, Wire};
use super::{HubInner, LinkEnd, LinkInput, LinkOutput, Op, Signal};
use crate::engine::CloseReason;

/// Where something of another worker's session is served. Given back when it is dropped, also while that worker is being asked.
#[derive(Debug)]
pub(crate) struct LinkPlace {
    hub: Rc<HubInner>,
    index: u32,
}

impl LinkPlace {
    /// An index for what is served here although its session lives elsewhere.
    pub(crate) fn reserve(hub: &Rc<HubInner>) -> Self {
        let index = hub.guests.borrow_mut().insert(None) as u32;
        Self { hub: hub.clone(), index }
    }

    pub(crate) fn hub(&self) -> &Rc<HubInner> {
        &self.hub
    }

    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    pub(crate) fn serve_wire(&self, wire: Rc<Wire>) {
        self.serve(Guest::Wire(wire));
    }

    /// What a session elsewhere says arrives at this client's line. `home`: its worker, slot and link.
    pub(crate) fn serve_tunnel(&self, line: &Rc<Line>, home: (u16, u32, u32)) {
        let (worker, slot, link) = home;
        self.serve(Guest::Tunnel { line: line.clone(), worker, slot, link });
    }

    fn serve(&self, guest: Guest) {
        if let Some(place) = self.hub.guests.borrow_mut().get_mut(self.index as usize) {
            *place = Some(guest);
        }
    }
}

impl Drop for LinkPlace {
    fn drop(&mut self) {
        let guest = self.hub.guests.borrow_mut().try_remove(self.index as usize);
        // Outside of the borrow.
        drop(guest);
    }
}

impl HubInner {
    /// A WebSocket ended, on whatever worker.
    pub(crate) fn link_ended(&self, home: &Home, link: u32, how: LinkEnd) {
        match home {
            Home::Here(line) => self.line_lost_link(line, link, how),
            Home::There { worker, slot } => {
                let input = LinkInput::Ended(how);
                let _ = self.post(*worker, Op::LinkIn { slot: *slot, link, input });
            }
        }
    }

    /// The outgoing half of a WebSocket is gone.
    pub(super) fn link_gone(&self, home: &Home, link: u32) {
        match home {
            Home::Here(line) => self.line_lost_body(line, link),
            Home::There { worker, slot } => {
                let _ = self.post(*worker, Op::LinkIn { slot: *slot, link, input: LinkInput::Gone });
            }
        }
    }

    fn line_lost_body(&self, line: &Rc<Line>, link: u32) {
        // A probe may have been read to its upgrade packet already: its reader tells how it ends.
        if line.role_of(link) == Role::Main {
            line.lost(self);
        }
    }

    pub(crate) fn line_lost_link(&self, line: &Rc<Line>, link: u32, how: LinkEnd) {
        match line.role_of(link) {
            Role::Main => {
                let reason = match how {
                    LinkEnd::Closed => CloseReason::TransportClose,
                    LinkEnd::Violated => CloseReason::TransportError,
                    LinkEnd::Over(reason) => reason,
                };
                self.close(line, reason);
            }
            Role::Probe => line.drop_probe(self),
            Role::Stranger => {}
        }
    }

    fn link_in(&self, slot: u32, link: u32, input: LinkInput) {
        let line = self.line_at(slot).filter(|line| line.role_of(link) != Role::Stranger);
        let Some(line) = line else {
            if let LinkInput::Messages(_, permit) | LinkInput::Packet(_, permit) = input {
                permit.refuse();
            }
            return;
        };
        match input {
            LinkInput::Messages(messages, permit) => line.signal(Signal::Messages { link, messages, permit }),
            LinkInput::Packet(packet, permit) => line.signal(Signal::Packet(packet, permit)),
            LinkInput::Ponged => line.ponged(),
            LinkInput::Ended(how) => line.signal(Signal::LinkEnded(link, how)),
            LinkInput::Gone => self.line_lost_body(&line, link),
            LinkInput::Credit(bytes) => line.add_credit(self, link, bytes),
        }
    }

    fn link_out(&self, index: u32, from: (u16, u32), output: LinkOutput) {
        let guests = self.guests.borrow();
        let Some(Some(guest)) = guests.get(index as usize) else { return };
        match guest {
            Guest::Wire(wire) if wire.is(from) => match output {
                LinkOutput::Frames(frames) => wire.queue(frames.into_iter().map(Frame::into_wire)),
                LinkOutput::Control(frame) => wire.control(frame),
                LinkOutput::Close(reason) => wire.close(close_frame(reason)),
            },
            Guest::Tunnel { line, worker, slot, link } if from == (*worker, *link) => {
                let (line, worker, slot, link) = (line.clone(), *worker, *slot, *link);
                drop(guests);
                match output {
                    LinkOutput::Frames(frames) => {
                        line.joined();
                        let credit = LinkInput::Credit(frames.iter().map(Frame::len).sum());
                        for frame in frames {
                            line.offer(self, frame, false);
                        }
                        // At once: what waits for the client is bounded by its outbox.
                        self.post(worker, Op::LinkIn { slot, link, input: credit });
                    }
                    LinkOutput::Control(_) => {}
                    LinkOutput::Close(_) if self.fleet.draining.load(Ordering::Acquire) => {
                        self.close(&line, CloseReason::ServerShuttingDown);
                    }
                    LinkOutput::Close(Some(CloseReason::ServerDisconnect)) => line.signal(Signal::Dismiss),
                    // It came to nothing there; the client's other namespaces are not concerned.
                    LinkOutput::Close(Some(CloseReason::TransportClose)) => {
                        line.signal(Signal::TunnelOver(index))
                    }
                    LinkOutput::Close(_) => self.close(&line, CloseReason::ForcedClose),
                }
            }
            // Of one that had this index before.
            Guest::Wire(_) | Guest::Tunnel { .. } => {}
        }
    }

    pub(super) fn carry_out(self: &Rc<Self>, op: Op) {
        match op {
            Op::Deliver(delivery) => self.receive(delivery),
            Op::Transmit { key, id, life, frame, volatile } => {
                if let Some(occupant) = self.seat(key, id).and_then(|seat| seat.occupant()) {
                    occupant.transmit(frame, volatile, life);
                }
            }
            Op::Offer { slot, sid, frame } => {
                if let Some(line) = self.line(slot, &sid) {
                    line.offer(self, frame, false);
                }
            }
            Op::Run(errand) => errand(self),
            Op::LinkIn { slot, link, input } => self.link_in(slot, link, input),
            Op::LinkOut { index, link, output } => self.link_out(index, link, output),
        }
    }
}
