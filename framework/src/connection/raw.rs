//! An app's own protocol on top of a session.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use actix::Context;

use super::{App, Connection, Done};
use crate::engine::CloseReason;
use crate::event::{guarded, guarded_task};
use crate::protocol::engine::Packet;
use crate::server::raw::{Message, Session};
use crate::socket::{Request, Task};
use crate::worker::{HubInner, Line};

type OnMessage = Box<dyn FnMut(Session, Message) -> Option<Task> + Send>;
type OnClose = Box<dyn FnMut(Session, CloseReason) -> Option<Task> + Send>;

/// A session's closures; kept by its line so that handles find them.
#[derive(Default)]
pub(crate) struct RawCell {
    pub(crate) on_message: RefCell<Option<OnMessage>>,
    pub(crate) on_close: RefCell<Option<OnClose>>,
}

/// See the module.
pub(crate) struct RawApp {
    welcome: Arc<dyn Fn(Session) + Send + Sync>,
    session: Session,
    cell: Rc<RawCell>,
    queue: VecDeque<Message>,
    bytes: usize,
    /// A closure is at work; what follows waits.
    busy: bool,
    /// The session has ended for this reason; `on_close` is told behind the messages that came before.
    closing: Option<CloseReason>,
    max_waiting: usize,
}

impl RawApp {
    pub(super) fn new(
        welcome: Arc<dyn Fn(Session) + Send + Sync>,
        hub: &Rc<HubInner>,
        line: &Rc<Line>,
        request: Arc<Request>,
        max_waiting: usize,
    ) -> Self {
        let cell = Rc::<RawCell>::default();
        line.attach(cell.clone());
        line.joined();
        let session = Session::new(hub, line, request);
        let queue = VecDeque::new();
        Self { welcome, session, cell, queue, bytes: 0, busy: false, closing: None, max_waiting }
    }

    pub(super) fn is_full(&self, hub: &HubInner) -> bool {
        self.queue.len() >= self.max_waiting || self.bytes >= hub.settings.max_payload
    }

    pub(super) fn request(&self) -> &Request {
        self.session.request()
    }

    pub(super) fn is_done(&self) -> bool {
        !self.busy && self.queue.is_empty() && self.closing.is_none()
    }
}

fn len(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(data) => data.len(),
    }
}

impl Connection {
    fn raw_app(&mut self) -> Option<&mut RawApp> {
        match &mut self.app {
            App::Raw(raw) => Some(raw),
            App::SocketIo(_) => None,
        }
    }

    pub(super) fn raw_started(&mut self, _: &mut Context<Self>) {
        let Some(raw) = self.raw_app() else { return };
        let (welcome, session) = (raw.welcome.clone(), raw.session.clone());
        if guarded(|| welcome(session)).is_none() {
            self.raw_panicked();
        }
    }

    fn raw_panicked(&self) {
        crate::trace::session_handler_panicked();
        self.hub.close(&self.line, CloseReason::ForcedClose);
    }

    pub(super) fn raw(&mut self, packet: Packet, ctx: &mut Context<Self>) {
        let Some(raw) = self.raw_app() else { return };
        let message = match packet {
            Packet::Message(text) => Message::Text(text),
            Packet::Binary(data) => Message::Binary(data),
            _ => return,
        };
        raw.bytes += len(&message);
        raw.queue.push_back(message);
        self.raw_next(ctx);
    }

    fn raw_next(&mut self, ctx: &mut Context<Self>) {
        loop {
            let Some(raw) = self.raw_app() else { return };
            if raw.busy {
                return;
            }
            let (cell, session) = (raw.cell.clone(), raw.session.clone());
            let outcome = if let Some(message) = raw.queue.pop_front() {
                raw.bytes = raw.bytes.saturating_sub(len(&message));
                guarded(|| {
                    // Taken out while it runs, so that it may replace itself.
                    let mut handler = cell.on_message.take()?;
                    let task = handler(session, message);
                    cell.on_message.borrow_mut().get_or_insert(handler);
                    task
                })
            } else if let Some(reason) = raw.closing.take() {
                guarded(|| cell.on_close.take().and_then(|mut hook| hook(session, reason)))
            } else {
                return;
            };
            match outcome {
                None => self.raw_panicked(),
                Some(None) => {}
                Some(Some(task)) => {
                    raw.busy = true;
                    self.raw_work(task, ctx);
                }
            }
        }
    }

    fn raw_work(&mut self, task: Task, ctx: &mut Context<Self>) {
        let done = self.try_now(async move { Done::Raw { fine: guarded_task(task).await } }, ctx);
        if let Some(Done::Raw { fine }) = done {
            self.raw_ended(fine);
        }
    }

    fn raw_ended(&mut self, fine: bool) {
        if let Some(raw) = self.raw_app() {
            raw.busy = false;
        }
        if !fine {
            self.raw_panicked();
        }
    }

    pub(super) fn raw_done(&mut self, fine: bool, ctx: &mut Context<Self>) {
        self.raw_ended(fine);
        self.raw_next(ctx);
    }

    pub(super) fn raw_closed(&mut self, reason: CloseReason, ctx: &mut Context<Self>) {
        if let Some(raw) = self.raw_app() {
            raw.closing = Some(reason);
        }
        self.raw_next(ctx);
    }
}
