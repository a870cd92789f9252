//! A whiteboard that everybody at the same address draws on, each in front of the others' eyes. The page is in `static/`.

mod board;
mod sheet;
#[cfg(test)]
mod tests;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{App, HttpResponse, HttpServer, web};
use greenroom::prelude::*;

use crate::board::Page;

/// The page's own files only: nobody's name can bring a script in.
const POLICY: &str =
    "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn file(ty: &'static str, text: &'static str) -> actix_web::Route {
    web::get().to(move || async move {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, format!("{ty}; charset=utf-8")))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .body(text)
    })
}

fn page(app: &mut web::ServiceConfig) {
    app.route("/", file("text/html", include_str!("../static/index.html")))
        .route("/paper.js", file("text/javascript", include_str!("../static/paper.js")))
        .route("/whiteboard.js", file("text/javascript", include_str!("../static/whiteboard.js")))
        .route("/whiteboard.css", file("text/css", include_str!("../static/whiteboard.css")));
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = Greenroom::new().mount::<Page>();
    let service = io.clone();
    let server = HttpServer::new(move || App::new().service(service.clone()).configure(page));
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = server.greenroom(&io).bind(("127.0.0.1", port))?;
    println!("open http://127.0.0.1:{}/", server.addrs().first().map_or(port, std::net::SocketAddr::port));
    server.run().await
}
