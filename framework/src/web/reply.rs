//! Every refusal and its answer on the wire.

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};

use crate::error::ConnectionError;
use crate::id::Id;

/// Why a request is not served. Codes and messages are the reference's.
#[derive(Debug)]
pub(super) enum Refusal {
    UnknownTransport,
    UnknownSession,
    BadMethod,
    BadRequest(&'static str),
    /// The request does not fit its session, if there is one.
    Mismatch(Id, &'static str),
    Forbidden(String),
    UnsupportedVersion,
    /// No room, or the server is going down.
    Unavailable,
}

impl Refusal {
    fn code(&self) -> u8 {
        match self {
            Self::UnknownTransport => 0,
            Self::UnknownSession => 1,
            Self::BadMethod => 2,
            Self::BadRequest(_) | Self::Mismatch(..) => 3,
            Self::Forbidden(_) => 4,
            Self::UnsupportedVersion => 5,
            Self::Unavailable => 6,
        }
    }

    fn message(&self) -> &str {
        match self {
            Self::UnknownTransport => "Transport unknown",
            Self::UnknownSession => "Session ID unknown",
            Self::BadMethod => "Bad handshake method",
            Self::BadRequest(_) | Self::Mismatch(..) => "Bad request",
            Self::Forbidden(message) => message,
            Self::UnsupportedVersion => "Unsupported protocol version",
            Self::Unavailable => "Service unavailable",
        }
    }

    fn context(&self) -> &'static str {
        if let Self::BadRequest(context) | Self::Mismatch(_, context) = self { context } else { "" }
    }

    /// For the app's hook.
    pub(super) fn describe(&self) -> ConnectionError {
        ConnectionError { code: self.code(), message: self.message().to_owned(), context: self.context() }
    }

    /// Over HTTP a JSON object; to a WebSocket request the message as text, always 400, and the end of the connection.
    pub(super) fn reply(&self, websocket: bool) -> HttpResponse {
        crate::trace::request_refused(self.code(), self.message(), self.context());
        let mut response = match self {
            Self::Unavailable => HttpResponse::ServiceUnavailable(),
            _ if websocket => HttpResponse::BadRequest(),
            Self::Forbidden(_) => HttpResponse::Forbidden(),
            Self::UnknownTransport
            | Self::UnknownSession
            | Self::BadMethod
            | Self::BadRequest(_)
            | Self::Mismatch(..)
            | Self::UnsupportedVersion => HttpResponse::BadRequest(),
        };
        if websocket {
            response
                .insert_header((CONTENT_TYPE, "text/html"))
                .insert_header((CONNECTION, "close"))
                .force_close();
            return response.body(self.message().to_owned());
        }
        response.insert_header((CONTENT_TYPE, "application/json"));
        let message = serde_json::to_string(self.message()).unwrap_or_default();
        response.body(format!("{{\"code\":{},\"message\":{message}}}", self.code()))
    }
}

/// A poll's packets.
pub(super) fn packets(body: impl Into<bytes::Bytes>) -> HttpResponse {
    plain("text/plain; charset=UTF-8", body.into())
}

/// A POST was taken.
pub(super) fn taken() -> HttpResponse {
    plain("text/html", bytes::Bytes::from_static(b"ok"))
}

/// Nobody keeps it, and nobody guesses what it is.
fn plain(content_type: &'static str, body: bytes::Bytes) -> HttpResponse {
    let mut response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(body));
    let headers = response.headers_mut();
    headers.append(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.append(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
