//! A WebSocket whose TCP connection is at hand: the hub writes to it, all that a turn had for it at once.
//!
//! That spares a task's wake, a poll of the HTTP dispatcher and a copy for each packet, and several packets share one system call. As
//! long as the socket takes everything there is no task for it. One that does not, or that ends, gets a task for as long as that lasts.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::net::Shutdown;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_util::io::poll_read_buf;

use super::line::ByteStream;
use super::wire::Wire;

/// Bytes that are read at once.
const READ: usize = 16 * 1024;

/// Small frames are joined up to about so many bytes. What a blocked socket has not taken is counted by nobody, so this is also
/// what a client that does not read may hold beyond its outbox, but for one frame of any size.
const WRITE: usize = 32 * 1024;

/// How long the peer may take to close its end after ours: a TCP connection that is closed with bytes unread is reset, and the
/// close frame may be lost with it.
const LINGER: Duration = Duration::from_secs(1);

thread_local! {
    static READING: RefCell<BytesMut> = RefCell::default();
    static JOINED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The socket of a [`Wire`].
#[derive(Debug)]
pub(super) struct Direct {
    socket: OwnedWriteHalf,
    /// What the socket has not taken.
    unsent: RefCell<Bytes>,
    /// A task has it.
    driven: Cell<bool>,
}

#[derive(Debug, PartialEq, Eq)]
enum Progress {
    Done,
    Blocked,
    Failed,
}

impl Direct {
    /// `first` is sent before everything else.
    pub(super) fn new(socket: OwnedWriteHalf, first: Bytes) -> Self {
        Self { socket, unsent: RefCell::new(first), driven: Cell::new(false) }
    }

    pub(super) fn is_driven(&self) -> bool {
        self.driven.get()
    }

    /// Writes until there is nothing left or the socket is full.
    fn write(&self, mut next: impl FnMut() -> Option<Bytes>) -> Progress {
        loop {
            let unsent = Some(self.unsent.take()).filter(|unsent| !unsent.is_empty());
            let Some(first) = unsent.or_else(&mut next) else { return Progress::Done };
            let large = first.len() >= WRITE;
            let second = if large { None } else { next() };
            let (progress, more) = match second {
                None => (self.put(first), large),
                Some(second) => self.put_joined(&first, &second, &mut next),
            };
            if progress != Progress::Done || !more {
                return progress;
            }
        }
    }

    fn put(&self, mut bytes: Bytes) -> Progress {
        let (progress, taken) = self.send(&bytes);
        bytes.advance(taken);
        if progress == Progress::Blocked {
            self.unsent.replace(bytes);
        }
        progress
    }

    /// Also says whether there may be more.
    fn put_joined(
        &self,
        first: &[u8],
        second: &[u8],
        mut next: impl FnMut() -> Option<Bytes>,
    ) -> (Progress, bool) {
        JOINED.with_borrow_mut(|joined| {
            joined.clear();
            joined.extend_from_slice(first);
            joined.extend_from_slice(second);
            let mut more = true;
            while more && joined.len() < WRITE {
                let frame = next();
                more = frame.is_some();
                joined.extend_from_slice(&frame.unwrap_or_default());
            }
            let (progress, taken) = self.send(joined);
            if progress == Progress::Blocked {
                self.unsent.replace(Bytes::copy_from_slice(joined.get(taken..).unwrap_or_default()));
            }
            // What a large frame grew is given back.
            joined.shrink_to(2 * WRITE);
            (progress, more)
        })
    }

    /// One system call, and how much it took.
    fn send(&self, bytes: &[u8]) -> (Progress, usize) {
        match self.socket.try_write(bytes) {
            Ok(taken) if taken == bytes.len() => (Progress::Done, taken),
            Ok(taken) => (Progress::Blocked, taken),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => (Progress::Blocked, 0),
            Err(_) => (Progress::Failed, 0),
        }
    }

    /// Waits until the socket takes bytes again. An error when nothing is to be sent any more.
    async fn room(&self, wire: &Wire) -> io::Result<()> {
        let mut writable = pin!(self.socket.writable());
        poll_fn(|cx| {
            if wire.is_cut() {
                return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
            }
            wire.wake_later(cx.waker());
            writable.as_mut().poll(cx)
        })
        .await
    }

    /// The last frame has left: the peer has some time to read it.
    async fn close(&self, cut: bool) {
        let stream: &TcpStream = self.socket.as_ref();
        let socket = socket2::SockRef::from(stream);
        // Fails only if the connection is gone already.
        if !cut && socket.shutdown(Shutdown::Write).is_ok() {
            let _ = tokio::time::timeout(LINGER, read_to_end(stream)).await;
        }
        let _ = socket.shutdown(Shutdown::Both);
    }
}

async fn read_to_end(stream: &TcpStream) {
    let mut nobody_reads = [0; 512];
    while stream.readable().await.is_ok() {
        match stream.try_read(&mut nobody_reads) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

/// The end of a turn: everything that waits for this client leaves, or a task takes over.
pub(super) fn write_out(wire: &Rc<Wire>) {
    let Some(direct) = wire.direct() else { return };
    let progress = direct.write(|| wire.next_frame());
    if progress == Progress::Done && !wire.is_closing() && !wire.is_over() {
        wire.rests();
        return;
    }
    direct.driven.set(true);
    // The frame that failed is lost: nothing may follow it.
    if progress == Progress::Failed {
        wire.cut();
    }
    actix_rt::spawn(drive(wire.clone()));
}

/// Until the socket has taken everything again, or to the end.
async fn drive(wire: Rc<Wire>) {
    let Some(direct) = wire.direct() else { return };
    loop {
        wire.others_first();
        match direct.write(|| wire.next_frame()) {
            Progress::Done if wire.is_over() => break,
            Progress::Done if wire.is_closing() => {
                if let Some(last) = poll_fn(|cx| wire.poll_next(cx)).await {
                    direct.unsent.replace(last);
                }
            }
            Progress::Done => {
                wire.rests();
                direct.driven.set(false);
                return;
            }
            Progress::Blocked if direct.room(&wire).await.is_ok() => {}
            Progress::Blocked | Progress::Failed => {
                wire.cut();
                break;
            }
        }
    }
    let cut = wire.is_cut();
    wire.gone();
    direct.close(cut).await;
}

/// What comes in, without the first `skip` bytes. Ends with the connection.
pub(crate) fn incoming(socket: OwnedReadHalf, skip: usize) -> ByteStream {
    Box::pin(Incoming { socket, skip })
}

struct Incoming {
    socket: OwnedReadHalf,
    skip: usize,
}

impl Incoming {
    /// Empty at the end. What is read is cut from the thread's space, which is whole again when it has been handled: nothing is allocated and
    /// nothing is copied, unless a client is held back.
    fn read(&mut self, cx: &mut Context<'_>, space: &mut BytesMut) -> Poll<io::Result<Bytes>> {
        loop {
            space.reserve(READ);
            let read = ready!(poll_read_buf(Pin::new(&mut self.socket), cx, space))?;
            let mut bytes = space.split().freeze();
            bytes.advance(self.skip.min(read));
            if !bytes.is_empty() || read == 0 {
                self.skip = 0;
                return Poll::Ready(Ok(bytes));
            }
            self.skip -= read;
        }
    }
}

impl futures_core::Stream for Incoming {
    type Item = Result<Bytes, ()>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let read = READING.with_borrow_mut(|space| self.read(cx, space));
        read.map(|read| match read {
            Ok(bytes) if bytes.is_empty() => None,
            read => Some(read.map_err(|_| ())),
        })
    }
}
