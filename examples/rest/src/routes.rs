//! The REST interface, whose every change is told to the open pages, and the page's files.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use actix_web::{HttpResponse, Responder, ResponseError, Route, web};
use greenroom::prelude::*;

use crate::board::Board;
use crate::shows::{Draft, Refusal, Shows};

/// What the requests work with. `io` is a handle: a copy of it sends as well as any other.
#[derive(Clone)]
pub struct Office {
    pub io: Greenroom,
    pub shows: Shows,
}

pub fn add(app: &mut web::ServiceConfig, office: &Office) {
    app.app_data(web::Data::new(office.clone()))
        .service(web::resource("/api/shows").get(list).post(create))
        .service(web::resource("/api/shows/{id}").put(change).delete(remove))
        .route("/", file("text/html", include_str!("../static/index.html")))
        .route("/rest.js", file("text/javascript", include_str!("../static/rest.js")))
        .route("/rest.css", file("text/css", include_str!("../static/rest.css")));
}

async fn list(office: web::Data<Office>) -> impl Responder {
    web::Json(office.shows.list())
}

async fn create(office: web::Data<Office>, draft: web::Json<Draft>) -> Result<HttpResponse, Refusal> {
    let show = office.shows.add(draft.into_inner())?;
    office.io.ns::<Board>().everyone().changed(&show);
    let place = (LOCATION, format!("/api/shows/{}", show.id));
    Ok(HttpResponse::Created().insert_header(place).json(show))
}

async fn change(
    office: web::Data<Office>,
    id: web::Path<u64>,
    draft: web::Json<Draft>,
) -> Result<impl Responder, Refusal> {
    let show = office.shows.change(*id, draft.into_inner())?;
    office.io.ns::<Board>().everyone().changed(&show);
    Ok(web::Json(show))
}

async fn remove(office: web::Data<Office>, id: web::Path<u64>) -> Result<HttpResponse, Refusal> {
    office.shows.remove(*id)?;
    office.io.ns::<Board>().everyone().removed(*id);
    Ok(HttpResponse::NoContent().finish())
}

/// A refusal is a fault to a socket, and a status to a request, with the same message.
impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadTitle | Self::BadSeats => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SoldOut | Self::TooManyShows => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        #[derive(serde::Serialize)]
        struct Body {
            message: String,
        }
        HttpResponse::build(self.status_code()).json(Body { message: self.to_string() })
    }
}

/// The page's own files only: no text of a show's can bring a script in.
const POLICY: &str =
    "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn file(ty: &'static str, text: &'static str) -> Route {
    web::get().to(move || async move {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, format!("{ty}; charset=utf-8")))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .body(text)
    })
}
