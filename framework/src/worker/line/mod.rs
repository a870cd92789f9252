//! The worker's side of one Engine.IO session: its state machine, its outbox, and where that drains to.
//!
//! A line lives on the worker that opened it, for good, whatever worker its requests land on. Nothing here runs user code: endings are told to
//! the connection actor as messages.

mod address;
mod ending;
mod owner;
mod rare;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_core::stream::LocalBoxStream;
use smallvec::SmallVec;
use tokio::sync::oneshot;

pub(crate) use address::LineAddress;
use owner::Owner;
use rare::{Arrivals, Rarely};

use super::frame::Frame;
use super::link::{Link, LinkOut, Role};
use super::outbox::{Offer, Outbox};
use super::timers::Tick;
use super::wire::Wire;
use super::{HubInner, LinkOutput, Signal};
use crate::engine::CloseReason;
use crate::engine::session::{Due, Misuse, Session, TransportKind};
use crate::id::SessionId;
use crate::protocol::engine::Packet;
use crate::seldom::lend;

/// How long what was received of a WebSocket that is gone may wait for its handlers.
pub(super) const LAST_BYTES: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
enum Sink {
    #[default]
    Nobody,
    Poll(oneshot::Sender<Vec<u8>>),
    Link(Link),
}

/// Incoming bytes of a WebSocket; an error is the end of the connection.
pub(crate) type ByteStream = LocalBoxStream<'static, Result<Bytes, ()>>;

/// See the module.
pub(crate) struct Line {
    pub(crate) slot: u32,
    pub(crate) sid: SessionId,
    pub(crate) engine: RefCell<Session>,
    outbox: RefCell<Outbox>,
    sink: RefCell<Sink>,
    rare: Rarely,
    owner: Owner,
    /// False while the client is held back because its events wait.
    pub(crate) reading: Cell<bool>,
    /// Whatever one more packet brings, the client need not be held back for it.
    pub(crate) at_rest: Cell<bool>,
    /// The connection actor has finished with this line.
    released: Cell<bool>,
    pub(crate) armed: Cell<Option<Tick>>,
    pub(crate) dirty: Cell<bool>,
    /// The client's connection is on another worker.
    pub(crate) is_far: Cell<bool>,
    /// What the layer above keeps with the session.
    attached: Cell<SmallVec<[Rc<dyn Any>; 1]>>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("slot", &self.slot).field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Line {
    pub(crate) fn new(slot: u32, sid: SessionId, engine: Session, connect_by: Option<Instant>) -> Rc<Self> {
        let rare = Rarely::default();
        if connect_by.is_some() {
            rare.put(|rare| rare.connect_by = connect_by);
        }
        Rc::new(Self {
            slot,
            sid,
            engine: RefCell::new(engine),
            outbox: RefCell::default(),
            sink: RefCell::default(),
            rare,
            owner: Owner::default(),
            reading: Cell::new(true),
            at_rest: Cell::new(false),
            released: Cell::new(false),
            armed: Cell::new(None),
            dirty: Cell::new(false),
            is_far: Cell::new(false),
            attached: Cell::default(),
        })
    }

    /// The layer above keeps something with the session, and has to let go of it: it may know the line itself.
    pub(crate) fn attach(&self, what: Rc<dyn Any>) {
        lend(&self.attached, |all| all.push(what));
    }

    pub(crate) fn detach<T>(&self, what: &Rc<T>) {
        let is_it = |other: &Rc<dyn Any>| std::ptr::addr_eq(Rc::as_ptr(other), Rc::as_ptr(what));
        // The caller still holds it, so no value of the app's is dropped while the list is lent.
        lend(&self.attached, |all| all.retain(|other| !is_it(other)));
    }

    pub(crate) fn detach_all(&self) {
        drop(self.attached.take());
    }

    /// All of this type that the layer above keeps here, in the order in which it came.
    pub(crate) fn attached<T: 'static>(&self) -> SmallVec<[Rc<T>; 1]> {
        lend(&self.attached, |all| all.iter().filter_map(|what| what.clone().downcast().ok()).collect())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.engine.borrow().is_closed()
    }

    pub(crate) fn transport(&self) -> Option<TransportKind> {
        self.engine.borrow().transport()
    }

    // ---- sending -------------------------------------------------------------------------------------------

    /// Queues a frame. False when it was dropped: the session has ended, or the frame is volatile and the client busy.
    pub(crate) fn offer(self: &Rc<Self>, hub: &HubInner, frame: Frame, volatile: bool) -> bool {
        if self.is_closed() || (volatile && !self.is_writable()) {
            return false;
        }
        let offer = self.outbox.borrow_mut().offer(frame, &hub.settings.outbox);
        match offer {
            Offer::Taken => self.nudge(hub),
            Offer::Full => {
                crate::trace::too_slow(self.outbox.borrow().bytes());
                hub.close(self, CloseReason::TooSlow);
                return false;
            }
        }
        true
    }

    /// Queues what a client has missed.
    pub(crate) fn replay(self: &Rc<Self>, hub: &HubInner, missed: impl IntoIterator<Item = Frame>) {
        if !self.is_closed() {
            self.outbox.borrow_mut().replay(missed);
            self.nudge(hub);
        }
    }

    /// Whether something sent now would leave at once: a poll waits, or the WebSocket has taken all before.
    pub(crate) fn is_writable(&self) -> bool {
        !matches!(*self.sink.borrow(), Sink::Nobody) && self.outbox.borrow().is_empty()
    }

    /// Bytes and packets that wait.
    pub(crate) fn backlog(&self) -> (usize, usize) {
        let outbox = self.outbox.borrow();
        (outbox.bytes(), outbox.packets())
    }

    /// Resolves when the outbox is empty, or drops the sender when the session ends.
    pub(crate) fn when_drained(&self) -> Option<oneshot::Receiver<()>> {
        if self.outbox.borrow().is_empty() {
            return None;
        }
        let (tx, rx) = oneshot::channel();
        self.rare.put(|rare| rare.drained.push(tx));
        Some(rx)
    }

    fn nudge(self: &Rc<Self>, hub: &HubInner) {
        match &*self.sink.borrow() {
            Sink::Nobody => {}
            Sink::Link(Link { out: LinkOut::Local(wire), .. }) => wire.wake(),
            Sink::Poll(_) | Sink::Link(_) => hub.mark_dirty(self),
        }
    }

    pub(crate) fn has_waiting(&self) -> bool {
        !self.outbox.borrow().is_empty()
    }

    pub(crate) fn take_for_wire(&self) -> Option<Bytes> {
        let frame = self.outbox.borrow_mut().take();
        if frame.is_none() {
            self.report_drained();
        }
        frame.map(Frame::into_wire)
    }

    fn report_drained(&self) {
        for waiter in self.rare.take(|rare| std::mem::take(&mut rare.drained)) {
            let _ = waiter.send(());
        }
    }

    /// Moves what waits to the poll or the other worker's WebSocket. A local WebSocket helps itself.
    pub(crate) fn flush(self: &Rc<Self>, hub: &HubInner) {
        self.dirty.set(false);
        let mut sink = self.sink.borrow_mut();
        match &*sink {
            Sink::Nobody | Sink::Link(Link { out: LinkOut::Local(_), .. }) => {}
            Sink::Poll(_) => {
                if self.outbox.borrow().is_empty() {
                    return;
                }
                let body = self.poll_body(hub.settings.max_payload);
                self.answer_poll(&mut sink, body);
            }
            Sink::Link(link @ Link { out: LinkOut::Remote { credit, .. }, .. }) => {
                let mut frames = Vec::new();
                let mut left = credit.get();
                while left > 0 {
                    let Some(frame) = self.outbox.borrow_mut().take() else { break };
                    left = left.saturating_sub(frame.len());
                    frames.push(frame);
                }
                credit.set(left);
                if !frames.is_empty() {
                    link.tell(hub, LinkOutput::Frames(frames));
                }
                if self.outbox.borrow().is_empty() {
                    self.report_drained();
                }
            }
        }
    }

    /// Whole packets up to `limit` bytes, one at least.
    fn poll_body(&self, limit: usize) -> Vec<u8> {
        let mut outbox = self.outbox.borrow_mut();
        let mut body = Vec::new();
        while let Some(next) = outbox.peek() {
            if !body.is_empty() && body.len() + next.polling_len() > limit {
                break;
            }
            if let Some(frame) = outbox.take() {
                frame.put_polling(&mut body);
            }
        }
        if outbox.is_empty() {
            drop(outbox);
            self.report_drained();
        }
        body
    }

    fn answer_poll(&self, sink: &mut Sink, body: Vec<u8>) {
        if let Sink::Poll(reply) = std::mem::take(sink) {
            self.engine.borrow_mut().poll_ends();
            // A poll whose client went away is reported by its guard: the session ends there.
            let _ = reply.send(body);
        }
    }

    // ---- polling -------------------------------------------------------------------------------------------

    /// A GET arrived. The receiver gives the body; it is dropped when the session ends without one.
    pub(crate) fn poll(self: &Rc<Self>, hub: &HubInner) -> Result<oneshot::Receiver<Vec<u8>>, Misuse> {
        let (tx, rx) = oneshot::channel();
        if let Some(body) = self.last_words(hub) {
            let _ = tx.send(body);
            return Ok(rx);
        }
        let begun = self.engine.borrow_mut().poll_begins(Instant::now());
        if let Err(misuse) = begun {
            if misuse == Misuse::Overlap {
                hub.close(self, CloseReason::TransportError);
            }
            return Err(misuse);
        }
        *self.sink.borrow_mut() = Sink::Poll(tx);
        hub.send_batches();
        self.flush(hub);
        hub.arm_slot(self);
        Ok(rx)
    }

    /// A POST arrived. The receiver hears when its packets were taken, and when the session ends before.
    pub(crate) fn post(&self) -> Result<oneshot::Receiver<()>, Misuse> {
        self.engine.borrow_mut().post_begins(Instant::now())?;
        let (tx, rx) = oneshot::channel();
        self.rare.put(|rare| rare.post = Some(tx));
        Ok(rx)
    }

    /// A POST was read. One packet of a session at rest is as good as taken: the answer need not wait until the actor has had its turn.
    /// `to_the_end`: the session ends behind the packets, so they are handled first.
    pub(crate) fn post_read(&self, packets: Vec<Packet>, to_the_end: bool) {
        let Some(reply) = self.rare.take(|rare| rare.post.take()) else { return };
        if packets.len() == 1 && !to_the_end && self.at_rest.replace(false) {
            self.post_taken(reply);
            self.signal(Signal::Post(packets, None));
        } else {
            self.signal(Signal::Post(packets, Some(reply)));
        }
    }

    /// Said here, not where the POST landed: the client's next one may reach another worker before word from there does.
    pub(crate) fn post_taken(&self, reply: oneshot::Sender<()>) {
        self.engine.borrow_mut().post_ends();
        let _ = reply.send(());
    }

    // ---- WebSockets ----------------------------------------------------------------------------------------

    pub(crate) fn arrive(&self, wire: Rc<Wire>, bytes: ByteStream) {
        self.rare.put(|rare| rare.arrivals.push((wire, bytes)));
        self.signal(Signal::Arrival);
    }

    pub(crate) fn take_arrivals(&self) -> Arrivals {
        self.rare.take(|rare| std::mem::take(&mut rare.arrivals))
    }

    /// The session runs over this WebSocket from its start.
    pub(crate) fn open_over(self: &Rc<Self>, link: Link) {
        self.switch_to(link);
    }

    fn switch_to(self: &Rc<Self>, link: Link) {
        let local = match &link.out {
            LinkOut::Local(wire) => Some(wire.clone()),
            LinkOut::Remote { .. } => None,
        };
        *self.sink.borrow_mut() = Sink::Link(link);
        if let Some(wire) = local {
            wire.attach();
        }
    }

    pub(crate) fn probe_with(&self, now: Instant, link: Link) -> Result<(), (Misuse, Link)> {
        if let Err(misuse) = self.engine.borrow_mut().probe_begins(now) {
            return Err((misuse, link));
        }
        self.rare.put(|rare| rare.probe = Some(link));
        Ok(())
    }

    pub(crate) fn role_of(&self, link: u32) -> Role {
        if matches!(&*self.sink.borrow(), Sink::Link(main) if main.id == link) {
            Role::Main
        } else if self.rare.look(|rare| rare.probe.as_ref().is_some_and(|probe| probe.id == link)) {
            Role::Probe
        } else {
            Role::Stranger
        }
    }

    pub(crate) fn answer_probe(self: &Rc<Self>, hub: &HubInner) {
        self.rare.look(|rare| {
            if let Some(link) = &rare.probe {
                link.control(hub, Frame::control("3probe").into_wire());
            }
        });
        hub.arm_slot(self);
    }

    /// The probing WebSocket carries the session from now on; what waits leaves over it, in order. A poll that is refused gets
    /// no answer from here.
    pub(crate) fn switch(self: &Rc<Self>, hub: &HubInner, refuses_poll: bool) {
        if !refuses_poll {
            self.answer_poll(&mut self.sink.borrow_mut(), b"6".to_vec());
        }
        if let Some(link) = self.rare.take(|rare| rare.probe.take()) {
            self.switch_to(link);
        }
        self.flush(hub);
    }

    pub(crate) fn drop_probe(&self, hub: &HubInner) {
        if let Some(link) = self.rare.take(|rare| rare.probe.take()) {
            link.close(hub, None);
        }
        self.engine.borrow_mut().probe_ends();
    }

    /// Asks the client for a sign of life. The receiver resolves with its pong, and fails when the session ends.
    pub(crate) fn ask(self: &Rc<Self>, hub: &HubInner) -> oneshot::Receiver<()> {
        let (tx, rx) = oneshot::channel();
        if !self.is_closed() {
            self.rare.put(|rare| rare.asked.push(tx));
            self.engine.borrow_mut().asks();
            self.ping(hub);
        }
        rx
    }

    /// A pong came.
    pub(crate) fn ponged(&self) {
        for asker in self.rare.take(|rare| std::mem::take(&mut rare.asked)) {
            let _ = asker.send(());
        }
    }

    fn ping(self: &Rc<Self>, hub: &HubInner) {
        // One ping waits at most, but for those of newcomers, who are few; and it is never the reason to call a client too slow.
        {
            let mut outbox = self.outbox.borrow_mut();
            outbox.offer(Frame::ping(), &hub.settings.unbounded());
            outbox.rests();
        }
        self.nudge(hub);
    }

    pub(crate) fn add_credit(self: &Rc<Self>, hub: &HubInner, link: u32, bytes: usize) {
        if let Sink::Link(Link { id, out: LinkOut::Remote { credit, .. } }) = &*self.sink.borrow()
            && *id == link
        {
            credit.set(credit.get() + bytes);
        }
        self.flush(hub);
    }

    // ---- deadlines -----------------------------------------------------------------------------------------

    pub(crate) fn joined(&self) {
        self.rare.take(|rare| rare.connect_by = None);
    }

    /// Set while something is partly received.
    pub(crate) fn unfinished(&self, hub: &HubInner, by: Option<Instant>) {
        let was = self.rare.look(|rare| rare.unfinished_by.is_some());
        match by {
            Some(_) if !was => {
                self.rare.put(|rare| rare.unfinished_by = by);
                hub.arm_slot(self);
            }
            None if was => self.rare.take(|rare| rare.unfinished_by = None),
            Some(_) | None => {}
        }
    }

    /// Nothing can be sent any more. The session ends with the last byte received, or soon.
    pub(crate) fn lost(&self, hub: &HubInner) {
        let by = Instant::now() + LAST_BYTES;
        self.rare.put(|rare| rare.gone_by = Some(by));
        hub.arm_slot(self);
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let engine = self.engine.borrow().deadline();
        let closed = self.is_closed();
        let rare = self.rare.look(|rare| {
            let open = [rare.connect_by, rare.unfinished_by, rare.gone_by];
            let open = open.into_iter().filter(|_| !closed);
            open.chain([rare.last_poll_by]).flatten().min()
        });
        [engine, rare].into_iter().flatten().min()
    }

    pub(crate) fn on_deadline(self: &Rc<Self>, hub: &HubInner, now: Instant) {
        let past = |by: Option<Instant>| by.is_some_and(|by| by <= now);
        if self.rare.look(|rare| past(rare.last_poll_by)) {
            self.rare.take(|rare| rare.last_poll_by = None);
            self.drop_probe(hub);
            hub.forget(self);
            return;
        }
        if self.rare.look(|rare| past(rare.connect_by)) {
            // From afar only this namespace is served here.
            let far = self.is_far.get();
            hub.close(self, if far { CloseReason::TransportClose } else { CloseReason::ForcedServerClose });
            return;
        }
        if self.rare.look(|rare| past(rare.gone_by)) {
            hub.close(self, CloseReason::TransportClose);
            return;
        }
        if self.rare.look(|rare| past(rare.unfinished_by)) {
            hub.close(self, CloseReason::ForcedClose);
            return;
        }
        let due = self.engine.borrow_mut().due(now, self.reading.get());
        match due {
            Due::Ping => self.ping(hub),
            Due::DropProbe => self.drop_probe(hub),
            Due::ReleasePoll => self.answer_poll(&mut self.sink.borrow_mut(), b"6".to_vec()),
            Due::Close(reason) => hub.close(self, reason),
            Due::Nothing => {}
        }
    }
}
