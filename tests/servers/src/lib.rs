//! What the contract servers share: the port, the line that says they are ready, the end.

use std::fmt;

use actix_web::dev::HttpServiceFactory;
use actix_web::{App, HttpServer};
use greenroom::engine::Engine;
use greenroom::{Greenroom, HttpServerExt, LongLived, NativeServer};

/// The port of the environment's `PORT`; 3000 without.
#[must_use]
pub fn port() -> u16 {
    std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000)
}

/// Worker threads of the environment's `WORKERS`; as many as cores without.
#[must_use]
pub fn workers() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::env::var("WORKERS").ok().and_then(|n| n.parse().ok()).unwrap_or(cores)
}

/// Logs to standard error when `RUST_LOG` asks for it.
pub fn log() {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// Serves until told to stop.
///
/// # Errors
/// When the port cannot be had.
pub async fn serve(io: Greenroom) -> std::io::Result<()> {
    log();
    serve_app(&io.clone(), io).await
}

/// Serves Engine.IO until told to stop.
///
/// # Errors
/// When the port cannot be had.
pub async fn serve_engine(engine: Engine) -> std::io::Result<()> {
    log();
    serve_app(&engine.clone(), engine).await
}

/// Serves an app. With the environment's `NATIVE`, WebSockets have their TCP connections to themselves.
///
/// # Errors
/// When the port cannot be had.
pub async fn serve_app<T>(io: &impl LongLived, service: T) -> std::io::Result<()>
where
    T: HttpServiceFactory + Clone + Send + 'static,
{
    let app = move || App::new().service(service.clone());
    if std::env::var_os("NATIVE").is_none() {
        return run(HttpServer::new(app).greenroom(io)).await;
    }
    let port = port();
    let server = NativeServer::new(io, app).workers(workers()).bind(("127.0.0.1", port))?.run();
    println!("listening on 127.0.0.1:{port}");
    server.await
}

/// Binds, says so, and runs.
///
/// # Errors
/// When the port cannot be had.
pub async fn run<F, I, S, B>(server: HttpServer<F, I, S, B>) -> std::io::Result<()>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: actix_service::IntoServiceFactory<S, actix_http::Request>,
    S: actix_service::ServiceFactory<actix_http::Request, Config = actix_web::dev::AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<actix_web::dev::Response<B>> + 'static,
    <S::Service as actix_service::Service<actix_http::Request>>::Future: 'static,
    S::Service: 'static,
    B: actix_web::body::MessageBody + 'static,
{
    let port = port();
    let server = server.workers(workers()).bind(("127.0.0.1", port))?.run();
    println!("listening on 127.0.0.1:{port}");
    server.await
}
