//! A chat whose page is TypeScript, checked against this server. The page is `static/page.ts`, what travels in README.md.

mod payload;
mod talk;
#[cfg(test)]
mod tests;
mod wall;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{App, HttpResponse, HttpServer, web};
use greenroom::prelude::*;

use crate::talk::Talk;
use crate::wall::Wall;

/// The page's own files only: nothing that somebody writes can bring a script of theirs in.
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

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = Greenroom::new().mount_with::<Talk>(Wall::default());
    // A page that was loaded before its types changed is asked to load itself anew.
    let service = io.refuse_stale::<Talk>(talk::catalogue().contract());
    let server = HttpServer::new(move || {
        App::new()
            .service(service.clone())
            .route("/", file("text/html", include_str!("../static/index.html")))
            .route("/page.js", file("text/javascript", include_str!("../static/page.js")))
            .route("/contract.js", file("text/javascript", include_str!("../static/contract.js")))
            .route("/page.css", file("text/css", include_str!("../static/page.css")))
    });
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = server.greenroom(&io).bind(("127.0.0.1", port))?;
    println!("open http://127.0.0.1:{port}/");
    server.run().await
}
