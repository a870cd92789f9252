//! A chat: rooms, who is here, who is typing, the history of a room. The page is in `static/`, its events in README.md.

mod chat;
mod house;
mod payload;
#[cfg(test)]
mod tests;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{App, HttpResponse, HttpServer, web};
use greenroom::ClientBundle;
use greenroom::prelude::*;

use crate::chat::Chat;
use crate::house::House;

/// Greenroom's small client, or the official one from the folder `socket.io-client/dist` of an npm installation.
fn client() -> ClientBundle {
    let folder = std::env::var("SOCKET_IO_CLIENT_DIST").ok().filter(|folder| !folder.is_empty());
    folder.map_or(ClientBundle::Embedded, ClientBundle::dir)
}

/// The page's own files only: nothing that somebody writes can bring a script of theirs in.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

fn file(ty: &'static str, text: &'static str) -> actix_web::Route {
    web::get().to(move || async move {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, ty))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .body(text)
    })
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let options = Options::new().client(client());
    let io = Greenroom::builder(options).build().map_err(std::io::Error::other)?;
    // A page that was loaded before its types changed is named in the log.
    let service = io.mount_with::<Chat>(House::new()).warn_stale::<Chat>(chat::catalogue().contract());
    let server = HttpServer::new(move || {
        App::new()
            .service(service.clone())
            .route("/", file("text/html; charset=utf-8", include_str!("../static/index.html")))
            .route("/chat.js", file("text/javascript; charset=utf-8", include_str!("../static/chat.js")))
            .route(
                "/contract.js",
                file("text/javascript; charset=utf-8", include_str!("../static/contract.js")),
            )
            .route("/chat.css", file("text/css; charset=utf-8", include_str!("../static/chat.css")))
    });
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = server.greenroom(&io).bind(("127.0.0.1", port))?;
    println!("open http://127.0.0.1:{}/", server.addrs().first().map_or(port, std::net::SocketAddr::port));
    server.run().await
}
