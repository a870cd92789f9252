//! Cross-origin resource sharing (Fetch standard), and the origins of WebSockets, which browsers do not check.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::config::{Cors, Origins};

pub(super) fn is_on(cors: &Cors) -> bool {
    !matches!(cors.origins, Origins::SameOrigin)
}

fn origin(request: &HttpRequest) -> Option<&str> {
    request.headers().get(header::ORIGIN)?.to_str().ok()
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Headers of an answer. A disallowed origin is served, without the header that lets its page read the answer.
pub(super) fn add(cors: &Cors, request: &HttpRequest, headers: &mut HeaderMap) {
    if !is_on(cors) {
        return;
    }
    if matches!(cors.origins, Origins::Any) {
        insert(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    } else {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = origin(request).filter(|origin| cors.origins.accept(origin)) {
            insert(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
    if cors.credentials {
        insert(headers, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    if let Some(exposed) = &cors.exposed_headers {
        insert(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

pub(super) fn preflight(cors: &Cors, request: &HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::NoContent().finish();
    let headers = response.headers_mut();
    add(cors, request, headers);
    insert(headers, header::ACCESS_CONTROL_ALLOW_METHODS, &cors.methods);
    match &cors.allowed_headers {
        Some(allowed) => insert(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, allowed),
        None => {
            if let Some(asked) = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
                headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
                headers.append(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
            }
        }
    }
    if let Some(age) = cors.max_age {
        insert(headers, header::ACCESS_CONTROL_MAX_AGE, &age.as_secs().to_string());
    }
    insert(headers, header::CONTENT_LENGTH, "0");
    response
}

/// No `Origin` (not a browser), the server's own host, or an origin that CORS allows.
pub(super) fn accepts_websocket(cors: &Cors, request: &HttpRequest) -> bool {
    let Some(origin) = origin(request) else { return true };
    let own = origin.split_once("://").is_some_and(|(_, host)| {
        let asked = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        asked.is_some_and(|asked| asked.eq_ignore_ascii_case(host))
    });
    own || cors.origins.accept(origin)
}
