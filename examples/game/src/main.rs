//! Comets: steer with the mouse or a finger, eat sparks, stay out of the way of whoever is bigger. The page is in `static/`.

mod arena;
mod sky;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{App, HttpResponse, HttpServer, web};
use greenroom::ClientBundle;
use greenroom::prelude::*;

use crate::arena::Player;

/// Greenroom's small client, or the official one from the folder `socket.io-client/dist` of an npm installation.
fn client() -> ClientBundle {
    let folder = std::env::var("SOCKET_IO_CLIENT_DIST").ok().filter(|folder| !folder.is_empty());
    folder.map_or(ClientBundle::Embedded, ClientBundle::dir)
}

const POLICY: &str = "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

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
    let io = Greenroom::builder(Options::new().client(client())).build().map_err(std::io::Error::other)?;
    let service = io.mount::<Player>();
    let server = HttpServer::new(move || {
        App::new()
            .service(service.clone())
            .route("/", file("text/html; charset=utf-8", include_str!("../static/index.html")))
            .route("/game.js", file("text/javascript; charset=utf-8", include_str!("../static/game.js")))
            .route("/game.css", file("text/css; charset=utf-8", include_str!("../static/game.css")))
    });
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = server.greenroom(&io).bind(("127.0.0.1", port))?;
    println!("open http://127.0.0.1:{}/", server.addrs().first().map_or(port, std::net::SocketAddr::port));
    server.run().await
}
