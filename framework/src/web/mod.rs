//! The only module that knows actix-web: routes, handshake, polling, WebSocket, CORS, the client's files.

mod bundle;
mod cors;
mod handshake;
mod native;
mod pieces;
mod polling;
mod query;
mod reply;
mod websocket;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_service::{fn_factory, fn_service};
use actix_web::dev::{AppService, HttpServiceFactory, Payload, ResourceDef, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};

pub(crate) use bundle::Bundle;
pub use native::{NativeHandle, NativeServer, RunningServer};

use crate::config::Options;
use crate::connection::AppFactory;
use crate::server::raw::Engine;
use crate::server::{Gate, Greenroom, HeaderHook, RefusedHook, prepares};
use crate::socket::Request;
use crate::worker::{Fleet, HubInner};
use query::Query;
use reply::Refusal;

/// What every worker's service is made from.
pub(crate) struct Front {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) options: Options,
    pub(crate) factory: AppFactory,
    pub(crate) gate: Option<Gate>,
    pub(crate) headers: Option<HeaderHook>,
    pub(crate) refused: Option<RefusedHook>,
    pub(crate) bundle: Option<Arc<Bundle>>,
}

impl Front {
    pub(crate) fn path(&self) -> &str {
        &self.options.path
    }
}

/// One worker's service.
pub(crate) struct Desk {
    pub(crate) front: Arc<Front>,
    pub(crate) hub: Rc<HubInner>,
}

impl Desk {
    /// The service of this thread. `None` when the server has as many workers as it may have.
    pub(crate) fn here(front: &Arc<Front>) -> Option<Self> {
        // Once per bind address: all of them share the thread's hub.
        let hub = HubInner::here(&front.fleet).or_else(|| start_hub(front))?;
        Some(Self { front: front.clone(), hub })
    }

    fn options(&self) -> &Options {
        &self.front.options
    }
}

impl HttpServiceFactory for Greenroom {
    fn register(self, config: &mut AppService) {
        register(&self.0.front, config);
    }
}

impl HttpServiceFactory for Engine {
    fn register(self, config: &mut AppService) {
        register(&self.0, config);
    }
}

fn register(front: &Arc<Front>, config: &mut AppService) {
    let path = ResourceDef::prefix(front.path());
    let front = front.clone();
    let factory = fn_factory(move || {
        let front = front.clone();
        async move {
            // The factory runs on the worker's thread.
            let desk = Desk::here(&front).map(Rc::new);
            Ok::<_, ()>(fn_service(move |request: ServiceRequest| {
                let desk = desk.clone();
                async move {
                    let (request, payload) = request.into_parts();
                    let response = match desk {
                        Some(desk) => answer(&desk, &request, payload).await,
                        None => HttpResponse::ServiceUnavailable().finish(),
                    };
                    Ok::<_, actix_web::Error>(ServiceResponse::new(request, response))
                }
            }))
        }
    });
    config.register_service(path, None, factory, None);
}

/// A server without HTTP.
#[cfg(feature = "testing")]
impl Desk {
    /// A session over a WebSocket whose bytes go nowhere but to the caller. The gate is asked.
    pub(crate) async fn connect(
        &self,
        facts: Arc<Request>,
        bytes: crate::worker::ByteStream,
    ) -> Result<(Rc<crate::worker::Line>, crate::worker::WireBody), crate::error::ConnectionError> {
        let begun = websocket::begin(self, facts, bytes).await;
        begun.map(|(line, wire)| (line, wire.body())).map_err(|refusal| refusal.describe())
    }
}

fn start_hub(front: &Arc<Front>) -> Option<Rc<HubInner>> {
    let outgoing = Box::new(|seat: &Rc<crate::worker::Seat>, frame: &crate::worker::Frame| {
        if let Some(cell) = crate::socket::SocketCell::of(seat) {
            cell.tell_outgoing(frame);
        }
    });
    let hub = HubInner::start(&front.fleet, outgoing);
    if hub.is_none() {
        crate::trace::too_many_workers(front.options.max_workers);
    }
    hub
}

fn warn_if_unprepared() {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !prepares() && !WARNED.swap(true, Ordering::Relaxed) {
        crate::trace::missing_extension();
    }
}

/// One request. CORS headers go on every answer, refusals too.
async fn answer(desk: &Rc<Desk>, request: &HttpRequest, payload: Payload) -> HttpResponse {
    let cors = &desk.options().cors;
    if request.method() == Method::OPTIONS && cors::is_on(cors) {
        return cors::preflight(cors, request);
    }
    let mut response = serve(desk, request, payload).await;
    cors::add(cors, request, response.headers_mut());
    response
}

async fn serve(desk: &Rc<Desk>, request: &HttpRequest, payload: Payload) -> HttpResponse {
    if let Some(bundle) = &desk.front.bundle
        && let Some(response) = bundle.serve(desk.front.path(), request)
    {
        return response;
    }
    let upgrade = is_websocket(request);
    let query = Query::parse(request.query_string());
    match route(desk, request, payload, &query, upgrade).await {
        Ok(mut response) => {
            add_headers(desk, &query, request, &mut response);
            response
        }
        Err(refusal) => {
            if let Some(hook) = &desk.front.refused {
                let facts = handshake::request_facts(request, true);
                hook(&refusal.describe(), &facts);
            }
            refusal.reply(upgrade)
        }
    }
}

async fn route(
    desk: &Rc<Desk>,
    request: &HttpRequest,
    payload: Payload,
    query: &Query<'_>,
    upgrade: bool,
) -> Result<HttpResponse, Refusal> {
    let session = match check(desk, request, query, upgrade) {
        // Whether there is such a session comes first, and another worker may have to be asked.
        Err(Refusal::Mismatch(sid, _)) if !polling::is_known(desk, sid).await => {
            return Err(Refusal::UnknownSession);
        }
        checked => checked?,
    };
    warn_if_unprepared();
    let facts = || handshake::first_facts(desk, request);
    match (upgrade, session) {
        (false, None) => polling::open(desk, facts()).await,
        (false, Some(sid)) => polling::go_on(desk, request, payload, sid).await,
        (true, None) => websocket::open(desk, request, payload, facts()).await,
        (true, Some(sid)) => websocket::upgrade(desk, request, payload, sid).await,
    }
}

fn add_headers(desk: &Desk, query: &Query<'_>, request: &HttpRequest, response: &mut HttpResponse) {
    let Some(hook) = &desk.front.headers else { return };
    let facts: Request = handshake::request_facts(request, true);
    let mut headers = Vec::new();
    hook(&facts, query.sid().is_none(), &mut headers);
    for (name, value) in headers {
        use actix_web::http::header::{HeaderName, HeaderValue};
        match (HeaderName::try_from(name.as_str()), HeaderValue::from_str(&value)) {
            (Ok(name), Ok(value)) => response.headers_mut().append(name, value),
            _ => crate::trace::bad_header(&name),
        }
    }
}

fn is_websocket(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(header::UPGRADE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.eq_ignore_ascii_case("websocket"))
}

/// The reference's checks, in its order; those of a new session go on in [`handshake::admit`]. The session's id, if the
/// request names one.
fn check(
    desk: &Desk,
    request: &HttpRequest,
    query: &Query<'_>,
    upgrade: bool,
) -> Result<Option<crate::id::Id>, Refusal> {
    let options = desk.options();
    match query.transport.as_deref() {
        Some("polling") if options.polling => {}
        Some("websocket") if options.websocket => {}
        _ => return Err(Refusal::UnknownTransport),
    }
    if let Some(origin) = request.headers().get(header::ORIGIN)
        && origin.to_str().is_err()
    {
        return Err(Refusal::BadRequest("INVALID_ORIGIN"));
    }
    let by_websocket = query.transport.as_deref() == Some("websocket");
    if let Some(sid) = query.sid() {
        let sid = crate::id::Id::parse(sid).ok_or(Refusal::UnknownSession)?;
        // A session's protocol is fixed at its handshake.
        if query.version.as_deref() != Some("4") {
            return Err(Refusal::Mismatch(sid, "EIO_MISMATCH"));
        }
        if by_websocket != upgrade {
            let context = if upgrade { "TRANSPORT_MISMATCH" } else { "TRANSPORT_HANDSHAKE_ERROR" };
            return Err(Refusal::Mismatch(sid, context));
        }
        return Ok(Some(sid));
    }
    if request.method() != Method::GET {
        return Err(Refusal::BadMethod);
    }
    if by_websocket != upgrade {
        return Err(Refusal::BadRequest("TRANSPORT_HANDSHAKE_ERROR"));
    }
    Ok(None)
}
