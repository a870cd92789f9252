//! The server under test, and who comes to it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::Location;
use std::rc::{Rc, Weak};
use std::time::Duration;

use serde::Serialize;

use super::connection::Inner;
use super::{Closures, Refused, TestClient, TestConnection, Testable};
use crate::error::ConnectionError;
use crate::handlers::OneNamespace;
use crate::server::Greenroom;
use crate::socket::Request;
use crate::typed::Handler;
use crate::web::Desk;

pub(super) struct Server {
    pub(super) desk: Desk,
    pub(super) patience: Cell<Duration>,
    connections: RefCell<Vec<Weak<Inner>>>,
}

impl Server {
    pub(super) fn watch(&self, connection: &Rc<Inner>) {
        let mut connections = self.connections.borrow_mut();
        connections.retain(|connection| connection.strong_count() > 0);
        connections.push(Rc::downgrade(connection));
    }

    /// Resolves when everything that was sent to the server is handled, and everything that came of it has arrived.
    pub(super) async fn settle(&self, at: &Location<'_>) {
        if tokio::time::timeout(self.patience.get(), self.quiet()).await.is_err() {
            let patience = self.patience.get();
            panic!(
                "a handler is still at work after {patience:?}, so nobody knows what it still sends (at {at})"
            );
        }
    }

    async fn quiet(&self) {
        let all = || -> Vec<_> { self.connections.borrow().iter().filter_map(Weak::upgrade).collect() };
        // All of them are asked before one of them is waited for: an error says that the connection has ended.
        let read = |all: &[Rc<Inner>]| all.iter().map(|one| one.read_up()).collect::<Vec<_>>();
        for read in read(&all()) {
            let _ = read.await;
        }
        // A handler may wait for an answer that the test has not given yet: then it has sent what it had to send so far.
        if !all().iter().any(|one| one.is_asked()) {
            let idle: Vec<_> = all().iter().map(|one| one.when_idle()).collect();
            for idle in idle {
                let _ = idle.await;
            }
        }
        for read in read(&all()) {
            let _ = read.await;
        }
    }
}

/// A server without a network, on this thread.
#[derive(Clone)]
pub struct TestServer {
    server: Rc<Server>,
    io: Greenroom,
}

impl fmt::Debug for TestServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TestServer")
    }
}

impl TestServer {
    /// Serves on this thread, which must be inside of `#[actix_web::test]`, or of a `tokio::task::LocalSet`.
    ///
    /// # Panics
    /// Outside of such a runtime, or when the server has as many workers as it may have.
    #[must_use]
    #[track_caller]
    pub fn new(io: Greenroom) -> Self {
        let Some(desk) = Desk::here(&io.0.front) else { panic!("the server has no room for another worker") };
        let patience = Cell::new(Duration::from_secs(2));
        Self { server: Rc::new(Server { desk, patience, connections: RefCell::default() }), io }
    }

    /// How long anything is waited for that should come. Default 2 s.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        self.server.patience.set(patience);
        self
    }

    /// The server, to send from outside of a handler: `app.io().ns::<Chat>().everyone()`.
    #[must_use]
    pub fn io(&self) -> &Greenroom {
        &self.io
    }

    /// A connection in a handler's namespace. `auth` is an object, or `()` for none.
    ///
    /// # Errors
    /// When the server refuses: the client's `connect_error`.
    #[track_caller]
    pub fn connect<H: Testable + Handler + OneNamespace>(
        &self,
        auth: impl Serialize,
    ) -> impl Future<Output = Result<TestClient<H>, Refused>> {
        self.visitor().connect(auth)
    }

    /// A connection in one namespace of a handler's pattern: `connect_at::<Team>("/team/7", ())`.
    ///
    /// # Errors
    /// When the server refuses: the client's `connect_error`.
    pub async fn connect_at<H: Testable>(
        &self,
        namespace: &str,
        auth: impl Serialize,
    ) -> Result<TestClient<H>, Refused> {
        self.open().await?.join_at(namespace, auth).await
    }

    /// A connection in a namespace of closures, whose events are named by strings.
    ///
    /// # Errors
    /// When the server refuses: the client's `connect_error`.
    pub async fn connect_to(
        &self,
        namespace: &str,
        auth: impl Serialize,
    ) -> Result<TestClient<Closures>, Refused> {
        self.open().await?.join_to(namespace, auth).await
    }

    /// A connection that is in no namespace yet, and may join several.
    ///
    /// # Errors
    /// When the server takes no connection.
    pub async fn open(&self) -> Result<TestConnection, ConnectionError> {
        self.visitor().open().await
    }

    /// Somebody whose first request has headers, a query or an address.
    pub fn visitor(&self) -> Visitor {
        let query = [("EIO", "4"), ("transport", "websocket")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Visitor { server: self.server.clone(), headers: Vec::new(), query, address: None }
    }

    /// Resolves when everything that clients have sent is handled, and everything that handlers sent to them has arrived. What
    /// handlers have left running in tasks of their own, `cx.spawn`, is not waited for.
    ///
    /// # Panics
    /// When a handler is still at work after the [patience](Self::patience).
    #[track_caller]
    pub fn settle(&self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move { self.server.settle(at).await }
    }
}

/// Who connects: the first request of a connection, as `handshake()` tells it.
#[must_use]
pub struct Visitor {
    server: Rc<Server>,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    address: Option<SocketAddr>,
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visitor")
            .field("headers", &self.headers)
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}

impl Visitor {
    /// With a header of this name and value. Handlers see it with [`Options::keep_headers(true)`](crate::Options::keep_headers).
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// With a parameter in the query.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// From this address.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// A connection that is in no namespace yet.
    ///
    /// # Errors
    /// When the server takes no connection.
    pub async fn open(self) -> Result<TestConnection, ConnectionError> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.query);
        let url = format!("{}/?{}", self.server.desk.front.path(), query.finish());
        let facts = Request {
            cross_domain: self.headers.iter().any(|(name, _)| name == "origin"),
            address: self.address,
            ..Request::new(&url, Some(self.headers.into_iter().collect()))
        };
        TestConnection::open(self.server, facts).await
    }

    /// A connection in a handler's namespace. `auth` is an object, or `()` for none.
    ///
    /// # Errors
    /// When the server refuses: the client's `connect_error`.
    pub async fn connect<H: Testable + Handler + OneNamespace>(
        self,
        auth: impl Serialize,
    ) -> Result<TestClient<H>, Refused> {
        self.open().await?.join(auth).await
    }
}
