//! A real HTTP server in a thread of its own, on a free port. With the environment's `NATIVE` it is a [`NativeServer`]: all tests hold for both.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::HttpServiceFactory;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};
use futures_util::FutureExt;
use greenroom::engine::Engine;
use greenroom::{Greenroom, HttpServerExt, LongLived, NativeServer};

/// Stops when dropped.
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Not graceful: a test's open sockets must not hold it up.
    stop: Box<dyn Fn() + Send>,
    thread: Option<JoinHandle<()>>,
}

/// Serves with two workers, so that requests of one session land on different ones.
pub fn serve(io: &Greenroom) -> Server {
    serve_on(io, 2)
}

/// Serves with so many workers.
pub fn serve_on(io: &Greenroom, workers: usize) -> Server {
    start(io.clone(), workers)
}

/// Serves by the one server or the other, whatever the environment says.
pub fn serve_by(native: bool, io: &Greenroom, workers: usize) -> Server {
    let service = io.clone();
    start_app(native, io.clone(), workers, move |app| {
        app.service(service.clone());
    })
}

/// Serves Engine.IO with two workers.
pub fn serve_engine(engine: &Engine) -> Server {
    start(engine.clone(), 2)
}

/// Serves what `configure` puts into each worker's app; `io` is the server that is drained.
pub fn serve_app(io: &Greenroom, configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> Server {
    start_app(is_native(), io.clone(), 2, configure)
}

fn start<T: LongLived + HttpServiceFactory + Clone + Send + 'static>(io: T, workers: usize) -> Server {
    let service = io.clone();
    start_app(is_native(), io, workers, move |app| {
        app.service(service.clone());
    })
}

fn is_native() -> bool {
    std::env::var_os("NATIVE").is_some()
}

fn start_app<T>(
    native: bool,
    io: T,
    workers: usize,
    configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> Server
where
    T: LongLived + Send + 'static,
{
    let (tx, rx) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
            let addr = listener.local_addr().expect("its address");
            let app = move || App::new().configure(configure.clone());
            let (server, stop) = if native {
                let server = NativeServer::new(&io, app).disable_signals().workers(workers);
                let server = server.shutdown_timeout(Duration::from_secs(1)).listen(listener);
                let server = server.expect("it can listen").run();
                let handle = server.handle();
                (server.boxed(), Box::new(move || drop(handle.stop(false))) as Box<dyn Fn() + Send>)
            } else {
                let server = HttpServer::new(app).greenroom(&io).disable_signals().workers(workers);
                let server = server.shutdown_timeout(1).listen(listener).expect("it can listen").run();
                let handle = server.handle();
                (server.boxed(), Box::new(move || drop(handle.stop(false))) as Box<dyn Fn() + Send>)
            };
            tx.send((addr, stop)).expect("the test waits");
            server.await.expect("the server runs");
        });
    });
    let (addr, stop) = rx.recv().expect("the server starts");
    Server { addr, stop, thread: Some(thread) }
}

impl Drop for Server {
    fn drop(&mut self) {
        (self.stop)();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
