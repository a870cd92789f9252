//! The next event of a name, with the types that the `#[client]` contract has for it: what `#[client]` writes.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;

use futures_core::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::expect::Question;
use super::socket::Socket;
use crate::payload::{Args, providing};
use crate::protocol::socket::Event;

/// How an event's arguments are given.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// One, as it is.
    One,
    /// None, or several: a tuple.
    Several,
}

/// Takes events by their names.
pub struct RawNext(Rc<Socket>);

impl fmt::Debug for RawNext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawNext")
    }
}

/// Where there is no contract there are no methods.
impl From<RawNext> for () {
    fn from(_: RawNext) {}
}

impl RawNext {
    pub(super) fn new(socket: Rc<Socket>) -> Self {
        Self(socket)
    }

    /// For what the macros write.
    #[doc(hidden)]
    #[track_caller]
    pub fn event<T>(&self, name: &'static str, count: Count) -> NextEvent<T> {
        NextEvent { coming: self.coming(name, count), kind: PhantomData }
    }

    /// For what the macros write.
    #[doc(hidden)]
    #[track_caller]
    pub fn question<A, T>(&self, name: &'static str, count: Count) -> NextQuestion<A, T> {
        NextQuestion { coming: self.coming(name, count), kind: PhantomData }
    }

    #[track_caller]
    fn coming(&self, name: &'static str, count: Count) -> Coming {
        Coming { socket: self.0.clone(), name, count, at: Location::caller() }
    }
}

struct Coming {
    socket: Rc<Socket>,
    name: &'static str,
    count: Count,
    at: &'static Location<'static>,
}

impl Coming {
    async fn take(&self, question: bool) -> Event {
        let name = self.name;
        let what = if question { format!("the question `{name}`") } else { format!("`{name}`") };
        let fits = move |event: &Event| event.name() == name && (!question || event.id().is_some());
        self.socket.take(self.at, what, fits).await
    }

    fn read<T: DeserializeOwned>(&self, event: &Event) -> T {
        let (args, attachments) = (event.args(), event.attachments());
        let read = match self.count {
            Count::One => Args::new(args, attachments).next().map_err(|error| error.to_string()),
            Count::Several if args.is_empty() => {
                serde_json::from_str("null").map_err(|error| error.to_string())
            }
            Count::Several => providing(attachments, || serde_json::from_str(&format!("[{args}]")))
                .map_err(|error| error.to_string()),
        };
        read.unwrap_or_else(|error| {
            let (name, kind) = (self.name, std::any::type_name::<T>());
            self.socket.fail(self.at, &format!("`{name}` came with [{args}], which is no `{kind}`: {error}"))
        })
    }
}

/// The next event of a name. Awaited, it is the event's argument, or the tuple of its arguments; other events stay where they are.
#[must_use = "nothing is taken before it is awaited"]
pub struct NextEvent<T> {
    coming: Coming,
    kind: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for NextEvent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NextEvent").field(&self.coming.name).finish()
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for NextEvent<T> {
    type Output = T;
    type IntoFuture = LocalBoxFuture<'static, T>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let event = self.coming.take(false).await;
            self.coming.read(&event)
        })
    }
}

/// The next question of a name. Awaited, it is the [`Question`].
#[must_use = "nothing is taken before it is awaited"]
pub struct NextQuestion<A, T> {
    coming: Coming,
    kind: PhantomData<fn(A) -> T>,
}

impl<A, T> fmt::Debug for NextQuestion<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NextQuestion").field(&self.coming.name).finish()
    }
}

impl<A: 'static, T: DeserializeOwned + 'static> IntoFuture for NextQuestion<A, T> {
    type Output = Question<A, T>;
    type IntoFuture = LocalBoxFuture<'static, Question<A, T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let event = self.coming.take(true).await;
            let args = self.coming.read(&event);
            let Coming { socket, at, .. } = self.coming;
            Question::new(socket, event, args, at)
        })
    }
}
