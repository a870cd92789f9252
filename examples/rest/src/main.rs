//! A box office: shows are managed over REST, and every open page sees what changes. The page is in `static/`, the interface in README.md.

mod board;
mod routes;
mod shows;
#[cfg(test)]
mod tests;

use actix_web::{App, HttpServer};
use greenroom::prelude::*;

use crate::board::Board;
use crate::shows::Shows;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let shows = Shows::default();
    let io = Greenroom::new().mount_with::<Board>(shows.clone());
    let (app, routes) = (io.clone(), routes::Office { io: io.clone(), shows });
    let server =
        HttpServer::new(move || App::new().service(app.clone()).configure(|app| routes::add(app, &routes)));
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = server.greenroom(&io).bind(("127.0.0.1", port))?;
    println!("open http://127.0.0.1:{port}/");
    server.run().await
}
