//! What a connection is waiting for: futures of user code, in one set.
//!
//! They are polled in the order they were woken, so answers that come in order are seen in order, also by handlers that run
//! beside each other. Nothing is allocated for a connection whose handlers are synchronous.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use actix::fut::ActorFuture;
use actix::{AsyncContext, Context};
use bytestring::ByteString;
use compact_str::CompactString;
use futures_core::future::LocalBoxFuture;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::Connection;
use super::sockets::Credentials;
use super::tunnel::Tunnel;
use crate::error::Refuse;
use crate::id::SocketId;
use crate::namespace::Population;
use crate::protocol::socket::Event;
use crate::recovery::Claim;
use crate::socket::{AckFn, Disconnect};

/// What has ended.
pub(super) enum Done {
    /// A handler that the socket's later events waited for.
    Handler { id: SocketId, name: CompactString, fine: bool },
    /// Packet middleware; no verdict if it panicked.
    Passed { id: SocketId, ack: AckFn, name: CompactString, verdict: Option<Result<Event, Refuse>> },
    /// A handler that ran beside the others.
    Beside { id: SocketId, name: CompactString, fine: bool },
    /// A predicate was asked about a namespace.
    Asked {
        name: ByteString,
        auth: Option<ByteString>,
        credentials: Option<Credentials>,
        found: Option<Population>,
    },
    /// A private id was shown; the session it is good for, if it is.
    Claimed { name: ByteString, population: Population, auth: Option<ByteString>, claim: Option<Claim> },
    /// Another worker was asked to serve a namespace; nothing if it can't.
    Dug { namespace: ByteString, auth: Option<ByteString>, tunnel: Option<Tunnel> },
    /// The middleware of a namespace.
    Screened { id: SocketId, verdict: Result<(), Refuse> },
    /// The hooks of a socket that left.
    Parted { id: SocketId, reason: Disconnect, stays: bool },
    /// A handler of a raw session.
    Raw { fine: bool },
}

/// See the module.
#[derive(Default)]
pub(super) struct Work(Option<Box<Begun>>);

#[derive(Default)]
struct Begun {
    set: FuturesUnordered<LocalBoxFuture<'static, Done>>,
    /// Of the pump.
    waker: Option<Waker>,
}

impl Connection {
    /// Takes up work, and goes on with what follows it when it is done; now, if it needs no waiting.
    pub(super) fn begin(&mut self, work: impl Future<Output = Done> + 'static, ctx: &mut Context<Self>) {
        if let Some(done) = self.try_now(work, ctx) {
            self.done(done, ctx);
        }
    }

    /// Takes up work. What needs no waiting is returned at once, and the caller goes on: a loop there, where `begin` would recurse.
    pub(super) fn try_now(
        &mut self,
        work: impl Future<Output = Done> + 'static,
        ctx: &mut Context<Self>,
    ) -> Option<Done> {
        let mut work: LocalBoxFuture<'static, Done> = Box::pin(work);
        match work.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => {
                if self.work.0.is_none() {
                    ctx.spawn(Pump);
                }
                let begun = self.work.0.get_or_insert_default();
                // Polled again by the pump, with a waker that counts.
                begun.set.push(work);
                if let Some(waker) = &begun.waker {
                    waker.wake_by_ref();
                }
                None
            }
        }
    }

    fn done(&mut self, done: Done, ctx: &mut Context<Self>) {
        match done {
            Done::Passed { id, ack, name, verdict } => {
                self.passed(id, ack, &name, verdict, ctx);
                self.go_through(id, ctx);
            }
            Done::Handler { id, name, fine } => self.work_done(id, fine, &name, ctx),
            Done::Beside { id, name, fine } => self.beside_done(id, fine, &name),
            Done::Asked { name, auth, credentials, found } => {
                self.asked(&name, auth, credentials, found, ctx)
            }
            Done::Claimed { name, population, auth, claim } => {
                self.claimed(&name, population, auth, claim, ctx);
            }
            Done::Dug { namespace, auth, tunnel } => self.dug(&namespace, auth, tunnel, ctx),
            Done::Screened { id, verdict } => self.screened(id, verdict, ctx),
            Done::Parted { id, reason, stays } => self.parted(id, reason, stays, ctx),
            Done::Raw { fine } => self.raw_done(fine, ctx),
        }
    }
}

struct Pump;

impl ActorFuture<Connection> for Pump {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        connection: &mut Connection,
        ctx: &mut Context<Connection>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        let mut worked = false;
        while let Some(begun) = &mut connection.work.0 {
            match begun.set.poll_next_unpin(cx) {
                Poll::Ready(Some(done)) => {
                    worked = true;
                    connection.done(done, ctx);
                }
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        if let Some(begun) = &mut connection.work.0 {
            match &mut begun.waker {
                Some(waker) => waker.clone_from(cx.waker()),
                none => *none = Some(cx.waker().clone()),
            }
        }
        if worked {
            connection.go_on(ctx);
            connection.finish_if_idle(ctx);
        }
        Poll::Pending
    }
}
