//! For the official Engine.IO JavaScript client's own test suite.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::dev::{AppService, HttpServiceFactory, Service};
use actix_web::http::Method;
use actix_web::web;
use greenroom::engine::{Engine, Message, Session};
use greenroom::{Options, Refuse, Request};

const COOKIES: [&str; 4] = [
    "1=1; Max-Age=86400",
    "2=2; Path=/; HttpOnly; Secure; SameSite=Strict",
    "3=3; Max-Age=0",
    "4=4; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
];

/// Headers of the last POST of each session.
type Posts = Arc<Mutex<HashMap<String, String>>>;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let options = Options::new().ping_interval(Duration::from_millis(500)).max_payload(100);
    let posts = Posts::default();
    let recorded = posts.clone();
    let engine = Engine::builder(options)
        .allow_request(|request: Arc<Request>| async move {
            if request.query("deny").is_some() { Err(Refuse::because("")) } else { Ok(()) }
        })
        .headers(|_, opens, headers| {
            if opens {
                headers.extend(COOKIES.map(|cookie| ("set-cookie".into(), cookie.into())));
            }
        })
        .on_session(move |session| {
            session.send("hi");
            let posts = posts.clone();
            session.on_message(move |session: Session, message: Message| answer(&posts, &session, message));
        })
        .map_err(std::io::Error::other)?;
    greenroom_servers::log();
    greenroom_servers::serve_app(&engine.clone(), Recorded { engine, posts: recorded }).await
}

/// The engine, with a look at each POST before it is handled: its message may ask for what it came with.
#[derive(Clone)]
struct Recorded {
    engine: Engine,
    posts: Posts,
}

impl HttpServiceFactory for Recorded {
    fn register(self, config: &mut AppService) {
        let posts = self.posts;
        let recorded = web::scope("").wrap_fn(move |request, service| {
            let sid = request.query_string().split('&').find_map(|pair| pair.strip_prefix("sid="));
            if let (&Method::POST, Some(sid)) = (request.method(), sid) {
                let headers = request.headers().iter();
                let object: HashMap<_, _> = headers
                    .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()))
                    .collect();
                let text = serde_json::to_string(&object).unwrap_or_default();
                posts.lock().unwrap_or_else(PoisonError::into_inner).insert(sid.to_owned(), text);
            }
            service.call(request)
        });
        recorded.service(self.engine).register(config);
    }
}

fn answer(posts: &Posts, session: &Session, message: Message) {
    match &message {
        Message::Text(text) if text == "give binary" => session.send(vec![0, 1, 2, 3, 4]),
        Message::Text(text) if text == "give utf8" => session.send("пойду спать всем спокойной ночи"),
        Message::Text(text) if text == "sendHeaders" => {
            let posts = posts.lock().unwrap_or_else(PoisonError::into_inner);
            session.send(posts.get(session.id().expose()).cloned().unwrap_or_default());
        }
        Message::Text(_) | Message::Binary(_) => session.send(message),
    }
}
