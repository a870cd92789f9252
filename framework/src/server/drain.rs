//! Going down in order: nobody new, a goodbye to everybody, and time to take it.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Greenroom;
use super::raw::Engine;
use crate::engine::CloseReason;
use crate::supervise::in_batches;
use crate::worker::{Fleet, HubInner, Op};

/// Sessions that a worker ends before it lets its sockets be polled.
const BATCH: usize = 500;

impl Greenroom {
    /// Ends every session with `server shutting down` and refuses new ones (503). Clients get a close frame (1001) or the answer to
    /// their poll, no Socket.IO packet, so official clients reconnect. Waits until all have gone, `drain_timeout` at most; true if all
    /// have. The HTTP server is not touched.
    pub async fn close(&self) -> bool {
        let timeout = self.0.front.options.drain_timeout;
        drain(&self.0.fleet, timeout).await
    }

    /// Resolves when the process is told to stop (SIGTERM, SIGINT or Ctrl-C) and the sessions have been drained: for
    /// `HttpServer::shutdown_signal`, which [`HttpServerExt`](crate::HttpServerExt) uses it for.
    pub async fn shutdown_signal(self) {
        on_signal(&self.0.fleet, self.0.front.options.drain_timeout).await;
    }
}

impl Engine {
    /// See [`Greenroom::close`].
    pub async fn close(&self) -> bool {
        drain(&self.0.fleet, self.0.options.drain_timeout).await
    }

    /// See [`Greenroom::shutdown_signal`].
    pub async fn shutdown_signal(self) {
        on_signal(&self.0.fleet, self.0.options.drain_timeout).await;
    }
}

async fn on_signal(fleet: &Arc<Fleet>, timeout: Duration) {
    asked_to_stop().await;
    if !drain(fleet, timeout).await {
        crate::trace::drain_incomplete(fleet.sessions());
    }
}

async fn drain(fleet: &Arc<Fleet>, timeout: Duration) -> bool {
    fleet.draining.store(true, Ordering::Release);
    let workers: Vec<_> = fleet.live().collect();
    let (tx, mut rx) = tokio::sync::mpsc::channel::<()>(1);
    for worker in workers {
        let gone = tx.clone();
        let until = Instant::now() + timeout;
        let errand = move |hub: &Rc<HubInner>| {
            actix_rt::spawn(end_sessions(hub.clone(), gone, until));
        };
        fleet.post(worker, Op::Run(Box::new(errand)));
    }
    drop(tx);
    // The channel ends when the last worker has dropped its end; whoever was not done in time says so, as its deadline may come first.
    matches!(tokio::time::timeout(timeout, rx.recv()).await, Ok(None))
}

async fn end_sessions(hub: Rc<HubInner>, gone: tokio::sync::mpsc::Sender<()>, until: Instant) {
    let end = |line| hub.close(&line, CloseReason::ServerShuttingDown);
    in_batches(hub.lines(), BATCH, until, end).await;
    crate::connection::end_all(&hub);
    hub.when_quiet().await;
    if !crate::room::drain(&hub, until).await {
        let _ = gone.send(()).await;
    }
}

async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = term.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
