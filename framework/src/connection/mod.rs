//! The connection actor: one per Engine.IO session, on the worker that opened it, whatever transport carries it.
//!
//! Step 3 of 8 of an event's way through the framework; the crate's front page names them all.
//!
//! It reads what comes in, feeds the session's state machine, and hands messages to what lives on top: Socket.IO
//! ([`sockets`]) or an app's own protocol ([`raw`]). A client whose events wait is not read, so TCP slows it down; its
//! acknowledgements wait behind them, which is why every answer has a timeout.

mod raw;
mod reader;
mod relay;
mod sockets;
mod tunnel;
mod work;

use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, Instant};

use actix::fut::ActorFuture;
use actix::{Actor, ActorContext, ActorState, AsyncContext, Context, Handler};
use bytes::Bytes;
use bytestring::ByteString;
use tokio::sync::oneshot;

pub(crate) use raw::{RawApp, RawCell};
pub(crate) use reader::Reader;
pub(crate) use relay::Relay;
pub(crate) use sockets::{SocketIo, Sockets, end_all};

use crate::engine::CloseReason;
use crate::engine::session::{ProbeVerdict, TransportKind, Verdict};
use crate::protocol::engine::{self, Packet};
use crate::protocol::socket;
use crate::protocol::websocket::Message;
use crate::seldom::Seldom;
use crate::socket::Request;
use crate::worker::{ByteStream, HubInner, Line, LinkEnd, Permit, Role, Signal, Wire};
use reader::Read;
use work::{Done, Work};

/// Messages read from one WebSocket before others get their turn.
const TURN: usize = 64;

/// How long handlers of a client that left may go on before its hooks run, and these after that.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long a packet may wait for its attachments.
const ATTACHMENTS: Duration = Duration::from_secs(10);

/// What lives on top of a session.
pub(crate) enum App {
    SocketIo(Box<Sockets>),
    Raw(Box<RawApp>),
}

/// What a new session's app is made from.
#[derive(Clone)]
pub(crate) enum AppFactory {
    SocketIo(Arc<SocketIo>),
    Raw { welcome: Arc<dyn Fn(crate::server::raw::Session) + Send + Sync>, max_waiting: usize },
}

impl std::fmt::Debug for AppFactory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppFactory")
    }
}

/// Waiting because the app is busy.
enum Inbound {
    Packet(Packet),
    /// Of a client whose connection is on another worker.
    Relayed(socket::Packet),
    /// A POST's packets before this were handled.
    PostDone(oneshot::Sender<()>),
    Message(u32, Message),
    /// A relayed WebSocket's messages before this were handled.
    Handled(Permit),
    Ended(u32, LinkEnd),
}

#[derive(Default)]
struct Inbox {
    queue: VecDeque<Inbound>,
    /// The actor's own waker, kept while a reader waits for room.
    held_back: Option<Waker>,
}

/// See the module.
pub(crate) struct Connection {
    hub: Rc<HubInner>,
    line: Rc<Line>,
    app: App,
    /// Made when something has to wait.
    inbox: Option<Box<Inbox>>,
    work: Work,
    /// To be told when nothing is at work.
    idle: Seldom<oneshot::Sender<()>>,
    ended: bool,
}

impl Connection {
    /// Starts the actor of a new session. `first`: the WebSocket it came over, if it did.
    pub(crate) fn start(
        hub: &Rc<HubInner>,
        line: &Rc<Line>,
        factory: &AppFactory,
        request: Arc<Request>,
        first: Option<(Rc<Wire>, ByteStream)>,
    ) {
        let transport = line.transport().unwrap_or(TransportKind::Polling);
        crate::trace::session_opened(transport.as_str());
        request.carrier.is_now(transport);
        Self::start_with(hub, line, factory, request, first);
    }

    fn start_with(
        hub: &Rc<HubInner>,
        line: &Rc<Line>,
        factory: &AppFactory,
        request: Arc<Request>,
        first: Option<(Rc<Wire>, ByteStream)>,
    ) {
        let app = match factory {
            AppFactory::SocketIo(io) => App::SocketIo(Box::new(Sockets::new(io.clone(), request))),
            AppFactory::Raw { welcome, max_waiting } => {
                App::Raw(Box::new(RawApp::new(welcome.clone(), hub, line, request, *max_waiting)))
            }
        };
        let connection = Self {
            hub: hub.clone(),
            line: line.clone(),
            app,
            inbox: None,
            work: Work::default(),
            idle: Seldom::default(),
            ended: false,
        };
        line.at_rest.set(connection.is_at_rest());
        line.own();
        if let Some((wire, bytes)) = first {
            line.arrive(wire, bytes);
        }
        actix_rt::spawn(Context::new().into_future(connection));
    }

    fn inbox(&mut self) -> &mut VecDeque<Inbound> {
        &mut self.inbox.get_or_insert_default().queue
    }

    fn nothing_waits(&self) -> bool {
        self.inbox.as_ref().is_none_or(|inbox| inbox.queue.is_empty())
    }

    fn request(&self) -> &Request {
        match &self.app {
            App::SocketIo(sockets) => sockets.request(),
            App::Raw(raw) => raw.request(),
        }
    }

    /// Whether the client is held back.
    fn is_busy(&self) -> bool {
        match &self.app {
            App::SocketIo(sockets) => sockets.is_full(&self.hub),
            App::Raw(raw) => raw.is_full(&self.hub),
        }
    }

    /// Nothing is at work, and one thing more would not be too much.
    fn is_at_rest(&self) -> bool {
        match &self.app {
            App::SocketIo(sockets) => sockets.is_at_rest(),
            // A message is handled at once then.
            App::Raw(raw) => raw.is_done(),
        }
    }

    /// Takes what waits while there is room, then lets the readers go on.
    pub(crate) fn go_on(&mut self, ctx: &mut Context<Self>) {
        while !self.is_busy() {
            match self.inbox.as_mut().and_then(|inbox| inbox.queue.pop_front()) {
                Some(inbound) => self.take_up(inbound, ctx),
                None => break,
            }
        }
        let free = self.nothing_waits() && !self.is_busy();
        self.line.reading.set(free);
        self.line.at_rest.set(free && self.is_at_rest());
        if free && let Some(inbox) = &mut self.inbox {
            if let Some(waker) = inbox.held_back.take() {
                waker.wake();
            }
            // What a burst grew is given back once it has passed.
            if inbox.queue.capacity() > 64 {
                self.inbox = None;
            }
        }
    }

    /// Now, if there is room and nothing waits.
    fn take_in(&mut self, inbound: Inbound, ctx: &mut Context<Self>) {
        if self.nothing_waits() && !self.is_busy() {
            self.take_up(inbound, ctx);
        } else {
            self.inbox().push_back(inbound);
        }
    }

    fn take_up(&mut self, inbound: Inbound, ctx: &mut Context<Self>) {
        match inbound {
            Inbound::Packet(packet) => self.packet(packet, ctx),
            Inbound::Relayed(packet) => self.socket_io_packet(packet, ctx),
            Inbound::PostDone(reply) => self.line.post_taken(reply),
            Inbound::Message(link, message) => self.message(link, message, ctx),
            Inbound::Handled(permit) => drop(permit),
            Inbound::Ended(link, how) => self.hub.line_lost_link(&self.line, link, how),
        }
    }

    /// A message of a WebSocket.
    fn message(&mut self, link: u32, message: Message, ctx: &mut Context<Self>) {
        match self.line.role_of(link) {
            Role::Main => match message {
                Message::Text(text) => self.text(text, ctx),
                Message::Binary(data) => self.packet(Packet::Binary(data), ctx),
                Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
            },
            Role::Probe => self.probe(message),
            Role::Stranger => {}
        }
    }

    fn text(&mut self, text: ByteString, ctx: &mut Context<Self>) {
        // The common case: the packet is read where it lies, behind its type. Nothing is checked twice.
        if text.starts_with('4') && !self.line.is_closed() && matches!(self.app, App::SocketIo(_)) {
            return self.socket_io_text(text, 1, ctx);
        }
        match engine::decode(text) {
            Ok(packet) => self.packet(packet, ctx),
            Err(error) => {
                crate::trace::bad_packet(&error);
                self.hub.close(&self.line, CloseReason::ParseError);
            }
        }
    }

    fn probe(&self, message: Message) {
        let packet = match message {
            Message::Text(text) => engine::decode(text).unwrap_or(Packet::Noop),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Packet::Noop,
        };
        if self.line.awaits_switch() {
            if matches!(packet, Packet::Upgrade) {
                self.line.end_over_probe(&self.hub);
            }
            return;
        }
        let verdict = self.line.engine.borrow_mut().probe_packet(&packet, Instant::now());
        match verdict {
            ProbeVerdict::Answer => self.line.answer_probe(&self.hub),
            ProbeVerdict::Switch { refuses_poll } => {
                self.line.switch(&self.hub, refuses_poll);
                self.request().carrier.is_now(TransportKind::WebSocket);
            }
            ProbeVerdict::Refuse => self.line.drop_probe(&self.hub),
        }
    }

    /// A packet of the transport that carries the session.
    fn packet(&mut self, packet: Packet, ctx: &mut Context<Self>) {
        let mut is_pong = false;
        let verdict = match packet {
            // The common case needs no clock.
            Packet::Message(_) | Packet::Binary(_) if !self.line.is_closed() => Verdict::Deliver(packet),
            packet => {
                is_pong = matches!(packet, Packet::Pong(_));
                self.line.engine.borrow_mut().packet(packet, Instant::now())
            }
        };
        match verdict {
            Verdict::Deliver(packet) => self.deliver(packet, ctx),
            Verdict::Ignore => {
                if is_pong {
                    self.line.ponged();
                    if let App::SocketIo(sockets) = &self.app {
                        sockets.ponged();
                    }
                }
                // A pong may bring the next ping nearer than the deadline it has met.
                self.hub.arm_slot(&self.line);
            }
            Verdict::Close(reason) => self.hub.close(&self.line, reason),
        }
    }

    fn deliver(&mut self, packet: Packet, ctx: &mut Context<Self>) {
        match &self.app {
            App::SocketIo(_) => self.socket_io(packet, ctx),
            App::Raw(_) => self.raw(packet, ctx),
        }
    }

    /// The session has ended.
    fn closed(&mut self, reason: CloseReason, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        crate::trace::session_closed(reason);
        match &self.app {
            App::SocketIo(_) => self.all_leave(reason, ctx),
            App::Raw(_) => self.raw_closed(reason, ctx),
        }
        self.finish_if_idle(ctx);
        if !matches!(ctx.state(), ActorState::Stopped | ActorState::Stopping) {
            // After the handlers the hooks, as long again.
            ctx.run_later(2 * FAREWELL, |connection, ctx| {
                connection.give_up();
                ctx.stop();
            });
        }
    }

    /// Ends the actor once nothing is at work any more.
    fn finish_if_idle(&mut self, ctx: &mut Context<Self>) {
        self.tell_idle();
        let idle = match &self.app {
            App::SocketIo(sockets) => sockets.is_done(),
            App::Raw(raw) => raw.is_done(),
        };
        if self.ended && idle && !self.line.awaits_switch() {
            ctx.stop();
        }
    }

    fn tell_idle(&mut self) {
        let at_work = match &self.app {
            App::SocketIo(sockets) => sockets.is_at_work(),
            App::Raw(raw) => !raw.is_done(),
        };
        if !self.idle.is_empty() && self.nothing_waits() && !at_work {
            for tell in self.idle.take() {
                let _ = tell.send(());
            }
        }
    }

    /// Handlers did not end in time.
    fn give_up(&mut self) {
        if let App::SocketIo(sockets) = &mut self.app {
            sockets.give_up(&self.hub);
        }
        self.line.detach_all();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Also when the worker goes down or this crate has panicked: nothing of the client stays behind.
        self.give_up();
        self.hub.release(&self.line);
    }
}

impl Actor for Connection {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // First, as a mailbox would be.
        ctx.spawn(Attend);
        if matches!(self.app, App::Raw(_)) {
            self.raw_started(ctx);
        }
    }
}

impl Handler<Signal> for Connection {
    type Result = ();

    fn handle(&mut self, signal: Signal, ctx: &mut Self::Context) {
        match signal {
            Signal::Closed(reason) => self.closed(reason, ctx),
            Signal::Post(packets, reply) => {
                packets.into_iter().for_each(|packet| self.take_in(Inbound::Packet(packet), ctx));
                if let Some(reply) = reply {
                    self.take_in(Inbound::PostDone(reply), ctx);
                }
            }
            Signal::Messages { link, messages, permit } => {
                messages.into_iter().for_each(|message| self.take_in(Inbound::Message(link, message), ctx));
                self.take_in(Inbound::Handled(permit), ctx);
            }
            Signal::LinkEnded(link, how) => self.take_in(Inbound::Ended(link, how), ctx),
            Signal::Arrival => {
                for (wire, bytes) in self.line.take_arrivals() {
                    let reader = Reader::new(wire, bytes, self.hub.settings.max_payload);
                    ctx.spawn(Listen { reader });
                }
            }
            Signal::Left(id) => self.left_by_server(id, ctx),
            Signal::Packet(packet, permit) => {
                self.take_in(Inbound::Relayed(packet), ctx);
                self.take_in(Inbound::Handled(permit), ctx);
            }
            Signal::Dismiss => self.dismiss(),
            Signal::TunnelOver(index) => self.tunnel_over(index),
            // What follows looks whether anything is still to do.
            Signal::LookAgain => {}
            Signal::WhenIdle(tell) => self.idle.push(tell),
        }
        self.go_on(ctx);
        self.finish_if_idle(ctx);
    }
}

/// Hears what the line has to tell. It needs no memory, and it goes on as long as the actor does.
struct Attend;

impl ActorFuture<Connection> for Attend {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        connection: &mut Connection,
        ctx: &mut Context<Connection>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        loop {
            for signal in std::task::ready!(connection.line.poll_signals(cx)) {
                if matches!(ctx.state(), ActorState::Stopped | ActorState::Stopping) {
                    return Poll::Pending;
                }
                connection.handle(signal, ctx);
            }
        }
    }
}

/// Reads a WebSocket that landed on this worker.
struct Listen {
    reader: Reader,
}

impl ActorFuture<Connection> for Listen {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        connection: &mut Connection,
        ctx: &mut Context<Connection>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        let mut chunk = self.reader.begin();
        let ended = self.listen(&mut chunk, connection, ctx, cx);
        self.reader.keep(chunk);
        self.reader.wire().listened();
        ended
    }
}

impl Listen {
    fn listen(
        &mut self,
        chunk: &mut Bytes,
        connection: &mut Connection,
        ctx: &mut Context<Connection>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        let link = self.reader.wire().link();
        for _ in 0..TURN {
            if !connection.nothing_waits() || connection.is_busy() {
                connection.line.reading.set(false);
                connection.inbox.get_or_insert_default().held_back = Some(cx.waker().clone());
                self.reader.read_ahead(cx);
                return Poll::Pending;
            }
            match self.reader.poll(chunk, cx) {
                Poll::Ready(Read::Message(message)) => connection.message(link, message, ctx),
                Poll::Ready(Read::Ended(how)) => {
                    let wire = self.reader.wire();
                    connection.hub.link_ended(wire.home(), link, how);
                    return Poll::Ready(());
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
