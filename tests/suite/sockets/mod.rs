//! Socket.IO on top of a session: one file per subject, one server per test.

mod acks;
mod broadcast_acks;
mod broadcasts;
mod dynamic;
mod events;
mod families;
mod farewell;
mod handshake;
mod leaving;
mod limits;
mod listeners;
mod middleware;
mod namespaces;
mod order;
mod overload;
mod packets;
mod panics;
mod rooms;
mod screening;
mod threads;
mod utilities;
mod watching;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;

use greenroom::prelude::*;
use greenroom_tests::socket_io::Client;
use greenroom_tests::websocket::Frame;
use greenroom_tests::within;
use tokio::sync::{mpsc, watch};

/// What closures on the server tell the test.
#[derive(Clone)]
pub(crate) struct Tell(mpsc::UnboundedSender<String>);

impl Tell {
    pub(crate) fn say(&self, what: impl ToString) {
        // The test may be over.
        let _ = self.0.send(what.to_string());
    }

    /// A listener, or another closure that a socket is handed to, that says one word.
    pub(crate) fn saying(&self, what: &'static str) -> impl Fn(Socket) + Clone + Send + Sync + use<> {
        let tell = self.clone();
        move |_| tell.say(what)
    }
}

/// What the test hears of them, in order.
pub(crate) struct Heard {
    said: mpsc::UnboundedReceiver<String>,
    counts: Box<dyn Fn(&str) -> bool>,
}

#[expect(clippy::disallowed_methods, reason = "closures of the server must not wait for the test")]
pub(crate) fn telling() -> (Tell, Heard) {
    let (tx, rx) = mpsc::unbounded_channel();
    (Tell(tx), Heard { said: rx, counts: Box::new(|_| true) })
}

impl Heard {
    pub(crate) async fn next(&mut self) -> String {
        loop {
            let said = within("word of the server", self.said.recv()).await.expect("the server is there");
            if (self.counts)(&said) {
                return said;
            }
        }
    }

    /// What was said so far.
    pub(crate) fn forget(&mut self) {
        while self.said.try_recv().is_ok() {}
    }

    /// From now on everything else is passed over.
    pub(crate) fn only(&mut self, counts: impl Fn(&str) -> bool + 'static) {
        self.counts = Box::new(counts);
    }

    pub(crate) async fn expect(&mut self, what: &str) {
        assert_eq!(self.next().await, what);
    }

    /// Nothing was said that the test has not heard.
    pub(crate) fn nothing(&mut self) {
        let said = std::iter::from_fn(|| self.said.try_recv().ok()).find(|said| (self.counts)(said));
        assert_eq!(said, None);
    }
}

/// Closed until it is opened, and then for good.
#[derive(Clone)]
pub(crate) struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    pub(crate) fn open(&self) {
        self.0.send_replace(true);
    }

    pub(crate) async fn pass(self) {
        let mut seen = self.0.subscribe();
        seen.wait_for(|open| *open).await.expect("the gate is there");
    }
}

/// Events that most tests want: `probe` and `where` (which worker's thread) answer, `join` and `leave` do so and say `true`.
pub(crate) fn usual(socket: &Socket) {
    socket.on("probe", |_: Socket, ack: AckFn| ack.send(()));
    socket.on("where", |_: Socket| format!("{:?}", std::thread::current().id()));
    socket.on("join", |socket: Socket, room: String| {
        socket.join(room);
        true
    });
    socket.on("leave", |socket: Socket, room: String| {
        socket.leave(room);
        true
    });
}

/// A server of `usual` sockets.
pub(crate) fn plain() -> Greenroom {
    with(Options::new())
}

/// A server of `usual` sockets with options.
pub(crate) fn with(options: Options) -> Greenroom {
    let io = Greenroom::builder(options).build().expect("the options are valid");
    io.on_connection(|socket| usual(&socket));
    io
}

/// Clients in `/` with their sockets' ids, as many as asked for and some of them on each of the two workers, the first two on different ones.
/// A server may deal unevenly: who is not wanted leaves, and is gone when this returns.
pub(crate) async fn on_both_workers(io: &Greenroom, addr: SocketAddr, count: usize) -> Vec<(Client, String)> {
    let before = io.session_count();
    let (mut clients, mut threads) = (Vec::new(), HashSet::new());
    let dealt = async {
        while clients.len() < count {
            let mut client = Client::open(addr).await;
            let id = client.join("/").await;
            let thread = client.ask(0, "\"where\"").await[0].to_string();
            if threads.insert(thread) || threads.len() == 2 {
                clients.push((client, id));
            }
        }
    };
    within("clients on both workers", dealt).await;
    until("the others' end", || io.session_count() == before + count).await;
    clients
}

/// Waits for a state that nobody announces.
pub(crate) async fn until(what: &str, mut is: impl FnMut() -> bool) {
    within(what, async {
        while !is() {
            std::thread::yield_now();
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Reads until the server closes the WebSocket, without waiting for the end of the TCP connection. What came before.
pub(crate) async fn shut(client: &mut Client) -> Vec<Frame> {
    let mut before = Vec::new();
    loop {
        match client.socket.next().await {
            Frame::Close(_) | Frame::End => return before,
            frame => before.push(frame),
        }
    }
}
