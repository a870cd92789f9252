//! A second way in: WebSockets on their own TCP connection, without actix-http's dispatcher behind them.
//!
//! Promise: an app behaves the same. Its services and middleware answer the handshake; what is no WebSocket handshake to Greenroom's path, and
//! one that does not arrive in one piece, goes to the ordinary HTTP service of the same app, byte for byte. Refusal: TLS. A proxy that ends
//! TLS, or the ordinary server, is what one takes then.

mod socket;

use std::any::Any;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::net::{TcpListener, ToSocketAddrs};
use std::rc::Rc;
use std::time::Duration;

use actix_http::body::MessageBody;
use actix_http::{HttpService, Request, Response, ServiceConfig};
use actix_rt::net::TcpStream;
use actix_server::{Server, ServerBuilder, ServerServiceFactory};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_factory, fn_service};
use actix_web::dev::{AppConfig, Extensions};

pub(super) use socket::Ticket;

use crate::server::{LongLived, prepare_connection};

/// An `actix_web::HttpServer` for many WebSockets: about a third of the memory, and less work for each packet.
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
    builder: ServerBuilder,
    settings: Settings,
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
    /// A server of this app, which has `io` (or an [`Engine`](crate::engine::Engine)) as a service. `factory` runs once per worker and
    /// address. As many workers as cores.
    pub fn new(io: &impl LongLived, factory: F) -> Self {
        let settings = Settings {
            path: io.request_path().to_owned(),
            write_timeout: io.write_timeout(),
            keep_alive: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
        };
        let builder = Server::build().shutdown_signal(io.drained_on_signal());
        Self { factory, builder, settings, app: PhantomData }
    }

    /// Worker threads.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.builder = self.builder.workers(workers);
        self
    }

    /// Connections that wait for being accepted. Default 2048.
    #[must_use]
    pub fn backlog(mut self, backlog: u32) -> Self {
        self.builder = self.builder.backlog(backlog);
        self
    }

    /// HTTP connections per worker. Default 25,600.
    #[must_use]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.builder = self.builder.max_concurrent_connections(connections);
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
        self.builder = self.builder.shutdown_timeout(timeout.as_secs());
        self
    }

    /// Signals are left to the app: it ends the server with [`ServerHandle::stop`](actix_web::dev::ServerHandle::stop), after
    /// [`Greenroom::close`](crate::Greenroom::close). Without it SIGTERM and SIGINT drain the sessions first.
    #[must_use]
    pub fn disable_signals(mut self) -> Self {
        self.builder = self.builder.disable_signals();
        self
    }

    /// Listens here.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub fn bind(mut self, addresses: impl ToSocketAddrs) -> io::Result<Self> {
        let service = self.service();
        self.builder = self.builder.bind("greenroom", addresses, service)?;
        Ok(self)
    }

    /// Listens on a socket that is bound already.
    ///
    /// # Errors
    /// When it cannot be made non-blocking.
    pub fn listen(mut self, listener: TcpListener) -> io::Result<Self> {
        let service = self.service();
        self.builder = self.builder.listen("greenroom", listener, service)?;
        Ok(self)
    }

    /// Starts the workers. The future ends when the server has stopped.
    pub fn run(self) -> Server {
        self.builder.run()
    }

    fn service(&self) -> impl ServerServiceFactory<TcpStream> + use<F, I, S, B> {
        let (factory, settings) = (self.factory.clone(), self.settings.clone());
        let stopping = self.builder.graceful_shutdown_signal();
        move || {
            let (factory, settings, stopping) = (factory.clone(), settings.clone(), stopping.clone());
            fn_factory(move || {
                let app = factory().into_factory().map_err(|error| error.into().error_response());
                let (settings, stopping) = (settings.clone(), stopping.clone());
                async move {
                    // One app for both ways in.
                    let app = app.new_service(AppConfig::default()).await;
                    let app = Rc::new(app.map_err(|error| crate::trace::no_app(&error))?);
                    let shared = app.clone();
                    let write_timeout = settings.write_timeout;
                    let http = HttpService::build()
                        .graceful_shutdown_signal(move || {
                            let stopping = stopping.clone();
                            async move { stopping.notified().await }
                        })
                        .keep_alive(settings.keep_alive)
                        .client_request_timeout(settings.request_timeout)
                        .h1_allow_half_closed(false)
                        .tcp_nodelay(true)
                        .on_connect_ext(move |stream: &TcpStream, data: &mut Extensions| {
                            prepare_connection(stream as &dyn Any, data, write_timeout);
                        })
                        .finish(fn_factory(move || {
                            let app = shared.clone();
                            async move { Ok::<_, ()>(app) }
                        }))
                        .tcp();
                    let http = Rc::new(http.new_service(()).await?);
                    let desk = Rc::new(Desk { settings, http: ServiceConfig::default() });
                    Ok::<_, ()>(fn_service(move |stream: TcpStream| {
                        let (app, http, desk) = (app.clone(), http.clone(), desk.clone());
                        async move {
                            match socket::handshake(&stream, &desk).await {
                                Some(handshake) => handshake.answer(&*app, stream, &desk).await,
                                // Its errors are logged where they happen.
                                None => drop(http.call(stream).await),
                            }
                            Ok::<_, ()>(())
                        }
                    }))
                }
            })
        }
    }
}
