//! Acknowledgements, both ways.
//!
//! Towards the client: [`AckFn`]. From one client: [`AckFuture`]. From many: [`Acks`], a stream of (socket, answer) that is also a
//! future of everybody's answers and of who is missing. None of them waits for ever: there is always a timeout, a socket that
//! leaves fails its answers at once, and what is pending is bounded per socket.

use std::collections::{HashSet, VecDeque};
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};

use super::{Socket, SocketCell};
use crate::id::SocketId;
use crate::payload::{ArgError, Args, EncodeError, Rest, ack_frame};
use crate::protocol::socket::Ack;
use crate::worker::{Asker, HubInner, Seat};

/// Why an answer did not come.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AckError {
    /// The client did not answer in time. Worded as the reference words it.
    #[error("operation has timed out")]
    Timeout,
    /// The client left before it answered.
    #[error("socket has been disconnected")]
    Disconnected,
    /// Too many answers are awaited from this client already.
    #[error("{limit} answers are awaited from this socket already")]
    TooMany {
        /// The option `max_pending_acks`.
        limit: usize,
    },
    /// The answer is of another type.
    #[error("the answer cannot be read: {0}")]
    Mismatch(#[from] ArgError),
    /// The question could not be sent.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// A timeout may be `Duration::MAX`: then it is in many years.
pub(super) fn deadline_in(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or(now + Duration::from_secs(30 * 365 * 24 * 3600))
}

// ---- towards the client ------------------------------------------------------------------------------------

/// The acknowledgement that a client asked for. `send` consumes it, so an event is answered at most once.
///
/// Dropped without `send`, nothing is answered, as in Node; if it is dropped by a panic, the client is told `internal`.
#[derive(Debug)]
pub struct AckFn {
    /// Whom to answer, and which question. `None` once answered, or when nobody asked: the handle is counted across threads, which has its price.
    asked: Option<(Socket, u64)>,
    /// Set when several listeners of one event may answer: the first one counts.
    shared: Option<Arc<AtomicBool>>,
}

impl AckFn {
    pub(crate) fn new(socket: &Socket, id: Option<u64>) -> Self {
        Self { asked: id.map(|id| (socket.clone(), id)), shared: None }
    }

    /// Whether the client asked for an answer. If not, `send` does nothing.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.asked.is_some()
    }

    /// Answers; a tuple is several arguments, `()` is none. Does nothing once the socket has left.
    pub fn send<T: Serialize>(mut self, args: T) {
        self.answer(&args);
    }

    /// Gives the right to answer away.
    pub(crate) fn take(&mut self) -> Self {
        Self { asked: self.asked.take(), shared: self.shared.take() }
    }

    /// A second right to the same answer.
    pub(crate) fn share(&mut self) -> Self {
        let shared = self.asked.is_some().then(|| self.shared.get_or_insert_with(Arc::default).clone());
        Self { asked: self.asked.clone(), shared }
    }

    pub(crate) fn answer<T: Serialize + ?Sized>(&mut self, args: &T) {
        let Some((socket, id)) = self.asked.take() else { return };
        if self.shared.take().is_some_and(|answered| answered.swap(true, Ordering::AcqRel)) {
            return;
        }
        match ack_frame(socket.namespace(), id, args) {
            Ok(frame) => socket.transmit(frame, false),
            Err(error) => {
                crate::trace::not_sent(socket.namespace(), "(acknowledgement)", &error);
                let internal = ack_frame(socket.namespace(), id, &Failed::internal());
                // An answer that cannot be written is still answered, or the client would wait for ever.
                if let Ok(frame) = internal {
                    socket.transmit(frame, false);
                }
            }
        }
    }

    /// Answers `{"ok":false,"error":{"code","message"}}`.
    pub(crate) fn fail(&mut self, code: &str, message: &str) {
        self.fail_with(&Problem { code, message });
    }

    /// Answers `{"ok":false,"error":…}`.
    pub(crate) fn fail_with<E: Serialize>(&mut self, error: &E) {
        self.answer(&Failed { ok: false, error });
    }
}

/// How a client is told that its event failed.
#[derive(Serialize)]
struct Failed<E> {
    ok: bool,
    error: E,
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'a str,
    message: &'a str,
}

impl Failed<Problem<'static>> {
    fn internal() -> Self {
        Self { ok: false, error: Problem { code: "internal", message: "internal error" } }
    }
}

impl Drop for AckFn {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.fail("internal", "internal error");
        }
    }
}

// ---- from the client ---------------------------------------------------------------------------------------

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    ack: Ack,
}

impl Answer {
    fn read<T: DeserializeOwned>(&self) -> Result<T, AckError> {
        Ok(Args::new(self.ack.args(), self.ack.attachments()).next()?)
    }

    fn read_all<T: DeserializeOwned>(&self) -> Result<Rest<T>, AckError> {
        Ok(Args::new(self.ack.args(), self.ack.attachments()).rest()?)
    }
}

/// Who waits for an answer of one socket.
pub(crate) enum Waiter {
    One(oneshot::Sender<Result<Answer, AckError>>),
    Many(Arc<Gather>),
}

impl Waiter {
    pub(crate) fn answered(self, from: SocketId, ack: Ack) {
        match self {
            Self::One(tx) => drop(tx.send(Ok(Answer { ack }))),
            Self::Many(gather) => gather.answered(from, Ok(Answer { ack })),
        }
    }

    pub(crate) fn failed(self, from: SocketId, error: AckError) {
        match self {
            Self::One(tx) => drop(tx.send(Err(error))),
            Self::Many(gather) => gather.answered(from, Err(error)),
        }
    }

    /// Nobody waits any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        match self {
            Self::One(tx) => tx.is_closed(),
            Self::Many(gather) => gather.is_over(),
        }
    }
}

/// The answer of one client. Fails after the timeout (30 s by default), and at once when the client leaves.
///
/// The event was sent when this was made; dropping it forgets the answer.
#[must_use = "the event is sent already; await the answer, or use `emit`"]
pub struct AckFuture<T> {
    state: AckState,
    sleep: Option<Pin<Box<Sleep>>>,
    deadline: Instant,
    read: fn(&Answer) -> Result<T, AckError>,
}

enum AckState {
    Waiting(oneshot::Receiver<Result<Answer, AckError>>),
    Failed(Option<AckError>),
}

impl<T> std::fmt::Debug for AckFuture<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AckFuture")
    }
}

impl<T: DeserializeOwned> AckFuture<T> {
    pub(super) fn new(rx: oneshot::Receiver<Result<Answer, AckError>>, timeout: Duration) -> Self {
        Self { state: AckState::Waiting(rx), sleep: None, deadline: deadline_in(timeout), read: Answer::read }
    }

    pub(super) fn failed(error: AckError) -> Self {
        Self {
            state: AckState::Failed(Some(error)),
            sleep: None,
            deadline: Instant::now(),
            read: Answer::read,
        }
    }

    /// All arguments of the answer instead of its first.
    pub fn rest(self) -> AckFuture<Rest<T>> {
        let Self { state, sleep, deadline, .. } = self;
        AckFuture { state, sleep, deadline, read: Answer::read_all }
    }
}

impl<T> Future for AckFuture<T> {
    type Output = Result<T, AckError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        match &mut this.state {
            AckState::Failed(error) => {
                return Poll::Ready(Err(error.take().unwrap_or(AckError::Disconnected)));
            }
            AckState::Waiting(rx) => {
                if let Poll::Ready(answer) = Pin::new(rx).poll(cx) {
                    let answer = answer.unwrap_or(Err(AckError::Disconnected));
                    return Poll::Ready(answer.and_then(|answer| (this.read)(&answer)));
                }
            }
        }
        let deadline = this.deadline;
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.as_mut().poll(cx).is_ready() {
            this.state = AckState::Failed(None);
            return Poll::Ready(Err(AckError::Timeout));
        }
        Poll::Pending
    }
}

// ---- from many clients -------------------------------------------------------------------------------------

#[derive(Default)]
struct Gathered {
    /// Workers that have not yet said whom they asked.
    workers: usize,
    asked: HashSet<SocketId>,
    ready: VecDeque<(SocketId, Result<Answer, AckError>)>,
    waker: Option<Waker>,
    over: bool,
}

/// The meeting point of a broadcast's answers. Holds at most one per receiver.
pub(crate) struct Gather {
    id: u64,
    state: Mutex<Gathered>,
}

impl Gather {
    pub(super) fn new(id: u64) -> Arc<Self> {
        Arc::new(Self { id, state: Mutex::default() })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Gathered> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, f: impl FnOnce(&mut Gathered)) {
        let mut state = self.lock();
        f(&mut state);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn answered(&self, from: SocketId, answer: Result<Answer, AckError>) {
        self.change(|state| {
            if state.asked.remove(&from) && !state.over {
                state.ready.push_back((from, answer));
            }
        });
    }

    fn is_over(&self) -> bool {
        self.lock().over
    }
}

impl Asker for Gather {
    fn expect(&self, workers: usize) {
        self.lock().workers = workers;
    }

    fn asks(self: Arc<Self>, _: &Rc<HubInner>, seat: &Rc<Seat>) {
        let Some(cell) = SocketCell::of(seat) else { return };
        self.lock().asked.insert(seat.id);
        cell.expect_answer(self.id, Waiter::Many(self.clone()));
    }

    fn finished(&self) {
        self.change(|state| state.workers = state.workers.saturating_sub(1));
    }
}

/// Everybody's answers, and who is missing and why.
#[derive(Debug)]
pub struct Replies<T> {
    /// Answers in the order they came.
    pub replies: Vec<(SocketId, T)>,
    /// Sockets that were asked and gave no usable answer.
    pub missing: Vec<(SocketId, AckError)>,
}

impl<T> Replies<T> {
    /// Whether everybody answered; true also when nobody was asked.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}

/// The answers of many clients: a stream of (socket, answer) in the order they come, or, awaited, all of them.
///
/// Ends when everybody has answered or left, or at the timeout (30 s by default); who has not answered then is reported with
/// [`AckError::Timeout`]. The event was sent when this was made.
#[must_use = "the event is sent already; await the answers, or use `emit`"]
pub struct Acks<T> {
    gather: Arc<Gather>,
    failed: Option<AckError>,
    deadline: Instant,
    sleep: Option<Pin<Box<Sleep>>>,
    kind: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for Acks<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Acks")
    }
}

impl<T> Acks<T> {
    pub(super) fn new(gather: Arc<Gather>, timeout: Duration, failed: Option<AckError>) -> Self {
        Self { gather, failed, deadline: deadline_in(timeout), sleep: None, kind: PhantomData }
    }
}

impl<T> Drop for Acks<T> {
    fn drop(&mut self) {
        let mut state = self.gather.lock();
        // The sockets' entries see this and are swept. They hold this until then, but not the answers.
        state.over = true;
        state.ready = VecDeque::new();
        state.asked = HashSet::new();
    }
}

impl<T: DeserializeOwned> Acks<T> {
    /// The next answer; `None` when all are in.
    pub async fn next(&mut self) -> Option<(SocketId, Result<T, AckError>)> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// # Errors
    /// When the question could not be sent.
    async fn collect(mut self) -> Result<Replies<T>, AckError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let (mut replies, mut missing) = (Vec::new(), Vec::new());
        while let Some((id, answer)) = self.next().await {
            match answer {
                Ok(answer) => replies.push((id, answer)),
                Err(error) => missing.push((id, error)),
            }
        }
        Ok(Replies { replies, missing })
    }
}

impl<T: DeserializeOwned> Stream for Acks<T> {
    type Item = (SocketId, Result<T, AckError>);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        {
            let mut state = this.gather.lock();
            if let Some((id, answer)) = state.ready.pop_front() {
                return Poll::Ready(Some((id, answer.and_then(|answer| answer.read()))));
            }
            if state.over || (state.workers == 0 && state.asked.is_empty()) {
                return Poll::Ready(None);
            }
            state.waker = Some(cx.waker().clone());
        }
        let deadline = this.deadline;
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        let mut state = this.gather.lock();
        state.over = true;
        let late = state.asked.drain().map(|id| (id, Err(AckError::Timeout))).collect::<Vec<_>>();
        state.ready.extend(late);
        match state.ready.pop_front() {
            Some((id, answer)) => Poll::Ready(Some((id, answer.and_then(|answer| answer.read())))),
            None => Poll::Ready(None),
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for Acks<T> {
    type Output = Result<Replies<T>, AckError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.collect())
    }
}
