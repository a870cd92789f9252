//! A WebSocket as its session's worker sees it: served here, or by another worker through a window of credit.

use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;

use super::wire::{LINK_WINDOW, Wire};
use super::{Frame, HubInner, Line, LinkOutput, Op};
use crate::engine::CloseReason;
use crate::protocol::websocket;

/// A WebSocket that belongs to a line.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) id: u32,
    pub(crate) out: LinkOut,
}

#[derive(Debug)]
pub(crate) enum LinkOut {
    Local(Rc<Wire>),
    /// Served by another worker, at this index of its links.
    Remote {
        worker: u16,
        index: u32,
        credit: Cell<usize>,
    },
}

impl Link {
    pub(crate) fn remote(id: u32, worker: u16, index: u32) -> Self {
        Self { id, out: LinkOut::Remote { worker, index, credit: Cell::new(LINK_WINDOW) } }
    }

    pub(super) fn tell(&self, hub: &HubInner, output: LinkOutput) {
        match &self.out {
            LinkOut::Local(wire) => match output {
                LinkOutput::Frames(frames) => wire.queue(frames.into_iter().map(Frame::into_wire)),
                LinkOutput::Control(frame) => wire.control(frame),
                LinkOutput::Close(reason) => wire.close(close_frame(reason)),
            },
            LinkOut::Remote { worker, index, .. } => {
                // Links are bounded by their windows and never refused.
                let _ = hub.post(*worker, Op::LinkOut { index: *index, link: (hub.worker, self.id), output });
            }
        }
    }

    pub(crate) fn control(&self, hub: &HubInner, frame: Bytes) {
        self.tell(hub, LinkOutput::Control(frame));
    }

    pub(crate) fn close(&self, hub: &HubInner, reason: Option<CloseReason>) {
        self.tell(hub, LinkOutput::Close(reason));
    }
}

pub(super) fn close_frame(reason: Option<CloseReason>) -> Bytes {
    websocket::close_frame(reason.and_then(CloseReason::websocket_code), "")
}

/// What is served here for a session of another worker.
#[derive(Debug)]
pub(super) enum Guest {
    /// A WebSocket.
    Wire(Rc<Wire>),
    /// A namespace of a client whose connection is on this worker: its line, and where the session is.
    Tunnel { line: Rc<Line>, worker: u16, slot: u32, link: u32 },
}

/// What a WebSocket is to its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Main,
    Probe,
    Stranger,
}
