//! For the official Engine.IO protocol suite: each message comes back.

use std::time::Duration;

use greenroom::engine::{Engine, Message, Session};
use greenroom::{Cors, Options, Origins};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let options = Options::new()
        .ping_interval(Duration::from_millis(300))
        .ping_timeout(Duration::from_millis(200))
        .max_payload(1_000_000)
        .cors(Cors::new(Origins::Any));
    let engine = Engine::builder(options)
        .on_session(|session| session.on_message(|session: Session, message: Message| session.send(message)))
        .map_err(std::io::Error::other)?;
    greenroom_servers::serve_engine(engine).await
}
