//! What an `HttpServer` needs for long-lived connections.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Extensions, Response};
use actix_web::{Error, HttpServer};
use socket2::SockRef;

use super::Greenroom;
use super::raw::Engine;

/// `HttpServer::new(…).greenroom(&io)`: call it before `bind`.
///
/// It switches Nagle's delay off (else small packets wait up to 40 ms), makes an abandoned poll visible (else it runs to
/// its end), lets a socket that takes no bytes for `write_timeout` be shut down, and drains sessions on SIGTERM and SIGINT (else
/// clients are cut off after 30 s without a word). A server without it works, and warns once. It sets `HttpServer::on_connect`; an app that has
/// one of its own calls [`prepare_connection`] from there.
pub trait HttpServerExt {
    /// See the trait.
    #[must_use]
    fn greenroom(self, io: &impl LongLived) -> Self;
}

impl<F, I, S, B> HttpServerExt for HttpServer<F, I, S, B>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, actix_http::Request>,
    S: ServiceFactory<actix_http::Request, Config = AppConfig> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<actix_http::Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    fn greenroom(self, io: &impl LongLived) -> Self {
        let write_timeout = io.write_timeout();
        self.tcp_nodelay(true)
            .h1_allow_half_closed(false)
            .on_connect(move |connection, data| prepare_connection(connection, data, write_timeout))
            .shutdown_signal(io.drained_on_signal())
    }
}

/// A server with connections that outlive their requests: [`Greenroom`] and [`Engine`].
pub trait LongLived {
    /// Where its requests come in.
    #[doc(hidden)]
    fn request_path(&self) -> &str;

    /// How long a socket may take nothing.
    #[doc(hidden)]
    fn write_timeout(&self) -> Duration;

    /// Resolves when the process is to stop and the sessions have ended.
    #[doc(hidden)]
    fn drained_on_signal(&self) -> impl Future<Output = ()> + Send + 'static;
}

impl LongLived for Greenroom {
    fn request_path(&self) -> &str {
        self.0.front.path()
    }

    fn write_timeout(&self) -> Duration {
        self.0.front.options.write_timeout
    }

    fn drained_on_signal(&self) -> impl Future<Output = ()> + Send + 'static {
        self.clone().shutdown_signal()
    }
}

impl LongLived for Engine {
    fn request_path(&self) -> &str {
        self.0.path()
    }

    fn write_timeout(&self) -> Duration {
        self.0.options.write_timeout
    }

    fn drained_on_signal(&self) -> impl Future<Output = ()> + Send + 'static {
        self.clone().shutdown_signal()
    }
}

thread_local! {
    static PREPARES: Cell<bool> = const { Cell::new(false) };
}

/// Whether this worker's connections are prepared. The worker is asked, as a mark on each connection would cost it a table of its own.
pub(crate) fn prepares() -> bool {
    PREPARES.get()
}

/// What [`HttpServerExt`] does in `HttpServer::on_connect`, for apps that have a hook of their own.
pub fn prepare_connection(connection: &dyn Any, _data: &mut Extensions, write_timeout: Duration) {
    are_prepared();
    if let Some(stream) = connection.downcast_ref::<actix_rt::net::TcpStream>() {
        end_when_blocked(&SockRef::from(stream), write_timeout);
    }
}

/// This worker's connections are.
pub(crate) fn are_prepared() {
    PREPARES.set(true);
}

/// Whether a connection has its options from the socket that accepted it: tcp(7) says so of `TCP_USER_TIMEOUT`, and Linux does the same with
/// `TCP_NODELAY`.
pub(crate) const INHERITS: bool = cfg!(target_os = "linux");

/// The same for all connections that this socket will accept, where they inherit it: two system calls less for each.
pub(crate) fn prepare_listener(listener: &TcpListener, write_timeout: Duration) -> io::Result<()> {
    if !INHERITS {
        return Ok(());
    }
    let socket = SockRef::from(listener);
    end_when_blocked(&socket, write_timeout);
    socket.set_tcp_nodelay(true)
}

/// The kernel ends a connection whose peer takes nothing for this long, also when the peer still answers window probes. actix-http cannot: it does
/// not poll the body of a blocked connection.
fn end_when_blocked(socket: &SockRef<'_>, write_timeout: Duration) {
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    if let Err(error) = socket.set_tcp_user_timeout(Some(write_timeout)) {
        crate::trace::no_user_timeout(&error);
    }
    #[cfg(not(any(target_os = "android", target_os = "fuchsia", target_os = "linux")))]
    let _ = (socket, write_timeout);
}
