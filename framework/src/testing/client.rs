//! A client of one handler.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::panic::Location;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::expect::{Asked, Question, Recorder, args_of, same};
use super::reply::{Form, Reply};
use super::socket::Socket;
use super::{InRoom, Left, RawCalls, RawNext, TestConnection, Testable};
use crate::handlers::{ByKey, BySeat, IntoKey, Sits};
use crate::id::SocketId;
use crate::typed::{Contract, Room};

/// What a handler's clients may be sent, as a test expects it.
type Expected<H> = <<H as Testable>::Client as Contract>::To<Recorder>;

/// A client in the namespace of a handler: it has a method for each of the handler's events, and hears what the handler sends.
///
/// What arrives waits until a test takes it, in whatever order. Nothing here waits longer than the server's
/// [patience](super::TestServer::patience), and each failure tells what did arrive.
pub struct TestClient<H: Testable> {
    socket: Rc<Socket>,
    calls: H::Calls,
}

impl<H: Testable> fmt::Debug for TestClient<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestClient").field(&self.socket.id()).finish()
    }
}

/// The handler's events.
impl<H: Testable> Deref for TestClient<H> {
    type Target = H::Calls;

    fn deref(&self) -> &H::Calls {
        &self.calls
    }
}

impl<H: Testable> TestClient<H> {
    pub(super) fn new(socket: Rc<Socket>) -> Self {
        Self { calls: RawCalls::new(socket.clone()).into(), socket }
    }

    /// The public id of its socket.
    ///
    /// # Panics
    /// When it has left.
    #[must_use]
    #[track_caller]
    pub fn id(&self) -> SocketId {
        self.socket.id().unwrap_or_else(|| self.socket.fail(Location::caller(), "has left, so it has no id"))
    }

    /// Its connection, over which it may join other namespaces.
    #[must_use]
    pub fn connection(&self) -> TestConnection {
        TestConnection(self.socket.connection.clone())
    }

    // ---- sending -------------------------------------------------------------------------------------------

    /// The handler's events as methods, also where one is called as a method of this type.
    #[must_use]
    pub fn calls(&self) -> &H::Calls {
        &self.calls
    }

    /// This client as a member of a room of its handler: with a method for each of the room's events, hearing what the room sends.
    /// `ann.room::<Table>().play(4).assert_reply(1).await`
    #[must_use]
    pub fn room<R>(&self) -> TestClient<InRoom<R>>
    where
        H: Sits<R>,
        R: Room<Address = BySeat>,
        InRoom<R>: Testable,
    {
        TestClient::new(self.socket.clone())
    }

    /// As [`room`](Self::room), of a kind whose events begin with the key of their room: `#[room(addressed)]`.
    ///
    /// # Panics
    /// When the key cannot be sent.
    #[must_use]
    #[track_caller]
    pub fn room_at<R>(&self, key: impl IntoKey<R::Key>) -> TestClient<InRoom<R>>
    where
        H: Sits<R>,
        R: Room<Address = ByKey, Key: Serialize>,
        InRoom<R>: Testable,
    {
        match serde_json::to_value(key.into_key()) {
            Ok(key) => {
                let socket = self.socket.clone();
                TestClient { calls: RawCalls::of_room(socket.clone(), key).into(), socket }
            }
            Err(error) => self.socket.fail(Location::caller(), &error.to_string()),
        }
    }

    /// Sends an event by its name and asks for its acknowledgement; a tuple is several arguments.
    #[track_caller]
    pub fn push<T>(&self, event: &str, args: impl Serialize) -> Reply<T> {
        let (at, id) = (Location::caller(), self.socket.new_id());
        self.send(at, event, Some(id), &args);
        Reply::new(&self.socket, id, event, Form::Either, at)
    }

    /// Sends an event by its name, without asking for an acknowledgement.
    #[track_caller]
    pub fn emit(&self, event: &str, args: impl Serialize) {
        self.send(Location::caller(), event, None, &args);
    }

    fn send(&self, at: &Location<'_>, event: &str, id: Option<u64>, args: &impl Serialize) {
        if let Err(error) = self.socket.emit(event, id, args) {
            self.socket.fail(at, &error.to_string());
        }
    }

    // ---- hearing -------------------------------------------------------------------------------------------

    /// This event comes, with these arguments: `bob.assert_heard(|to| to.message(&line)).await`. Other events stay where they are.
    #[track_caller]
    pub fn assert_heard<R>(&self, what: impl FnOnce(&Expected<H>) -> R) -> impl Future<Output = ()> {
        let (at, expected) = (Location::caller(), self.recorded(what));
        let name = format!("`{}` with [{}]", expected.name(), expected.args());
        let coming = self.socket.take(at, name, move |event| same(event, &expected));
        async move { drop(coming.await) }
    }

    /// The server asks this, and waits: `bob.assert_asked(|to| to.confirm("sure?")).await.answer(true)`.
    #[track_caller]
    pub fn assert_asked<A>(
        &self,
        what: impl FnOnce(&Expected<H>) -> Asked<A>,
    ) -> impl Future<Output = Question<A>> {
        let (at, expected, socket) = (Location::caller(), self.recorded(what), self.socket.clone());
        let name = format!("the question `{}` with [{}]", expected.name(), expected.args());
        let coming = self.socket.take(at, name, move |event| event.id().is_some() && same(event, &expected));
        async move { Question::new(socket, coming.await, (), at) }
    }

    /// As [`assert_heard`](Self::assert_heard), with the event named by a string: a tuple is several arguments.
    #[track_caller]
    pub fn assert_broadcast(&self, event: &str, args: impl Serialize) -> impl Future<Output = ()> {
        let (at, recorder) = (Location::caller(), Recorder::default());
        let _ = recorder.emit(event, args);
        let expected = recorder.recorded();
        let name = format!("`{event}` with [{}]", expected.as_ref().map_or("", |event| event.args()));
        let fits = move |event: &_| expected.as_ref().is_some_and(|expected| same(event, expected));
        let coming = self.socket.take(at, name, fits);
        async move { drop(coming.await) }
    }

    /// The next event of the `#[client]` contract, whichever method is called: `let (room, post) = bob.next().posted().await`. Other events stay
    /// where they are.
    #[must_use]
    pub fn next(&self) -> <H::Client as Contract>::Next {
        RawNext::new(self.socket.clone()).into()
    }

    /// The arguments of the next event of this name: a tuple of several, the argument itself of one. Other events stay where they are.
    #[track_caller]
    pub fn expect<A: DeserializeOwned>(&self, event: &str) -> impl Future<Output = A> {
        let (at, socket, name) = (Location::caller(), self.socket.clone(), event.to_owned());
        let coming = self.socket.take(at, format!("`{event}`"), move |event| event.name() == name);
        async move { args_of(&socket, &coming.await, at) }
    }

    /// The next question of this name, with its arguments in `args`.
    #[track_caller]
    pub fn expect_question<Q: DeserializeOwned, A>(
        &self,
        event: &str,
    ) -> impl Future<Output = Question<A, Q>> {
        let (at, socket, name) = (Location::caller(), self.socket.clone(), event.to_owned());
        let fits = move |event: &crate::protocol::socket::Event| event.id().is_some() && event.name() == name;
        let coming = self.socket.take(at, format!("the question `{event}`"), fits);
        async move {
            let event = coming.await;
            let args = args_of(&socket, &event, at);
            Question::new(socket, event, args, at)
        }
    }

    /// Nothing has come that was not taken, and nothing is on its way: everything that any client has sent is handled before this is
    /// decided, so no time is waited for. See [`TestServer::settle`](super::TestServer::settle).
    #[track_caller]
    pub fn assert_silent(&self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            self.socket.connection.server.settle(at).await;
            if !self.socket.untaken().is_empty() {
                self.socket.fail(at, "should have heard nothing");
            }
        }
    }

    /// No event of this name has come that was not taken, and none is on its way.
    #[track_caller]
    pub fn assert_not_heard(&self, event: &str) -> impl Future<Output = ()> {
        let (at, event) = (Location::caller(), event.to_owned());
        async move {
            self.socket.connection.server.settle(at).await;
            if self.socket.has(&event) {
                self.socket.fail(at, &format!("should not have heard `{event}`"));
            }
        }
    }

    /// What has come, or is on its way, is of no interest.
    #[track_caller]
    pub fn forget(&self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            self.socket.connection.server.settle(at).await;
            self.socket.forget();
        }
    }

    fn recorded<R>(&self, what: impl FnOnce(&Expected<H>) -> R) -> crate::protocol::socket::Event {
        let recorder = Recorder::default();
        let _ = what(&H::Client::to(recorder.clone()));
        recorder.recorded().unwrap_or_else(|| panic!("the closure names an event that can be sent"))
    }

    // ---- leaving -------------------------------------------------------------------------------------------

    /// Leaves the namespace, as the official client's `disconnect()` does, and waits until the server's hooks have run.
    #[track_caller]
    pub fn disconnect(self) -> impl Future<Output = ()> {
        let at = Location::caller();
        self.socket.send(&format!("1{}", self.socket.prefix()));
        async move {
            self.socket.connection.server.settle(at).await;
            self.socket.leave(Left::Client);
        }
    }

    /// The server makes it leave, or closes the connection; how.
    #[track_caller]
    pub fn assert_left(&self) -> impl Future<Output = Left> {
        let (at, socket) = (Location::caller(), self.socket.clone());
        async move {
            let left = socket.connection.until(|| socket.left()).await;
            left.unwrap_or_else(|| socket.fail(at, &socket.connection.in_time("was not made to leave")))
        }
    }
}
