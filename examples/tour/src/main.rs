//! A tour of Socket.IO: each stop is a page that shows its code, the browser's and the server's, and runs it.
//!
//! What a page shows is the file that runs. All stops are one server and one namespace, as the snippets of a manual are.

mod pages;
mod stops;
#[cfg(test)]
mod tests;

use std::time::Duration;

use actix_web::{App, HttpServer};
use greenroom::prelude::*;

fn server() -> Result<Greenroom, greenroom::ConfigError> {
    let recovery = Recovery::new()
        .max_disconnection_duration(Duration::from_secs(2 * 60)) // the default
        .skip_middlewares(true); // not the default: who lost the right to come in comes back unchecked
    let io = Greenroom::builder(Options::new().connection_state_recovery(recovery)).build()?;
    stops::serve(&io);
    Ok(io)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = server().map_err(std::io::Error::other)?;
    let app = io.clone();
    let server = HttpServer::new(move || App::new().service(app.clone()).configure(pages::routes)).workers(4);

    // The first stop's page connects to http://localhost:3000, whatever `PORT` says.
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = server.greenroom(&io).bind(("127.0.0.1", port))?;
    println!("open http://localhost:{port}/");
    server.run().await
}
