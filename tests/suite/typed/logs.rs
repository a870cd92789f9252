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

#[derive(Default, Handler)]
#[handler(ns = "/heads")]
struct Heads;

#[events]
impl Heads {
    #[event]
    fn cookie(&self, cx: &Cx<Self>) -> Option<String> {
        cx.socket().handshake().header("cookie").map(str::to_owned)
    }
}

async fn cookie(options: Options) -> Option<String> {
    let io = Greenroom::builder(options).build().expect("good options").mount::<Heads>();
    let app = TestServer::new(io);
    let client = app.visitor().header("Cookie", "a=b").connect::<Heads>(()).await.expect("let in");
    client.cookie().await.expect("an answer")
}

/// Rows: SOC-02
#[test]
fn a_look_at_headers_that_are_not_kept_is_an_error_in_the_log() {
    // Logged once in a process, so in one of its own.
    const ALONE: &str = "GREENROOM_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return actix_web::rt::System::new().block_on(one_line_in_the_log());
    }
    let mut test = std::process::Command::new(std::env::current_exe().expect("a path"));
    let name = "typed::logs::a_look_at_headers_that_are_not_kept_is_an_error_in_the_log";
    let output = test.args(["--exact", name]).env(ALONE, "1").output().expect("a process");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

async fn one_line_in_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_env_filter("info");
    let _logging = subscriber.with_writer(move || writer.clone()).set_default();

    assert_eq!(cookie(Options::new().keep_headers(true)).await.as_deref(), Some("a=b"));
    assert_eq!(log.take(), "");
    assert_eq!(cookie(Options::new()).await, None);
    let line = log.take();
    assert!(line.contains("ERROR") && line.contains("Options::keep_headers(true)"), "{line}");
    assert_eq!(cookie(Options::new()).await, None);
    assert_eq!(log.take(), "");
}
