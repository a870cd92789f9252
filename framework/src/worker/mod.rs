//! One hub per worker thread: lines, seats, deadlines and delivery.
//!
//! A connection lives on one worker, so nothing here is shared between threads and nothing takes a lock, but for the
//! [`Directory`](directory) that says which workers have members of a room. Workers talk in batches, sent when a turn ends or one is full.
//! No user code runs under a borrow: endings become messages, observers are told afterwards.

mod delivery;
mod direct;
mod directory;
mod fleet;
mod frame;
mod guests;
mod hall;
mod hub;
mod line;
mod link;
mod log;
mod outbox;
#[cfg(test)]
mod rooms_cost;
mod seat;
mod tie;
mod timers;
mod wire;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use actix::Message;
use bytes::Bytes;
use tokio::sync::oneshot;

pub(crate) use delivery::{Asker, Delivery, Rooms, Target, workers_of};
pub(crate) use direct::incoming;
pub(crate) use directory::{Joining, Spread};
pub(crate) use fleet::{Fleet, Settings};
pub(crate) use frame::{BLANK_OFFSET, Frame};
pub(crate) use guests::LinkPlace;
pub use hall::RoomEvent;
pub(crate) use hall::{RoomObserver, Space};
pub(crate) use hub::{HubInner, Later};
pub(crate) use line::{ByteStream, Line, LineAddress};
pub(crate) use link::{Link, LinkOut, Role};
pub(crate) use log::{Offset, Shown};
pub(crate) use outbox::OutboxLimits;
pub use outbox::Overflow;
pub(crate) use seat::{Card, Occupant, Seat};
pub use tie::Disconnect;
pub(crate) use tie::Tie;
pub(crate) use wire::{Home, LINK_WINDOW, Wire, WireBody};

use crate::engine::CloseReason;
use crate::id::{Id, SocketId};
use crate::protocol::engine::Packet;
use crate::protocol::{socket, websocket};

/// The name of a room. Short names are kept inline.
pub type RoomName = compact_str::CompactString;

/// Runs on another worker.
pub(crate) type Errand = Box<dyn FnOnce(&Rc<HubInner>) + Send>;

/// What one worker asks of another.
pub(crate) enum Op {
    Deliver(Delivery),
    /// To one socket.
    Transmit {
        key: u32,
        id: SocketId,
        /// See [`Occupant::transmit`].
        life: u32,
        frame: Frame,
        volatile: bool,
    },
    /// To one session, below Socket.IO.
    Offer {
        slot: u32,
        sid: Id,
        frame: Frame,
    },
    Run(Errand),
    /// From the worker of a WebSocket to the worker of its session.
    LinkIn {
        slot: u32,
        link: u32,
        input: LinkInput,
    },
    /// From the worker of a session to the worker of its WebSocket.
    LinkOut {
        /// Where the WebSocket is kept there.
        index: u32,
        /// Which one is meant: by the time this arrives, the index may be another's.
        link: (u16, u32),
        output: LinkOutput,
    },
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deliver(_) => "Deliver",
            Self::Transmit { .. } => "Transmit",
            Self::Offer { .. } => "Offer",
            Self::Run(_) => "Run",
            Self::LinkIn { .. } => "LinkIn",
            Self::LinkOut { .. } => "LinkOut",
        })
    }
}

impl Op {
    /// Whether it may be dropped when its worker is overloaded. Acknowledgements never are, and the rest is bounded by its
    /// own windows.
    fn is_refusable(&self) -> bool {
        match self {
            Self::Deliver(_) | Self::Offer { .. } => true,
            Self::Transmit { frame, .. } => frame.is_droppable(),
            Self::Run(_) | Self::LinkIn { .. } | Self::LinkOut { .. } => false,
        }
    }

    /// Bytes it holds while it waits, for the budget between workers.
    fn len(&self) -> usize {
        match self {
            Self::Deliver(delivery) => delivery.frame.len(),
            Self::Transmit { frame, .. } | Self::Offer { frame, .. } => frame.len(),
            Self::Run(_) => 64,
            Self::LinkIn { input: LinkInput::Messages(_, permit) | LinkInput::Packet(_, permit), .. } => {
                permit.bytes
            }
            Self::LinkOut { output: LinkOutput::Frames(frames), .. } => frames.iter().map(Frame::len).sum(),
            Self::LinkIn { .. } | Self::LinkOut { .. } => 16,
        }
    }
}

/// Told when so many bytes of a relayed WebSocket were handled.
pub(crate) trait GiveBack: Send + Sync + fmt::Debug {
    fn give_back(&self, bytes: usize);
    /// There is no session for it any more.
    fn refuse(&self);
}

/// Bytes of a relayed WebSocket under way to its session. Dropped when they were handled or never will be: either way
/// the window opens again, or its relay would wait for ever.
#[derive(Debug)]
pub(crate) struct Permit {
    window: Arc<dyn GiveBack>,
    bytes: usize,
}

impl Permit {
    pub(crate) fn new(window: Arc<dyn GiveBack>, bytes: usize) -> Self {
        Self { window, bytes }
    }

    fn refuse(&self) {
        self.window.refuse();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.window.give_back(self.bytes);
    }
}

/// What came in over a WebSocket of another worker.
#[derive(Debug)]
pub(crate) enum LinkInput {
    /// None at first, to ask whether the session is still there.
    Messages(Vec<websocket::Message>, Permit),
    /// Of a client whose connection is on the other worker.
    Packet(socket::Packet, Permit),
    /// That client has answered a ping.
    Ponged,
    /// The last word; what came before it is handled first.
    Ended(LinkEnd),
    /// The TCP connection is gone. What was read of it may still be on its way.
    Gone,
    /// So many bytes sent to it have left.
    Credit(usize),
}

/// What goes out over a WebSocket of another worker.
#[derive(Debug)]
pub(crate) enum LinkOutput {
    Frames(Vec<Frame>),
    Control(Bytes),
    /// Why, if there is a reason.
    Close(Option<CloseReason>),
}

/// How a WebSocket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkEnd {
    Closed,
    /// Broken frames, or a message over the limit.
    Violated,
    /// The connection on the other worker has ended.
    Over(CloseReason),
}

/// What a line tells its connection actor.
pub(crate) enum Signal {
    /// The session has ended.
    Closed(CloseReason),
    /// A POST: its packets, and where to say that they were taken, unless that was said.
    Post(Vec<Packet>, Option<oneshot::Sender<()>>),
    /// Messages of a WebSocket of another worker.
    Messages { link: u32, messages: Vec<websocket::Message>, permit: Permit },
    /// A packet of a client whose connection is on another worker.
    Packet(socket::Packet, Permit),
    /// Something has changed: there may be room for what the client sends, or nothing left to wait for.
    LookAgain,
    /// A WebSocket of another worker has ended, behind all its messages.
    LinkEnded(u32, LinkEnd),
    /// A WebSocket landed on this worker.
    Arrival,
    /// The server made the socket with this seat leave.
    Left(SocketId),
    /// The server makes all sockets of the connection leave, and closes it.
    Dismiss,
    /// What was served from another worker, arriving at this index, has ended; the rest goes on.
    TunnelOver(u32),
    /// Answered once no handler of the session is at work and none of its events waits.
    #[cfg_attr(not(feature = "testing"), expect(dead_code, reason = "only the test client asks"))]
    WhenIdle(oneshot::Sender<()>),
}

impl Message for Signal {
    type Result = ();
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed(_) => "Closed",
            Self::Post(..) => "Post",
            Self::Messages { .. } => "Messages",
            Self::Packet(..) => "Packet",
            Self::LookAgain => "LookAgain",
            Self::LinkEnded(..) => "LinkEnded",
            Self::Arrival => "Arrival",
            Self::Left(_) => "Left",
            Self::Dismiss => "Dismiss",
            Self::TunnelOver(_) => "TunnelOver",
            Self::WhenIdle(_) => "WhenIdle",
        })
    }
}
