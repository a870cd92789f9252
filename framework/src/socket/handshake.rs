//! What is known of a client from its first request and its CONNECT packet.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::pairs::Pairs;
use super::query::{Plain, has_escapes};
use crate::engine::session::TransportKind;

/// What carries a connection now. Kept up to date by its actor, read by whoever has the request.
#[derive(Debug, Default)]
pub(crate) struct Carrier(AtomicBool);

impl Carrier {
    pub(crate) fn kind(&self) -> TransportKind {
        if self.0.load(Ordering::Acquire) { TransportKind::WebSocket } else { TransportKind::Polling }
    }

    pub(crate) fn is_now(&self, transport: TransportKind) {
        self.0.store(transport == TransportKind::WebSocket, Ordering::Release);
    }
}

impl Clone for Carrier {
    fn clone(&self) -> Self {
        Self(AtomicBool::new(self.0.load(Ordering::Acquire)))
    }
}

/// The first HTTP request of a connection; shared by its sockets.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Header names in lower case. Mostly not kept.
    pub(crate) headers: Option<Box<Pairs>>,
    /// Only what cannot be read from the URL.
    pub(crate) decoded: Option<Box<Pairs>>,
    /// There were headers, but they are not kept.
    pub(crate) bare: bool,
    pub(crate) cross_domain: bool,
    pub(crate) url: Box<str>,
    pub(crate) address: Option<SocketAddr>,
    pub(crate) secure: bool,
    /// Here, as it is shared by the same: an allocation of its own would be dear for one bit.
    pub(crate) carrier: Carrier,
}

impl Request {
    /// Of a path and query. `headers`: `None` if they are not kept.
    pub(crate) fn new(url: &str, headers: Option<Pairs>) -> Self {
        let query = Plain::of_url(url).0;
        let decoded = has_escapes(query).then(|| form_urlencoded::parse(query.as_bytes()).collect());
        Self {
            bare: headers.is_none(),
            headers: headers.map(Box::new),
            decoded: decoded.map(Box::new),
            url: url.into(),
            ..Self::default()
        }
    }

    /// A header, `name` in lower case. The last one of several.
    ///
    /// Hooks that are asked about a request see its headers. Later, in a handler or a [`Session`](crate::engine::Session), there are none without
    /// [`Options::keep_headers(true)`](crate::Options::keep_headers), which the log then says.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.kept().and_then(|headers| headers.find(name))
    }

    /// All headers, names in lower case, in the order received; without [`Options::keep_headers(true)`](crate::Options::keep_headers) as with
    /// [`header`](Self::header).
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.kept().into_iter().flat_map(Pairs::iter)
    }

    /// Who looks for what is not there would take each client for one that sends nothing.
    fn kept(&self) -> Option<&Pairs> {
        static SAID: Once = Once::new();
        if self.bare {
            SAID.call_once(crate::trace::headers_not_kept);
        }
        self.headers.as_deref()
    }

    pub(crate) fn forget_headers(&mut self) {
        self.headers = None;
        self.bare = true;
    }

    /// A parameter of the query, decoded. The last one of several.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.queries().filter(|(key, _)| *key == name).last().map(|(_, value)| value)
    }

    /// All parameters of the query, decoded.
    pub fn queries(&self) -> impl Iterator<Item = (&str, &str)> {
        let plain = self.decoded.is_none().then(|| Plain::of_url(&self.url));
        self.decoded.iter().flat_map(|pairs| pairs.iter()).chain(plain.into_iter().flatten())
    }

    /// Path and query.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of the TCP peer.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }
}

/// `socket.handshake()`: the connection's first request, and what this namespace's CONNECT packet brought.
///
/// Serializes to the reference's object: `headers`, `query`, `auth`, `time`, `issued`, `address`, `xdomain`, `secure`, `url`. Its `headers` are empty
/// without [`Options::keep_headers(true)`](crate::Options::keep_headers).
#[derive(Debug)]
pub struct Handshake {
    pub(crate) request: Arc<Request>,
    pub(crate) auth: Option<Box<str>>,
    /// Milliseconds since 1970, as the reference has it.
    issued: u64,
}

impl Handshake {
    /// Of a CONNECT packet that came now.
    pub(crate) fn new(request: Arc<Request>, auth: Option<Box<str>>) -> Self {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Self { request, auth, issued: u64::try_from(since.as_millis()).unwrap_or(u64::MAX) }
    }

    /// A header of the first request; `name` in lower case. The last one of several.
    ///
    /// Needs [`Options::keep_headers(true)`](crate::Options::keep_headers). Without it there are none, and the first look is logged as an error.
    /// [`allow_request`](crate::Builder::allow_request) sees them anyhow.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    /// All headers of the first request, names in lower case, in the order received. Needs
    /// [`Options::keep_headers(true)`](crate::Options::keep_headers), as [`header`](Self::header) does.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.request.headers()
    }

    /// A parameter of the first request's query, decoded. The last one of several.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.request.query(name)
    }

    /// All parameters of the first request's query, `EIO`, `transport` and `t` too.
    pub fn queries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.request.queries()
    }

    /// What the client gave as `auth`, as JSON text; `{}` when nothing.
    #[must_use]
    pub fn auth_json(&self) -> &str {
        self.auth.as_deref().unwrap_or("{}")
    }

    /// What the client gave as `auth`.
    ///
    /// # Errors
    /// When it is not of this type.
    pub fn auth<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.auth_json())
    }

    /// The address of the TCP peer: a proxy's, where there is one. Forwarding headers are not looked at.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.request.address
    }

    /// The first request's path and query.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.request.url
    }

    /// Whether the first request came over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.request.secure
    }

    /// Whether the first request had an `Origin` header.
    #[must_use]
    pub fn is_cross_domain(&self) -> bool {
        self.request.cross_domain
    }

    /// For the log: empty where headers are not kept.
    pub(crate) fn origin(&self) -> &str {
        self.request.headers.as_ref().and_then(|headers| headers.find("origin")).unwrap_or_default()
    }

    /// When this namespace was asked for, to the millisecond.
    #[must_use]
    pub fn issued(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.issued)
    }
}

impl Serialize for Handshake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let auth = serde_json::value::RawValue::from_string(self.auth_json().to_owned()).unwrap_or_default();
        let mut map = serializer.serialize_map(Some(9))?;
        map.serialize_entry("headers", self.request.kept().unwrap_or(&Pairs::default()))?;
        map.serialize_entry("time", &http_date(self.issued()))?;
        map.serialize_entry("address", &self.request.address.map(|a| a.ip().to_string()))?;
        map.serialize_entry("xdomain", &self.is_cross_domain())?;
        map.serialize_entry("secure", &self.is_secure())?;
        map.serialize_entry("issued", &self.issued)?;
        map.serialize_entry("url", &*self.request.url)?;
        map.serialize_entry("query", &self.request.queries().collect::<Pairs>())?;
        map.serialize_entry("auth", &auth)?;
        map.end()
    }
}

/// `Tue, 24 Nov 2026 13:10:18 GMT`, close to what JavaScript's `Date` prints.
fn http_date(at: SystemTime) -> String {
    httpdate::fmt_http_date(at)
}
