//! The door over HTTP, and the page's files.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, Route, web};
use greenroom::prelude::*;
use serde::Deserialize;
use serde_json::json;

use crate::accounts::Denied;
use crate::desk::Ticket;
use crate::door::Door;

const POLICY: &str =
    "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(Deserialize)]
struct Name {
    name: String,
}

pub fn add(app: &mut web::ServiceConfig, door: &Door) {
    app.app_data(web::Data::new(door.clone()))
        .route("/login", web::post().to(login))
        .route("/refresh", web::post().to(refresh))
        .route("/logout", web::post().to(logout))
        .route("/logout-everywhere", web::post().to(logout_everywhere))
        .route("/", file("text/html", include_str!("../static/index.html")))
        .route("/auth.js", file("text/javascript", include_str!("../static/auth.js")))
        .route("/auth.css", file("text/css", include_str!("../static/auth.css")));
}

async fn login(door: web::Data<Door>, body: web::Json<Name>) -> HttpResponse {
    answer(door.login(&body.name))
}

async fn refresh(door: web::Data<Door>, body: web::Json<Ticket>) -> HttpResponse {
    answer(door.refresh(&body.token))
}

async fn logout(door: web::Data<Door>, body: web::Json<Ticket>) -> HttpResponse {
    answer(door.logout(&body.token))
}

async fn logout_everywhere(door: web::Data<Door>, body: web::Json<Ticket>) -> HttpResponse {
    answer(door.logout_everywhere(&body.token))
}

fn answer<T: serde::Serialize>(result: Result<T, Denied>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    // Tokens are in no cache.
    response.insert_header((CACHE_CONTROL, "no-store"));
    match result {
        Ok(value) => response.json(value),
        Err(denied) => {
            let bad_request = denied == Denied::BadName;
            let fault = denied.into_fault();
            response
                .status(if bad_request { StatusCode::BAD_REQUEST } else { StatusCode::UNAUTHORIZED })
                .json(json!({ "code": fault.code(), "message": fault.message() }))
        }
    }
}

fn file(ty: &'static str, text: &'static str) -> Route {
    web::get().to(move || async move {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, format!("{ty}; charset=utf-8")))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .body(text)
    })
}
