//! A second way in: WebSockets on their own TCP connection, without actix-http's dispatcher behind them.
//!
//! Promise: an app behaves the same. Its services and middleware answer the handshake; what is no WebSocket handshake to Greenroom's path, and
//! one that does not arrive in one piece, goes to the ordinary HTTP service of the same app, byte for byte. Refusal: TLS. A proxy that ends
//! TLS, or the ordinary server, is what one takes then.
//!
//! It does not run on actix-server, whose own thread accepts connections and wakes a worker for each: where many connect, that is a fifth
//! of the processor's time and more (`docs/performance.md`).

mod listeners;
mod running;
mod socket;
mod worker;

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix_http::body::MessageBody;
use actix_http::{HttpService, Request, Response, ServiceConfig};
use actix_rt::net::TcpStream;
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_factory};
use actix_web::dev::{AppConfig, Extensions};

use listeners::Bound;
pub use running::{NativeHandle, RunningServer};
pub(super) use socket::Ticket;
use worker::{Make, Serve, Stop, Worker};

use crate::server::{INHERITS, LongLived, are_prepared, prepare_connection};

/// An `actix_web::HttpServer` for many WebSockets: about a fifth of the memory, and less work for each packet and each new connection.
///
/// ```no_run
/// # use actix_web::App;
/// # use greenroom::{Greenroom, NativeServer};
/// # async fn serve(io: Greenroom) -> std::io::Result<()> {
/// let service = io.clone();
/// let server = NativeServer::new(&io, move || App::new().service(service.clone()));
/// server.bind(("127.0.0.1", 3000))?.run().await
/// # }
/// ```
///
/// The app is the same and behaves the same; what [`HttpServerExt`](crate::HttpServerExt) sets for long connections is set. No TLS. Call the
/// options before `bind` and `listen`. WebSockets do not count for `max_connections`: that bounds what is served by HTTP; sessions have
/// [`Options::max_sessions_per_worker`](crate::Options::max_sessions_per_worker).
pub struct NativeServer<F, I, S, B> {
    factory: F,
    settings: Settings,
    workers: usize,
    backlog: u32,
    max_connections: usize,
    shutdown_timeout: Duration,
    bound: Vec<Bound>,
    /// When the server is to stop by itself.
    signal: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    app: Answers<I, S, B>,
}

/// What the app is made of, and what its answers' bodies are.
type Answers<I, S, B> = PhantomData<fn() -> (I, S, B)>;

#[derive(Clone, Debug)]
struct Settings {
    path: String,
    write_timeout: Duration,
    keep_alive: Duration,
    request_timeout: Duration,
}

/// What a worker's connections share.
struct Desk {
    settings: Settings,
    /// One: each has a task that keeps its date.
    http: ServiceConfig,
}

impl<F, I, S, B> fmt::Debug for NativeServer<F, I, S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeServer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<F, I, S, B> NativeServer<F, I, S, B>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    /// A server of this app, which has `io` (or an [`Engine`](crate::engine::Engine)) as a service. `factory` runs once per worker.
    pub fn new(io: &impl LongLived, factory: F) -> Self {
        let settings = Settings {
            path: io.request_path().to_owned(),
            write_timeout: io.write_timeout(),
            keep_alive: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
        };
        Self {
            factory,
            settings,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            backlog: 2048,
            max_connections: 25_600,
            shutdown_timeout: Duration::from_secs(30),
            bound: Vec::new(),
            signal: Some(Box::pin(io.drained_on_signal())),
            app: PhantomData,
        }
    }

    /// Worker threads, one at least. Default: as many as cores.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers.max(1);
        self
    }

    /// Connections that wait for being accepted, for each address and, on Linux, worker. Default 2048.
    #[must_use]
    pub fn backlog(mut self, backlog: u32) -> Self {
        self.backlog = backlog;
        self
    }

    /// HTTP connections per worker, one at least. Default 25,600. For each address one more may have been accepted, which waits.
    #[must_use]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// How long an HTTP connection may be idle between requests. Default 5 s.
    #[must_use]
    pub fn keep_alive(mut self, keep_alive: Duration) -> Self {
        self.settings.keep_alive = keep_alive;
        self
    }

    /// How long the head of a request may take. Default 5 s.
    #[must_use]
    pub fn client_request_timeout(mut self, timeout: Duration) -> Self {
        self.settings.request_timeout = timeout;
        self
    }

    /// How long workers wait for HTTP requests after the sessions were drained. Default 30 s.
    #[must_use]
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Signals are left to the app: it ends the server with [`NativeHandle::stop`], after
    /// [`Greenroom::close`](crate::Greenroom::close). Without it SIGTERM and SIGINT drain the sessions first.
    #[must_use]
    pub fn disable_signals(mut self) -> Self {
        self.signal = None;
        self
    }

    /// Listens on each of the addresses that can be had. On Linux each worker listens on a socket of its own there, and the kernel
    /// spreads connections among them.
    ///
    /// # Errors
    /// When none of the addresses can be had.
    pub fn bind(mut self, addresses: impl ToSocketAddrs) -> io::Result<Self> {
        self.bound.extend(listeners::bind(addresses, self.backlog)?);
        Ok(self)
    }

    /// Listens on a socket that is bound already. Workers accept from it, whoever is first. On Linux it gets the options that its connections
    /// inherit.
    ///
    /// # Errors
    /// When it cannot be made non-blocking.
    pub fn listen(mut self, listener: TcpListener) -> io::Result<Self> {
        self.bound.push(Bound::given(listener)?);
        Ok(self)
    }

    /// Where it listens: which port it was given when it asked for port 0.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.bound.iter().filter_map(|bound| bound.address().ok()).collect()
    }

    /// Starts the workers, on threads of their own.
    ///
    /// # Panics
    /// When the system has no thread for a worker.
    pub fn run(mut self) -> RunningServer {
        let mut sockets =
            listeners::split(std::mem::take(&mut self.bound), self.workers, self.settings.write_timeout);
        let signal = self.signal.take();
        let worker = |stop| Worker {
            make: self.make(),
            listeners: match &mut sockets {
                Ok(sockets) => Ok(sockets.pop().unwrap_or_default()),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            },
            max_connections: self.max_connections,
            shutdown_timeout: self.shutdown_timeout,
            stop,
        };
        RunningServer::start(self.workers, worker, signal)
    }

    fn make(&self) -> Make {
        let (factory, settings) = (self.factory.clone(), self.settings.clone());
        Box::new(move |stop| {
            let app = factory().into_factory().map_err(|error| error.into().error_response());
            Box::pin(async move {
                // One app for both ways in.
                let app = app.new_service(AppConfig::default()).await.map_err(no_app)?;
                let app = Rc::new(app);
                let shared = app.clone();
                let write_timeout = settings.write_timeout;
                are_prepared();
                let mut http = HttpService::build()
                    .graceful_shutdown_signal(move || {
                        let mut stop = stop.clone();
                        async move { drop(stop.wait_for(|stop| *stop != Stop::No).await) }
                    })
                    .keep_alive(settings.keep_alive)
                    .client_request_timeout(settings.request_timeout)
                    .h1_allow_half_closed(false);
                if !INHERITS {
                    http = http.tcp_nodelay(true).on_connect_ext(
                        move |stream: &TcpStream, data: &mut Extensions| {
                            prepare_connection(stream as &dyn Any, data, write_timeout);
                        },
                    );
                }
                let http = http
                    .finish(fn_factory(move || {
                        let app = shared.clone();
                        async move { Ok::<_, ()>(app) }
                    }))
                    .tcp();
                let http = Rc::new(http.new_service(()).await.map_err(no_app)?);
                let desk = Rc::new(Desk { settings, http: ServiceConfig::default() });
                let serve: Serve = Rc::new(move |stream, from, permit| {
                    let (app, http, desk) = (app.clone(), http.clone(), desk.clone());
                    actix_rt::spawn(async move {
                        match socket::handshake(&stream, &desk).await {
                            Some(handshake) => handshake.answer(&*app, stream, from, &desk).await,
                            // Its errors are logged where they happen.
                            None => drop(http.call(stream).await),
                        }
                        drop(permit);
                    });
                });
                Ok(serve)
            })
        })
    }
}

fn no_app(error: impl fmt::Debug) -> io::Error {
    crate::trace::no_app(&error);
    io::Error::other("the app of a worker could not be made")
}
