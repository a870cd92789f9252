//! One client's connection: packets in and out, and what is waited for.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::future::Future;
use std::panic::Location;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use futures_util::StreamExt;
use serde::Serialize;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::server::Server;
use super::socket::Socket;
use super::transport::{Incoming, Pipe, take_frame};
use super::{Closures, Left, Refused, TestClient, Testable};
use crate::error::ConnectionError;
use crate::handlers::OneNamespace;
use crate::protocol::socket::{Decoder, Limits, Packet};
use crate::protocol::websocket::Opcode;
use crate::socket::Request;
use crate::typed::Handler;
use crate::worker::{Frame, Line, Signal, WireBody};

/// Lines of a transcript that are kept.
const TRANSCRIPT: usize = 60;

struct State {
    decoder: Decoder,
    sockets: Vec<Weak<Socket>>,
    transcript: VecDeque<String>,
    pongs: VecDeque<oneshot::Sender<()>>,
    /// Told the next packet's text.
    taps: VecDeque<oneshot::Sender<String>>,
    ended: Option<Left>,
}

pub(super) struct Inner {
    pub(super) server: Rc<Server>,
    line: Rc<Line>,
    pipe: Pipe,
    changed: Notify,
    state: RefCell<State>,
}

/// One client's connection, with as many namespaces as it joins: the official client's `Manager`.
///
/// It is lost, as when a network goes away, when the last [`TestClient`] and the last clone of this are dropped.
#[derive(Clone)]
pub struct TestConnection(pub(super) Rc<Inner>);

impl fmt::Debug for TestConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TestConnection")
    }
}

impl TestConnection {
    pub(super) async fn open(server: Rc<Server>, facts: Request) -> Result<Self, ConnectionError> {
        let pipe = Pipe::default();
        let (line, body) = server.desk.connect(Arc::new(facts), pipe.bytes()).await?;
        let most = usize::MAX;
        let limits = Limits { attachments: most, event_name: most, namespace: most, packet: most };
        let state = State {
            decoder: Decoder::new(limits),
            sockets: Vec::new(),
            transcript: VecDeque::new(),
            pongs: VecDeque::new(),
            taps: VecDeque::new(),
            ended: None,
        };
        let changed = Notify::new();
        let inner =
            Rc::new(Inner { server: server.clone(), line, pipe, changed, state: RefCell::new(state) });
        server.watch(&inner);
        actix_rt::spawn(listen(Rc::downgrade(&inner), body));
        Ok(Self(inner))
    }

    /// Joins a handler's namespace. `auth` is an object, or `()` for none.
    ///
    /// # Errors
    /// When the server refuses: the client's `connect_error`.
    #[track_caller]
    pub fn join<H: Testable + Handler + OneNamespace>(
        &self,
        auth: impl Serialize,
    ) -> impl Future<Output = Result<TestClient<H>, Refused>> {
        self.enter(H::NAMESPACE, &auth)
    }

    /// Joins one namespace of a handler's pattern: `join_at::<Team>("/team/7", ())`.
    ///
    /// # Errors
    /// When the server refuses: the client's `connect_error`.
    #[track_caller]
    pub fn join_at<H: Testable>(
        &self,
        namespace: &str,
        auth: impl Serialize,
    ) -> impl Future<Output = Result<TestClient<H>, Refused>> {
        self.enter(namespace, &auth)
    }

    /// Joins a namespace of closures, whose events are named by strings.
    ///
    /// # Errors
    /// When the server refuses: the client's `connect_error`.
    #[track_caller]
    pub fn join_to(
        &self,
        namespace: &str,
        auth: impl Serialize,
    ) -> impl Future<Output = Result<TestClient<Closures>, Refused>> {
        self.enter(namespace, &auth)
    }

    #[track_caller]
    fn enter<H: Testable, A: Serialize>(
        &self,
        namespace: &str,
        auth: &A,
    ) -> impl Future<Output = Result<TestClient<H>, Refused>> + use<H, A> {
        let at = Location::caller();
        let auth = serde_json::to_string(auth).unwrap_or_default();
        let socket = Socket::new(self.0.clone(), namespace);
        async move {
            let auth = match auth.as_str() {
                "null" => "",
                object if object.starts_with('{') => object,
                other => {
                    socket.fail(at, &format!("`auth` is an object, or `()` for none; this is `{other}`"))
                }
            };
            socket.connection.state.borrow_mut().sockets.push(Rc::downgrade(&socket));
            socket.send(&format!("0{}{auth}", socket.prefix()));
            let answer = socket.connection.until(|| socket.verdict()).await;
            match answer {
                Some(verdict) => verdict.map(|()| TestClient::new(socket)),
                None => socket.fail(at, &socket.connection.in_time("was neither let in nor refused")),
            }
        }
    }

    /// Closes the WebSocket, as the official client's `manager.engine.close()` does, and waits until the server's hooks have run.
    #[track_caller]
    pub fn close(&self) -> impl Future<Output = ()> {
        self.0.write("close");
        self.0.pipe.send(Opcode::Close, &1000u16.to_be_bytes());
        self.0.ending(Location::caller())
    }

    /// Loses the connection without a word, as a network does, and waits until the server's hooks have run.
    #[track_caller]
    pub fn cut(&self) -> impl Future<Output = ()> {
        self.0.write("cut");
        self.0.pipe.close();
        self.0.ending(Location::caller())
    }

    /// Sends a Socket.IO packet as it is, such as `2/chat,7["say","hi"]`, and gives the next packet's text that the server sends, which it
    /// also treats as ever. For what the typed calls cannot say.
    #[track_caller]
    pub fn raw(&self, packet: &str) -> impl Future<Output = String> {
        let (at, inner) = (Location::caller(), self.0.clone());
        let (tell, mut told) = oneshot::channel();
        inner.state.borrow_mut().taps.push_back(tell);
        inner.send(packet, &[]);
        async move {
            let answer = inner.until(|| told.try_recv().ok()).await;
            answer.unwrap_or_else(|| inner.fail(at, &inner.in_time("the server sent nothing")))
        }
    }

    /// What was sent (`→`) and received (`←`), a line for each packet, the latest last.
    #[must_use]
    pub fn transcript(&self) -> String {
        self.0.transcript()
    }
}

impl Inner {
    /// Sends a Socket.IO packet.
    pub(super) fn send(&self, packet: &str, attachments: &[Bytes]) {
        self.write(&format!("→ {packet}"));
        self.pipe.send(Opcode::Text, format!("4{packet}").as_bytes());
        for data in attachments {
            self.write(&format!("→ {} bytes", data.len()));
            self.pipe.send(Opcode::Binary, data);
        }
    }

    pub(super) fn send_frame(&self, frame: &Frame) {
        let (packet, attachments) = frame.parts();
        self.send(&packet, &attachments);
    }

    fn write(&self, line: &str) {
        let transcript = &mut self.state.borrow_mut().transcript;
        if transcript.len() == TRANSCRIPT {
            transcript.pop_front();
        }
        transcript.push_back(line.to_owned());
    }

    fn transcript(&self) -> String {
        self.state.borrow().transcript.iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "  {line}");
            text
        })
    }

    pub(super) fn ended(&self) -> Option<Left> {
        self.state.borrow().ended
    }

    /// What `look` finds, now or as soon as something has come. `None` when the server's patience is over.
    pub(super) async fn until<T>(&self, mut look: impl FnMut() -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + self.server.patience.get();
        loop {
            let changed = self.changed.notified();
            if let Some(found) = look() {
                return Some(found);
            }
            tokio::time::timeout_at(deadline, changed).await.ok()?;
        }
    }

    pub(super) fn fail(&self, at: &Location<'_>, what: &str) -> ! {
        panic!("{what} (at {at})\nthe connection so far:\n{}", self.transcript())
    }

    /// `… in 2s`.
    pub(super) fn in_time(&self, what: &str) -> String {
        format!("{what} in {:?}", self.server.patience.get())
    }

    /// Resolves when the server has read everything that was sent to it and said so; what it sent before has arrived then.
    pub(super) fn read_up(&self) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        if self.ended().is_none() {
            self.state.borrow_mut().pongs.push_back(tell);
            self.pipe.send(Opcode::Ping, &[]);
        }
        told
    }

    /// Resolves when no handler of this client is at work.
    pub(super) fn when_idle(&self) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        self.line.signal(Signal::WhenIdle(tell));
        told
    }

    /// Whether the server waits for an answer of this client.
    pub(super) fn is_asked(&self) -> bool {
        self.sockets().any(|socket| socket.is_asked())
    }

    fn sockets(&self) -> impl Iterator<Item = Rc<Socket>> {
        let sockets: Vec<_> = self.state.borrow().sockets.iter().filter_map(Weak::upgrade).collect();
        sockets.into_iter()
    }

    fn ending(self: &Rc<Self>, at: &'static Location<'static>) -> impl Future<Output = ()> + use<> {
        let inner = self.clone();
        async move {
            if inner.until(|| inner.ended()).await.is_none() {
                inner.fail(at, &inner.in_time("the server did not end the connection"));
            }
            inner.server.settle(at).await;
        }
    }

    fn receive(&self, incoming: Incoming) {
        match incoming {
            Incoming::Pong => {
                let asked = self.state.borrow_mut().pongs.pop_front();
                if let Some(asked) = asked {
                    let _ = asked.send(());
                }
            }
            Incoming::Text(text) if text == "2" => self.pipe.send(Opcode::Text, b"3"),
            Incoming::Text(text) => {
                if let Some(packet) = text.strip_prefix('4') {
                    self.packet(packet);
                }
            }
            Incoming::Binary(data) => {
                self.write(&format!("← {} bytes", data.len()));
                let packet = self.state.borrow_mut().decoder.binary(data);
                self.take(packet.ok().flatten());
            }
            Incoming::Close(code) => {
                self.write(&format!("← close {}", code.map_or_else(String::new, |code| code.to_string())));
                self.state.borrow_mut().ended.get_or_insert(Left::Connection(code));
            }
        }
    }

    fn packet(&self, packet: &str) {
        self.write(&format!("← {packet}"));
        let tap = self.state.borrow_mut().taps.pop_front();
        if let Some(tap) = tap {
            let _ = tap.send(packet.to_owned());
        }
        // Only servers send CONNECT_ERROR, so the decoder, which is the server's, does not know it; its form is CONNECT's.
        if let Some(refusal) = packet.strip_prefix('4') {
            let decoded = Decoder::new(Limits::default()).text(format!("0{refusal}").into());
            if let Ok(Some(Packet::Connect { namespace, auth })) = decoded {
                self.to(&namespace, |socket| socket.refused(auth.as_deref().unwrap_or("{}")));
            }
            return;
        }
        let decoded = self.state.borrow_mut().decoder.text(ByteString::from(packet));
        self.take(decoded.ok().flatten());
    }

    fn take(&self, packet: Option<Packet>) {
        match packet {
            Some(Packet::Connect { namespace, auth }) => {
                self.to(&namespace, |socket| socket.let_in(auth.as_deref().unwrap_or("{}")));
            }
            Some(Packet::Disconnect { namespace }) => {
                self.to(&namespace, |socket| socket.leave(Left::Namespace))
            }
            Some(Packet::Event(event)) => {
                let namespace = event.namespace().to_owned();
                self.to(&namespace, |socket| socket.heard(event));
            }
            Some(Packet::Ack(ack)) => {
                let namespace = ack.namespace().to_owned();
                self.to(&namespace, |socket| socket.answered(ack));
            }
            None => {}
        }
    }

    /// The socket that is in the namespace now, the latest of several.
    fn to(&self, namespace: &str, f: impl FnOnce(&Socket)) {
        if let Some(socket) = self.sockets().filter(|socket| socket.is_of(namespace)).last() {
            f(&socket);
        }
    }

    fn end(&self) {
        let left = *self.state.borrow_mut().ended.get_or_insert(Left::Connection(None));
        for socket in self.sockets() {
            socket.leave(left);
        }
        // Nobody will answer them any more.
        self.state.borrow_mut().pongs.clear();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.pipe.close();
    }
}

/// Reads what the server sends, until the end.
async fn listen(connection: Weak<Inner>, mut body: WireBody) {
    while let Some(Ok(mut frames)) = body.next().await {
        let Some(connection) = connection.upgrade() else { continue };
        while let Some(incoming) = take_frame(&mut frames) {
            connection.receive(incoming);
        }
        connection.changed.notify_waiters();
    }
    if let Some(connection) = connection.upgrade() {
        connection.end();
        connection.changed.notify_waiters();
    }
}
