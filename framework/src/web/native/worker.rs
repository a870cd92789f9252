//! One worker: it accepts connections, serves them, and ends.
//!
//! Promise: at most so many HTTP connections at once; those beyond it wait in the kernel's backlog. A graceful end lets
//! requests that are under way finish, within a time.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_rt::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Pause after an accept that failed for want of something, such as file descriptors.
const PAUSE: Duration = Duration::from_millis(500);

/// How a server is to end. A later one never weakens an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stop {
    No,
    Gracefully,
    AtOnce,
}

/// Serves a connection, and gives the permit back when it is no HTTP connection any more.
pub(super) type Serve = Rc<dyn Fn(TcpStream, SocketAddr, OwnedSemaphorePermit)>;

/// Makes the app of one worker, on its thread.
pub(super) type Make =
    Box<dyn FnOnce(watch::Receiver<Stop>) -> Pin<Box<dyn Future<Output = io::Result<Serve>>>> + Send>;

/// See the module.
pub(super) struct Worker {
    pub(super) make: Make,
    /// An error when they cannot be had.
    pub(super) listeners: io::Result<Vec<TcpListener>>,
    pub(super) max_connections: usize,
    pub(super) shutdown_timeout: Duration,
    pub(super) stop: watch::Receiver<Stop>,
}

impl Worker {
    /// Until it is told to stop.
    pub(super) async fn run(mut self) -> io::Result<()> {
        let connections = u32::try_from(self.max_connections).unwrap_or(u32::MAX).clamp(1, u32::MAX >> 3);
        let room = Arc::new(Semaphore::new(connections as usize));
        let serve = (self.make)(self.stop.clone()).await?;
        let mut accepting = Vec::new();
        for listener in self.listeners? {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            accepting.push(actix_rt::spawn(accept(listener, serve.clone(), room.clone())));
        }
        // Whoever could have stopped it is gone: the same.
        let how = self.stop.wait_for(|stop| *stop != Stop::No).await.map_or(Stop::AtOnce, |stop| *stop);
        accepting.iter().for_each(actix_rt::task::JoinHandle::abort);
        if how == Stop::Gracefully {
            tokio::select! {
                _ = room.acquire_many(connections) => {}
                () = tokio::time::sleep(self.shutdown_timeout) => {}
                _ = self.stop.wait_for(|stop| *stop == Stop::AtOnce) => {}
            }
        }
        Ok(())
    }
}

async fn accept(listener: tokio::net::TcpListener, serve: Serve, room: Arc<Semaphore>) {
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                let Ok(permit) = room.clone().acquire_owned().await else { return };
                serve(stream, from, permit);
            }
            // Of that connection, which has ended before it was accepted.
            Err(error) if is_of_a_connection(&error) => {}
            Err(error) => {
                crate::trace::cannot_accept(&error);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_of_a_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
