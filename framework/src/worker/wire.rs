//! The outgoing half of one WebSocket on this worker: the response body reads it, or the hub does.
//!
//! Control frames go first, then what the session's outbox (or, for a session that lives on another worker, the
//! link's queue) holds, then the close frame, then the end. The body is polled only while the socket takes bytes, so
//! a client that stops reading leaves everything here, where it is bounded. Where the socket is at hand there is no body: the
//! hub writes to it, see [`Direct`].

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::Sleep;

use super::direct::{self, Direct};
use super::line::Line;
use super::{HubInner, LinkInput, Op};

/// Where the session of a WebSocket lives.
#[derive(Clone, Debug)]
pub(crate) enum Home {
    Here(Rc<Line>),
    There { worker: u16, slot: u32 },
}

#[derive(Debug)]
enum Feed {
    /// Probing: the session still answers polls.
    Nothing,
    /// The outbox of a session on this worker.
    Outbox,
    /// Frames sent over by the session's worker. Boxed, as every connection has the place and hardly one has the queue.
    Queue(Box<Queue>),
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    /// Bytes taken from it and not yet reported to the session's worker.
    spent: usize,
}

/// Frames that the feed does not have. Mostly there are none.
#[derive(Debug, Default)]
struct Control {
    frames: VecDeque<Bytes>,
    pong: Option<Bytes>,
    closing: Option<Bytes>,
    /// Before the close frame.
    pause: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    NotYet,
    /// The close frame was taken.
    Said,
    /// The peer is gone, or nobody takes anything any more.
    Cut,
}

#[derive(Debug)]
struct State {
    control: Option<Box<Control>>,
    feed: Feed,
    waker: Option<Waker>,
}

impl State {
    fn is_closing(&self) -> bool {
        self.control.as_ref().is_some_and(|control| control.closing.is_some())
    }

    /// The next control frame, but for the close frame.
    fn control(&mut self) -> Option<Bytes> {
        let control = self.control.as_mut()?;
        let frame = control.frames.pop_front().or_else(|| control.pong.take());
        if control.frames.is_empty() && control.pong.is_none() && control.closing.is_none() {
            self.control = None;
        }
        frame
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Wire {
    hub: Weak<HubInner>,
    home: Home,
    link: u32,
    state: RefCell<State>,
    /// With `HttpServer` there is none.
    direct: OnceCell<Box<Direct>>,
    end: Cell<End>,
    /// A frame was taken since the body last waited.
    busy: Cell<bool>,
    /// The hub will look at it: see [`HubInner::answer_first`].
    dirty: Cell<bool>,
}

/// How many bytes a session may have on the way to a WebSocket of another worker.
pub(crate) const LINK_WINDOW: usize = 256 * 1024;

/// Between the last frame and the close frame. The official client under Node handles packets one tick after they
/// came, but a close at once: read together, the packet (its `disconnect`, say) would be lost.
const LAST_WORDS: Duration = Duration::from_millis(10);

impl Wire {
    pub(crate) fn new(hub: &Rc<HubInner>, home: Home, link: u32) -> Rc<Self> {
        let feed = match home {
            Home::Here(_) => Feed::Nothing,
            Home::There { .. } => Feed::Queue(Box::default()),
        };
        Rc::new(Self {
            hub: Rc::downgrade(hub),
            home,
            link,
            state: RefCell::new(State { control: None, feed, waker: None }),
            direct: OnceCell::new(),
            end: Cell::new(End::NotYet),
            busy: Cell::new(false),
            dirty: Cell::new(false),
        })
    }

    pub(crate) fn body(self: &Rc<Self>) -> WireBody {
        if let Some(hub) = self.hub.upgrade() {
            hub.body_began();
        }
        WireBody(self.clone())
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Whether this is the WebSocket with this number of that worker's session.
    pub(super) fn is(&self, (from, link): (u16, u32)) -> bool {
        self.link == link && matches!(self.home, Home::There { worker, .. } if worker == from)
    }

    pub(crate) fn link(&self) -> u32 {
        self.link
    }

    /// The session's outbox is read from now on.
    pub(crate) fn attach(self: &Rc<Self>) {
        self.state.borrow_mut().feed = Feed::Outbox;
        self.wake();
    }

    pub(crate) fn control(self: &Rc<Self>, frame: Bytes) {
        self.state.borrow_mut().control.get_or_insert_default().frames.push_back(frame);
        self.wake();
    }

    /// One pong at most waits: RFC 6455, 5.5.3 allows answering the latest ping only.
    pub(crate) fn pong(self: &Rc<Self>, frame: Bytes) {
        self.state.borrow_mut().control.get_or_insert_default().pong = Some(frame);
        self.wake();
    }

    pub(crate) fn queue(self: &Rc<Self>, frames: impl Iterator<Item = Bytes>) {
        if let Feed::Queue(queue) = &mut self.state.borrow_mut().feed {
            queue.frames.extend(frames);
        }
        self.wake();
    }

    /// Ends the WebSocket with `frame` once everything before it was taken. The first call counts.
    pub(crate) fn close(self: &Rc<Self>, frame: Bytes) {
        if !self.is_over() {
            self.state.borrow_mut().control.get_or_insert_default().closing.get_or_insert(frame);
        }
        self.wake();
    }

    /// Ends the WebSocket without a word: the peer is gone.
    pub(crate) fn cut(self: &Rc<Self>) {
        self.end.set(End::Cut);
        self.wake();
    }

    /// Something may have to leave: at the end of the turn or, if the client only listens, after the runtime's next look, together with what else there
    /// is for it by then.
    pub(crate) fn wake(self: &Rc<Self>) {
        if self.direct.get().is_some_and(|direct| direct.is_driven()) {
            return self.wake_now();
        }
        if !self.dirty.replace(true) {
            match self.hub.upgrade() {
                Some(hub) => hub.mark_unwritten(self),
                None => self.wake_now(),
            }
        }
    }

    /// The client has been listened to: what it waits for leaves first.
    pub(crate) fn listened(self: &Rc<Self>) {
        if self.dirty.get()
            && let Some(hub) = self.hub.upgrade()
        {
            hub.answer_first(self);
        }
    }

    /// The turn ends. Nothing to do for one that was written to already.
    pub(super) fn turn_ends(self: &Rc<Self>) {
        if !self.dirty.replace(false) {
            return;
        }
        match self.direct.get() {
            Some(direct) if !direct.is_driven() => direct::write_out(self),
            _ => self.wake_now(),
        }
    }

    /// Whoever takes the frames goes on.
    fn wake_now(&self) {
        let waker = self.state.borrow_mut().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Writes go to this socket from now on, instead of to a body; `first` before everything else.
    pub(crate) fn write_to(self: &Rc<Self>, socket: OwnedWriteHalf, first: Bytes) {
        if let Some(hub) = self.hub.upgrade() {
            hub.body_began();
        }
        let _ = self.direct.set(Box::new(Direct::new(socket, first)));
        self.wake();
    }

    /// There is no body: the hub writes.
    pub(crate) fn is_direct(&self) -> bool {
        self.direct.get().is_some()
    }

    pub(super) fn direct(&self) -> Option<&Direct> {
        self.direct.get().map(|direct| &**direct)
    }

    /// A frame that can leave now.
    pub(super) fn next_frame(&self) -> Option<Bytes> {
        let frame = if self.is_over() { None } else { self.next() }?;
        self.busy.set(true);
        self.report_spent();
        Some(frame)
    }

    /// Whether there is a frame of the feed. Asked after each write, so it is cheap.
    fn has_more(&self) -> bool {
        match (&self.state.borrow().feed, &self.home) {
            (Feed::Outbox, Home::Here(line)) => line.has_waiting(),
            (Feed::Queue(queue), _) => !queue.frames.is_empty(),
            (Feed::Nothing | Feed::Outbox, _) => false,
        }
    }

    /// All that could leave has left.
    pub(super) fn rests(&self) {
        self.busy.set(false);
    }

    /// No further frame leaves.
    pub(super) fn is_over(&self) -> bool {
        self.end.get() != End::NotYet
    }

    pub(super) fn is_cut(&self) -> bool {
        self.end.get() == End::Cut
    }

    /// Behind what waits comes the close frame.
    pub(super) fn is_closing(&self) -> bool {
        self.state.borrow().is_closing()
    }

    /// Woken when there is something to send, or the end has come.
    pub(super) fn wake_later(&self, waker: &Waker) {
        match &mut self.state.borrow_mut().waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    fn next(&self) -> Option<Bytes> {
        let mut state = self.state.borrow_mut();
        if let Some(frame) = state.control() {
            return Some(frame);
        }
        match &mut state.feed {
            Feed::Nothing => {}
            Feed::Outbox => {
                drop(state);
                let Home::Here(line) = &self.home else { return None };
                return line.take_for_wire();
            }
            Feed::Queue(queue) => {
                let frame = queue.frames.pop_front()?;
                queue.spent += frame.len();
                return Some(frame);
            }
        }
        None
    }

    /// Bytes leave within a turn: what it has for other workers so far goes ahead of them.
    pub(super) fn others_first(&self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.send_batches();
        }
    }

    /// Returns the window to the session's worker, in large steps.
    fn report_spent(&self) {
        let spent = match &mut self.state.borrow_mut().feed {
            Feed::Queue(queue) if queue.spent >= LINK_WINDOW / 2 => std::mem::take(&mut queue.spent),
            _ => return,
        };
        if let (Home::There { worker, slot }, Some(hub)) = (&self.home, self.hub.upgrade()) {
            hub.post(*worker, Op::LinkIn { slot: *slot, link: self.link, input: LinkInput::Credit(spent) });
        }
    }

    /// The next frame, and the end behind the close frame.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.is_over() {
            return Poll::Ready(None);
        }
        if let Some(frame) = self.next_frame() {
            self.others_first();
            return Poll::Ready(Some(frame));
        }
        let was_busy = self.busy.take();
        let mut state = self.state.borrow_mut();
        if let Some(control) = &mut state.control
            && control.closing.is_some()
        {
            if was_busy {
                control.pause = Some(Box::pin(tokio::time::sleep(LAST_WORDS)));
            }
            if let Some(pause) = &mut control.pause
                && pause.as_mut().poll(cx).is_pending()
            {
                return Poll::Pending;
            }
            self.end.set(End::Said);
            return Poll::Ready(state.control.take().and_then(|control| control.closing));
        }
        drop(state);
        self.wake_later(cx.waker());
        Poll::Pending
    }

    /// The TCP connection is gone, or the body ended. The session ends when the reader comes to the end of what was received:
    /// what a client sent right before it left is not lost.
    pub(super) fn gone(&self) {
        self.end.set(End::Cut);
        if let Some(hub) = self.hub.upgrade() {
            hub.link_gone(&self.home, self.link);
            hub.body_ended();
        }
    }
}

/// The response body of a WebSocket.
#[derive(Debug)]
pub(crate) struct WireBody(Rc<Wire>);

impl WireBody {
    /// A frame that could leave right behind what was taken last.
    pub(crate) fn take_more(&mut self) -> Option<Bytes> {
        if self.0.has_more() { self.0.next_frame() } else { None }
    }
}

impl Stream for WireBody {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(cx).map(|frame| frame.map(Ok))
    }
}

impl Drop for WireBody {
    fn drop(&mut self) {
        self.0.gone();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::config::Options;
    use crate::engine::session::TransportKind;
    use crate::worker::Fleet;

    const LAST: &[u8] = b"last";
    const CLOSE: &[u8] = b"close";

    fn wire() -> (Rc<HubInner>, Rc<Wire>) {
        let fleet = Arc::new(Fleet::new(1, Options::new().settings()));
        let hub = HubInner::start(&fleet, Box::new(|_, _| {})).expect("a berth");
        let line = hub.open(TransportKind::WebSocket, Instant::now()).expect("room");
        let wire = Wire::new(&hub, Home::Here(line), 1);
        (hub, wire)
    }

    fn now(wire: &Wire) -> Poll<Option<Bytes>> {
        wire.poll_next(&mut Context::from_waker(Waker::noop()))
    }

    #[actix_rt::test]
    async fn a_close_frame_comes_some_time_after_the_last_frame() {
        let (_hub, wire) = wire();
        wire.control(Bytes::from_static(LAST));
        wire.close(Bytes::from_static(CLOSE));
        assert_eq!(now(&wire), Poll::Ready(Some(Bytes::from_static(LAST))));
        let since = Instant::now();
        assert!(now(&wire).is_pending());
        assert_eq!(poll_fn(|cx| wire.poll_next(cx)).await.as_deref(), Some(CLOSE));
        assert!(since.elapsed() >= LAST_WORDS);
        assert_eq!(now(&wire), Poll::Ready(None));
    }

    #[actix_rt::test]
    async fn a_close_frame_with_nothing_before_it_comes_at_once() {
        let (_hub, wire) = wire();
        wire.control(Bytes::from_static(LAST));
        assert_eq!(now(&wire), Poll::Ready(Some(Bytes::from_static(LAST))));
        assert!(now(&wire).is_pending(), "the last frame has left");
        wire.close(Bytes::from_static(CLOSE));
        assert_eq!(now(&wire), Poll::Ready(Some(Bytes::from_static(CLOSE))));
    }
}
