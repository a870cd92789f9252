//! A WebSocket that landed on another worker than its session's: an actor that passes messages on.
//!
//! A window bounds what is under way, so a session that is held back holds its client back through here, too.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context as TaskContext, Poll};

use actix::fut::ActorFuture;
use actix::{Actor, ActorContext, AsyncContext, Context};
use bytes::Bytes;
use futures_util::task::AtomicWaker;

use super::reader::{Read, Reader};
use crate::protocol::websocket::{self, Message};
use crate::worker::{GiveBack, Home, LINK_WINDOW, LinkInput, LinkPlace, Op, Permit};

/// Bytes under way to the session's worker. Shared with it: it gives back what it has handled.
#[derive(Debug, Default)]
pub(crate) struct Window {
    under_way: AtomicUsize,
    refused: AtomicBool,
    waker: AtomicWaker,
}

impl GiveBack for Window {
    fn give_back(&self, bytes: usize) {
        self.under_way.fetch_sub(bytes, Ordering::AcqRel);
        self.waker.wake();
    }

    fn refuse(&self) {
        self.refused.store(true, Ordering::Release);
        self.waker.wake();
    }
}

impl Window {
    fn is_full(&self) -> bool {
        self.under_way.load(Ordering::Acquire) >= LINK_WINDOW
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Relay {
    place: LinkPlace,
    reader: Option<Reader>,
    window: Arc<Window>,
}

impl Relay {
    pub(crate) fn start(place: LinkPlace, reader: Reader) {
        let _ = Actor::start(Self { place, reader: Some(reader), window: Arc::default() });
    }
}

impl Actor for Relay {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if let Some(reader) = self.reader.take() {
            let pass = Pass { reader };
            // A session that ended before this worker had a place for the WebSocket could not close it: it refuses this.
            pass.pass(self, Vec::new(), 0);
            ctx.spawn(pass);
        }
    }
}

struct Pass {
    reader: Reader,
}

impl Pass {
    fn send(&self, relay: &Relay, messages: Vec<Message>, bytes: usize) {
        if !messages.is_empty() {
            self.pass(relay, messages, bytes);
        }
    }

    fn pass(&self, relay: &Relay, messages: Vec<Message>, bytes: usize) {
        if let Home::There { worker, slot } = self.reader.wire().home() {
            relay.window.under_way.fetch_add(bytes, Ordering::AcqRel);
            let input = LinkInput::Messages(messages, Permit::new(relay.window.clone(), bytes));
            relay
                .place
                .hub()
                .post(*worker, Op::LinkIn { slot: *slot, link: self.reader.wire().link(), input });
        }
    }
}

fn size(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len() + 8,
        Message::Binary(data) => data.len() + 8,
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => 8,
    }
}

impl ActorFuture<Relay> for Pass {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        relay: &mut Relay,
        ctx: &mut Context<Relay>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        relay.window.waker.register(cx.waker());
        if relay.window.refused.load(Ordering::Acquire) {
            self.reader.wire().close(websocket::close_frame(None, ""));
            ctx.stop();
            return Poll::Ready(());
        }
        let mut chunk = self.reader.begin();
        let ended = self.read(&mut chunk, relay, ctx, cx);
        self.reader.keep(chunk);
        ended
    }
}

impl Pass {
    fn read(
        &mut self,
        chunk: &mut Bytes,
        relay: &Relay,
        ctx: &mut Context<Relay>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        let (mut messages, mut bytes) = (Vec::new(), 0);
        loop {
            if relay.window.is_full() || bytes >= LINK_WINDOW {
                self.send(relay, messages, bytes);
                // Asked again when the window opens; at once if it did meanwhile.
                if relay.window.is_full() {
                    self.reader.read_ahead(cx);
                } else {
                    cx.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
            match self.reader.poll(chunk, cx) {
                Poll::Ready(Read::Message(message)) => {
                    bytes += size(&message);
                    messages.push(message);
                }
                Poll::Ready(Read::Ended(how)) => {
                    self.send(relay, messages, bytes);
                    let wire = self.reader.wire();
                    relay.place.hub().link_ended(wire.home(), wire.link(), how);
                    ctx.stop();
                    return Poll::Ready(());
                }
                Poll::Pending => {
                    self.send(relay, messages, bytes);
                    return Poll::Pending;
                }
            }
        }
    }
}
