//! For the official Engine.IO JavaScript client's own test suite.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
    let seen = posts.clone();
    let engine = Engine::builder(options)
        .allow_request(|request: Arc<Request>| async move {
            if request.query("deny").is_some() { Err(Refuse::because("")) } else { Ok(()) }
        })
        .headers(move |request, opens, headers| {
            if opens {
                headers.extend(COOKIES.map(|cookie| ("set-cookie".into(), cookie.into())));
            }
            if let Some(sid) = request.query("sid") {
                let object: HashMap<_, _> = request.headers().collect();
                let text = serde_json::to_string(&object).unwrap_or_default();
                seen.lock().unwrap_or_else(PoisonError::into_inner).insert(sid.to_owned(), text);
            }
        })
        .on_session(move |session| {
            session.send("hi");
            let posts = posts.clone();
            session.on_message(move |session: Session, message: Message| answer(&posts, &session, message));
        })
        .map_err(std::io::Error::other)?;
    greenroom_servers::serve_engine(engine).await
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
