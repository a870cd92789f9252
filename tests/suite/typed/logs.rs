//! What the log says that a client is not told.

use std::io::Write;
use std::sync::{Arc, Mutex};

use greenroom::prelude::*;
use greenroom::testing::TestServer;
use tracing_subscriber::util::SubscriberInitExt;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().expect("nobody panics"))).expect("text")
    }
}

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics").write(text)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Login {
    known: bool,
}

#[derive(Handler)]
#[handler(ns = "/vault")]
struct Vault;

#[events]
impl Vault {
    #[connect]
    fn connect(Auth(login): Auth<Login>) -> greenroom::Result<Self> {
        if login.known {
            return Ok(Self);
        }
        Err(std::io::Error::other("disk 7 is full"))?
    }
}

#[actix_web::test]
async fn what_is_hidden_from_a_refused_client_is_an_error_in_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_env_filter("info");
    let _logging = subscriber.with_writer(move || writer.clone()).set_default();
    let app = TestServer::new(Greenroom::new().mount::<Vault>());

    let refused = app.connect::<Vault>(serde_json::json!({ "known": false })).await.expect_err("refused");
    assert_eq!((refused.code.as_str(), refused.message.as_str()), ("internal", "internal error"));
    let line = log.take();
    assert!(line.contains("ERROR") && line.contains("disk 7 is full"), "{line}");
    assert!(line.contains("namespace=\"/vault\"") && line.contains("socket="), "{line}");

    // What the client is told is no news to anybody.
    let refused = app.connect::<Vault>(()).await.expect_err("refused");
    assert_eq!((refused.code.as_str(), log.take().as_str()), ("bad_auth", ""));
}
