//! A client's end of one socket: what it was sent and has not taken yet.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write as _;
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::connection::Inner;
use super::{Left, Refused};
use crate::id::{Id, SocketId};
use crate::payload::{EncodeError, ack_frame, client_event_frame};
use crate::protocol::socket::{Ack, Event};
use crate::worker::BLANK_OFFSET;

enum Phase {
    Asking,
    Joined(SocketId),
    Refused(Refused),
    Left(Left),
}

pub(super) struct Socket {
    pub(super) connection: Rc<Inner>,
    namespace: String,
    phase: RefCell<Phase>,
    inbox: RefCell<VecDeque<Event>>,
    answers: RefCell<HashMap<u64, Ack>>,
    asked: RefCell<HashSet<u64>>,
    /// Its events end with an offset: connection state recovery is on.
    recovers: Cell<bool>,
    next_id: Cell<u64>,
}

impl Socket {
    pub(super) fn new(connection: Rc<Inner>, namespace: &str) -> Rc<Self> {
        Rc::new(Self {
            connection,
            namespace: namespace.to_owned(),
            phase: RefCell::new(Phase::Asking),
            inbox: RefCell::default(),
            answers: RefCell::default(),
            asked: RefCell::default(),
            recovers: Cell::new(false),
            next_id: Cell::new(0),
        })
    }

    pub(super) fn is_of(&self, namespace: &str) -> bool {
        self.namespace == namespace && !matches!(*self.phase.borrow(), Phase::Left(_) | Phase::Refused(_))
    }

    /// The namespace as packets begin with it.
    pub(super) fn prefix(&self) -> String {
        if self.namespace == "/" { String::new() } else { format!("{},", self.namespace) }
    }

    pub(super) fn id(&self) -> Option<SocketId> {
        if let Phase::Joined(id) = *self.phase.borrow() { Some(id) } else { None }
    }

    // ---- what the server says ------------------------------------------------------------------------------

    pub(super) fn let_in(&self, payload: &str) {
        #[derive(Deserialize)]
        struct Welcome<'a> {
            sid: &'a str,
            pid: Option<&'a str>,
        }
        let welcome = serde_json::from_str::<Welcome<'_>>(payload).ok();
        if let Some((id, welcome)) = welcome.and_then(|welcome| Some((Id::parse(welcome.sid)?, welcome))) {
            self.recovers.set(welcome.pid.is_some());
            *self.phase.borrow_mut() = Phase::Joined(SocketId(id));
        }
    }

    pub(super) fn refused(&self, payload: &str) {
        *self.phase.borrow_mut() = Phase::Refused(Refused::read(payload));
    }

    /// Whether it was let in, once that is known.
    pub(super) fn verdict(&self) -> Option<Result<(), Refused>> {
        match &*self.phase.borrow() {
            Phase::Asking => None,
            Phase::Joined(_) => Some(Ok(())),
            Phase::Refused(refused) => Some(Err(refused.clone())),
            Phase::Left(left) => Some(Err(Refused::closed(*left))),
        }
    }

    pub(super) fn heard(&self, event: Event) {
        self.asked.borrow_mut().extend(event.id());
        let numbered = self.recovers.get() && event.id().is_none();
        self.inbox.borrow_mut().push_back(if numbered { without_offset(event) } else { event });
    }

    pub(super) fn answered(&self, ack: Ack) {
        self.answers.borrow_mut().insert(ack.id(), ack);
    }

    pub(super) fn leave(&self, how: Left) {
        let mut phase = self.phase.borrow_mut();
        if matches!(*phase, Phase::Asking | Phase::Joined(_)) {
            *phase = Phase::Left(how);
            self.asked.borrow_mut().clear();
        }
    }

    pub(super) fn left(&self) -> Option<Left> {
        if let Phase::Left(left) = *self.phase.borrow() { Some(left) } else { None }
    }

    /// Whether the server waits for an answer.
    pub(super) fn is_asked(&self) -> bool {
        !self.asked.borrow().is_empty()
    }

    // ---- what the client says ------------------------------------------------------------------------------

    pub(super) fn send(&self, packet: &str) {
        self.connection.send(packet, &[]);
    }

    /// Sends an event; with an id, an acknowledgement is asked for.
    pub(super) fn emit(
        &self,
        event: &str,
        id: Option<u64>,
        args: &impl Serialize,
    ) -> Result<(), EncodeError> {
        self.connection.send_frame(&client_event_frame(&self.namespace, id, event, args)?);
        Ok(())
    }

    pub(super) fn new_id(&self) -> u64 {
        self.next_id.replace(self.next_id.get() + 1)
    }

    /// Answers a question of the server.
    pub(super) fn answer(&self, id: u64, args: &impl Serialize) -> Result<(), EncodeError> {
        self.asked.borrow_mut().remove(&id);
        self.connection.send_frame(&ack_frame(&self.namespace, id, args)?);
        Ok(())
    }

    // ---- waiting -------------------------------------------------------------------------------------------

    pub(super) fn take_answer(&self, id: u64) -> Option<Ack> {
        self.answers.borrow_mut().remove(&id)
    }

    /// The first event that fits, now or as soon as it comes. The others stay.
    pub(super) fn take(
        self: &Rc<Self>,
        at: &'static Location<'static>,
        what: String,
        fits: impl Fn(&Event) -> bool,
    ) -> impl Future<Output = Event> {
        let socket = self.clone();
        async move {
            let look = || {
                let mut inbox = socket.inbox.borrow_mut();
                let found = inbox.iter().position(&fits).and_then(|place| inbox.remove(place));
                found.map(Ok).or_else(|| socket.left().map(Err))
            };
            match socket.connection.until(look).await {
                Some(Ok(event)) => event,
                Some(Err(left)) => {
                    socket.fail(at, &format!("{what} did not come before the client left ({left})"))
                }
                None => socket.fail(at, &socket.connection.in_time(&format!("{what} did not come"))),
            }
        }
    }

    /// What came and was not taken.
    pub(super) fn untaken(&self) -> Vec<String> {
        self.inbox.borrow().iter().map(|event| format!("{} [{}]", event.name(), event.args())).collect()
    }

    /// Whether an event of this name came and was not taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.inbox.borrow().iter().any(|event| event.name() == name)
    }

    pub(super) fn forget(&self) {
        self.inbox.borrow_mut().clear();
    }

    pub(super) fn fail(&self, at: &Location<'_>, what: &str) -> ! {
        let mut what = format!("{}: {what}", self.namespace);
        for event in self.untaken() {
            let _ = write!(what, "\n  came and was not taken: {event}");
        }
        self.connection.fail(at, &what)
    }
}

/// The event as the server sent it, without the argument by which a client tells where it is.
fn without_offset(event: Event) -> Event {
    let args = event.args();
    let offset = BLANK_OFFSET.len() - 1;
    let kept = args.get(..args.len().saturating_sub(offset)).unwrap_or_default().trim_end_matches(',');
    event.rewritten(event.name(), kept, event.attachments().to_vec()).unwrap_or(event)
}
