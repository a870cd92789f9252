//! A socket.io server of Node's and its port, side by side: `node/server.js` and `src/server.rs`. What became what is in README.md.

mod server;
#[cfg(test)]
mod tests;

use actix_web::{App, HttpServer};
use greenroom::prelude::*;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = Greenroom::new();
    server::serve(&io);

    // 10. Listening, and going down in order.
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let service = io.clone();
    let server = HttpServer::new(move || App::new().service(service.clone())).greenroom(&io);
    let server = server.bind(("127.0.0.1", port))?;
    println!("listening on 127.0.0.1:{port}");
    server.run().await
}
