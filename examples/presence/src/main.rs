//! Who is here, with how many tabs, and what each says of itself. The page is in `static/`, what travels in README.md.

mod person;
#[cfg(test)]
mod tests;

use std::time::Duration;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{App, HttpResponse, HttpServer, web};
use greenroom::prelude::*;

use crate::person::Person;

/// So long somebody whose network is gone is shown as away; after it, as gone.
const AWAY: Duration = Duration::from_secs(30);

fn server() -> Result<Greenroom, greenroom::ConfigError> {
    let recovery = Recovery::new().max_disconnection_duration(AWAY);
    let io = Greenroom::builder(Options::new().connection_state_recovery(recovery)).build()?;
    Ok(io.mount::<Person>())
}

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
    let io = server().map_err(std::io::Error::other)?;
    let service = io.clone();
    let server = HttpServer::new(move || {
        App::new()
            .service(service.clone())
            .route("/", file("text/html", include_str!("../static/index.html")))
            .route("/people.js", file("text/javascript", include_str!("../static/people.js")))
            .route("/presence.js", file("text/javascript", include_str!("../static/presence.js")))
            .route("/presence.css", file("text/css", include_str!("../static/presence.css")))
    });
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = server.greenroom(&io).bind(("127.0.0.1", port))?;
    println!("open http://127.0.0.1:{port}/");
    server.run().await
}
