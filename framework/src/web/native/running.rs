//! The workers' threads, and what ends them.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use actix_rt::{Arbiter, ArbiterHandle, System};
use tokio::sync::{mpsc, watch};

use super::worker::{Stop, Worker};

/// A [`NativeServer`](super::NativeServer) that runs: a future that ends when all workers have stopped. Dropped, it stops them at once.
///
/// # Errors
/// When a worker's app could not be made, or a worker panicked; then the others have been stopped.
#[must_use = "a server that nobody awaits is stopped"]
pub struct RunningServer {
    handle: NativeHandle,
    ended: Pin<Box<dyn Future<Output = io::Result<()>> + Send>>,
}

/// Stops a [`RunningServer`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct NativeHandle {
    stop: Arc<watch::Sender<Stop>>,
}

impl std::fmt::Debug for RunningServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RunningServer")
    }
}

impl NativeHandle {
    /// No connection is accepted any more. With `graceful`, HTTP requests that are under way are answered, within the shutdown
    /// timeout; WebSockets are cut, so [`Greenroom::close`](crate::Greenroom::close) comes before. Works at once; the future
    /// ends when the workers have.
    pub fn stop(&self, graceful: bool) -> impl Future<Output = ()> + Send + use<> {
        self.raise(if graceful { Stop::Gracefully } else { Stop::AtOnce });
        let stop = self.stop.clone();
        async move { stop.closed().await }
    }

    fn raise(&self, how: Stop) {
        self.stop.send_if_modified(|stop| {
            let stronger = how > *stop;
            *stop = how.max(*stop);
            stronger
        });
    }
}

impl RunningServer {
    /// Starts one thread for each worker. `signal`: the server stops gracefully then.
    pub(super) fn start(
        workers: usize,
        mut worker: impl FnMut(watch::Receiver<Stop>) -> Worker,
        signal: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    ) -> Self {
        let handle = NativeHandle { stop: Arc::new(watch::Sender::new(Stop::No)) };
        // Each of them says one thing.
        let (ended, results) = mpsc::channel(workers.max(1));
        let spawn = |_| spawn(worker(handle.stop.subscribe()), ended.clone());
        let threads = (0..workers).map(spawn).collect();
        drop(ended);
        let ended = Box::pin(watch_over(handle.clone(), results, signal, threads));
        Self { handle, ended }
    }

    /// What stops it.
    #[must_use]
    pub fn handle(&self) -> NativeHandle {
        self.handle.clone()
    }
}

impl Future for RunningServer {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.ended.as_mut().poll(cx)
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.handle.raise(Stop::AtOnce);
    }
}

async fn watch_over(
    handle: NativeHandle,
    mut results: mpsc::Receiver<io::Result<()>>,
    signal: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    threads: Vec<Thread>,
) -> io::Result<()> {
    let mut signal = pin!(async move {
        match signal {
            Some(signal) => signal.await,
            None => std::future::pending().await,
        }
    });
    let (mut signalled, mut outcome) = (false, Ok(()));
    loop {
        tokio::select! {
            result = results.recv() => match result {
                Some(result) => {
                    if result.is_err() {
                        // One worker less is no server that anybody has asked for.
                        handle.raise(Stop::AtOnce);
                    }
                    outcome = outcome.and(result);
                }
                None => break,
            },
            () = &mut signal, if !signalled => {
                signalled = true;
                handle.raise(Stop::Gracefully);
            }
        }
    }
    // All that they held is dropped when they have ended.
    let joined = actix_rt::task::spawn_blocking(move || threads.into_iter().for_each(Thread::join));
    let _ = joined.await;
    outcome
}

/// A worker's thread. It belongs to the app's actix system, if there is one: so it is with `HttpServer`.
enum Thread {
    Arbiter(Arbiter),
    Own(thread::JoinHandle<()>),
}

impl Thread {
    fn join(self) {
        // One that has panicked has been noticed.
        let _ = match self {
            Self::Arbiter(arbiter) => arbiter.join(),
            Self::Own(thread) => thread.join(),
        };
    }
}

fn spawn(worker: Worker, ended: mpsc::Sender<io::Result<()>>) -> Thread {
    let panicked = Err(io::Error::other("a worker of the server has panicked"));
    let report = Report { ended, result: panicked };
    if System::try_current().is_none() {
        return Thread::Own(thread::spawn(move || report.of(System::new().block_on(worker.run()))));
    }
    let arbiter = Arbiter::new();
    arbiter.spawn_fn(move || {
        actix_rt::spawn(async move {
            let _ends = EndsArbiter(Arbiter::current());
            report.of(worker.run().await);
        });
    });
    Thread::Arbiter(arbiter)
}

/// How a worker has ended, told when this is dropped: also when the worker panics.
struct Report {
    ended: mpsc::Sender<io::Result<()>>,
    result: io::Result<()>,
}

impl Report {
    fn of(mut self, result: io::Result<()>) {
        self.result = result;
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        let _ = self.ended.try_send(std::mem::replace(&mut self.result, Ok(())));
    }
}

struct EndsArbiter(ArbiterHandle);

impl Drop for EndsArbiter {
    fn drop(&mut self) {
        self.0.stop();
    }
}
