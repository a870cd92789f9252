//! The server's answer to an event.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;

use bytes::Bytes;
use futures_core::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::socket::Socket;
use crate::payload::{ArgError, Args, is_tuple, providing};
use crate::protocol::socket::Ack;
use crate::typed::Fault;

/// What a method returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `T`, answered as it is.
    Plain,
    /// `Result<T, E>`, answered as `{"ok":true,"data":…}`.
    Wrapped,
    /// Unknown: an object of just `ok: true` and `data` is taken for a `Result`'s.
    Either,
}

/// The answer to an event that was sent when this was made. Awaited, it is `Ok` with what the handler answered, or `Err` with the
/// fault that the client is told; the test fails when neither comes.
#[must_use = "the event is sent; await the answer, or use `emit` for an event that wants none"]
pub struct Reply<T> {
    socket: Rc<Socket>,
    id: u64,
    event: String,
    form: Form,
    at: &'static Location<'static>,
    kind: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("event", &self.event).field("id", &self.id).finish_non_exhaustive()
    }
}

impl<T> Reply<T> {
    pub(super) fn new(
        socket: &Rc<Socket>,
        id: u64,
        event: &str,
        form: Form,
        at: &'static Location<'static>,
    ) -> Self {
        Self { socket: socket.clone(), id, event: event.to_owned(), form, at, kind: PhantomData }
    }

    async fn ack(&self) -> Ack {
        let Self { socket, event, at, .. } = self;
        let look = || socket.take_answer(self.id).map(Ok).or_else(|| socket.left().map(Err));
        match socket.connection.until(look).await {
            Some(Ok(ack)) => ack,
            Some(Err(left)) => {
                socket.fail(at, &format!("`{event}` was not answered before the client left ({left})"))
            }
            None => socket.fail(at, &socket.connection.in_time(&format!("`{event}` was not answered"))),
        }
    }
}

impl<T: DeserializeOwned> Reply<T> {
    async fn read(self) -> Result<T, Fault> {
        let ack = self.ack().await;
        let first = Args::new(ack.args(), ack.attachments()).next::<serde_json::Value>().unwrap_or_default();
        if let Some(fault) = fault_in(&first) {
            return Err(fault);
        }
        let wrapped = match self.form {
            Form::Plain => false,
            Form::Wrapped => true,
            Form::Either => is_wrapped(&first),
        };
        let value = if wrapped {
            #[derive(Deserialize)]
            struct Good<T> {
                data: T,
            }
            Args::new(ack.args(), ack.attachments()).next::<Good<T>>().map(|good| good.data)
        } else {
            as_sent(ack.args(), ack.attachments())
        };
        value.map_err(|error| {
            let kind = std::any::type_name::<T>();
            let Self { socket, event, at, .. } = &self;
            socket
                .fail(at, &format!("`{event}` was answered [{}], which is no `{kind}`: {error}", ack.args()))
        })
    }

    /// The answer must be this.
    #[track_caller]
    pub fn assert_reply(self, expected: T) -> impl Future<Output = ()>
    where
        T: PartialEq + fmt::Debug,
    {
        let (at, socket, event) = (Location::caller(), self.socket.clone(), self.event.clone());
        async move {
            let answer = self.read().await;
            if answer.as_ref() != Ok(&expected) {
                socket.fail(
                    at,
                    &format!("`{event}` was answered {answer:?}, expected {:?}", Ok::<_, Fault>(expected)),
                );
            }
        }
    }

    /// The answer must be a fault with this code; gives it.
    #[track_caller]
    pub fn assert_fault(self, code: &str) -> impl Future<Output = Fault>
    where
        T: fmt::Debug,
    {
        let (at, socket, event) = (Location::caller(), self.socket.clone(), self.event.clone());
        async move {
            match self.read().await {
                Err(fault) if fault.code() == code => fault,
                other => {
                    socket.fail(at, &format!("`{event}` was answered {other:?}, expected the fault `{code}`"))
                }
            }
        }
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for Reply<T> {
    type Output = Result<T, Fault>;
    type IntoFuture = LocalBoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.read())
    }
}

fn fault_in(answer: &serde_json::Value) -> Option<Fault> {
    #[derive(Deserialize)]
    struct Failed {
        ok: bool,
        error: Problem,
    }
    #[derive(Deserialize)]
    struct Problem {
        code: String,
        message: String,
        at: Option<String>,
        data: Option<serde_json::Value>,
    }
    let Failed { ok, error } = Failed::deserialize(answer).ok()?;
    let fault = Fault::new(error.code, error.message);
    let fault = match error.data {
        Some(data) => fault.with_data(data),
        None => fault,
    };
    (!ok).then(|| match error.at {
        Some(place) => fault.at(place),
        None => fault,
    })
}

fn is_wrapped(answer: &serde_json::Value) -> bool {
    answer.as_object().is_some_and(|object| {
        object.len() == 2 && object.get("ok") == Some(&true.into()) && object.contains_key("data")
    })
}

/// What `emit` was given: a tuple is several arguments, anything else is one.
pub(super) fn as_sent<T: DeserializeOwned>(args: &str, attachments: &[Bytes]) -> Result<T, ArgError> {
    let several = is_tuple::<T>() && std::any::type_name::<T>() != "()";
    if !several {
        return Args::new(args, attachments).next();
    }
    providing(attachments, || serde_json::from_str(&format!("[{args}]")))
        .map_err(|source| ArgError::Mismatch { number: 1, source })
}
