//! From a handshake to a handler, and to its end.

use std::sync::{Arc, Mutex};

use greenroom::Untyped;
use greenroom::prelude::*;
use greenroom::testing::TestServer;
use greenroom_tests::server::{Server, serve};
use greenroom_tests::socket_io::Client;
use greenroom_tests::{run, within};
use serde::Deserialize;
use serde_json::json;

/// What happened, for the tests to look at.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// Waits until there are so many lines.
    async fn reaches(&self, lines: usize) {
        while self.lines().len() < lines {
            tokio::task::yield_now().await;
        }
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[derive(Deserialize)]
struct Login {
    token: String,
}

#[derive(Debug, thiserror::Error, Fault)]
enum Door {
    #[error("the house is full")]
    Full,
}

#[derive(Handler)]
#[handler(ns = "/house", state = Log)]
struct Guest {
    name: String,
}

#[events]
impl Guest {
    #[connect]
    async fn connect(cx: &Connect<Self>, Auth(login): Auth<Login>) -> Result<Self, Refuse> {
        match login.token.as_str() {
            "ann" | "bob" => {
                cx.join("guests");
                Ok(Self { name: login.token })
            }
            "full" => Err(Door::Full.into_refuse()),
            "broken" => panic!("as the test wants"),
            _ => Err(Refuse::new("bad_token", "log in again")),
        }
    }

    #[connected]
    fn hello(&mut self, cx: &Cx<Self>) {
        cx.client().emit("hello", &self.name);
        cx.to("guests").emit("came", &self.name);
    }

    #[event]
    fn name(&self, cx: &Cx<Self>) -> (String, usize) {
        (self.name.clone(), cx.count("guests"))
    }

    #[disconnect]
    async fn bye(&mut self, cx: &Cx<Self>, log: State<Log>, why: Disconnect) {
        log.add(format!("{} {why} in {}", self.name, cx.rooms().len()));
        cx.to("guests").emit("went", &self.name);
    }
}

async fn house() -> (Server, Log) {
    let log = Log::default();
    (serve(&Greenroom::new().mount_with::<Guest>(log.clone())), log)
}

async fn refusal(server: &Server, auth: &str) -> serde_json::Value {
    let mut client = Client::open(server.addr).await;
    client.send(&format!("0/house,{auth}")).await;
    let answer = client.next().await;
    serde_json::from_str(answer.strip_prefix("4/house,").expect("a refusal")).unwrap()
}

/// Rows: TYP-04, TYP-07
#[test]
fn connect_makes_the_state_and_its_error_refuses() {
    run(async {
        let (server, _) = house().await;
        let mut ann = Client::open(server.addr).await;
        ann.join_with("/house", r#"{"token":"ann"}"#).await;
        ann.expect(r#"2/house,["hello","ann"]"#).await;
        ann.send(r#"2/house,1["name"]"#).await;
        ann.expect(r#"3/house,1[["ann",1]]"#).await;
        let refused = refusal(&server, r#"{"token":"eve"}"#).await;
        assert_eq!(refused, json!({ "message": "log in again", "data": { "code": "bad_token" } }));
        let full = refusal(&server, r#"{"token":"full"}"#).await;
        assert_eq!(full, json!({ "message": "the house is full", "data": { "code": "full" } }));
        assert_eq!(refusal(&server, r#"{"token":"broken"}"#).await["data"]["code"], "internal");
        let wrong = refusal(&server, r#"{"token":5}"#).await;
        let problem = "invalid type: integer `5`, expected a string";
        assert_eq!(wrong, json!({ "message": problem, "data": { "code": "bad_auth" } }));
        assert_eq!(refusal(&server, "").await["data"]["code"], "bad_auth");
    });
}

#[test]
fn rooms_joined_while_connecting_hear_the_next_to_come_and_the_rooms_are_set_while_one_leaves() {
    run(async {
        let (server, log) = house().await;
        let mut ann = Client::open(server.addr).await;
        ann.join_with("/house", r#"{"token":"ann"}"#).await;
        ann.expect(r#"2/house,["hello","ann"]"#).await;
        let mut bob = Client::open(server.addr).await;
        bob.join_with("/house", r#"{"token":"bob"}"#).await;
        ann.expect(r#"2/house,["came","bob"]"#).await;
        bob.send("1/house,").await;
        ann.expect(r#"2/house,["went","bob"]"#).await;
        assert_eq!(log.lines(), ["bob client namespace disconnect in 2"]);
    });
}

#[derive(Deserialize)]
struct At {
    project: String,
    org: u64,
}

#[derive(Handler)]
#[handler(ns = "/org/{org}/{project}")]
struct Project {
    at: At,
}

#[events]
impl Project {
    #[connect]
    fn connect(Path(at): Path<At>) -> Result<Self, Fault> {
        if at.org == 0 { Err(Fault::new("no_such_org", "unknown organisation")) } else { Ok(Self { at }) }
    }

    #[event]
    fn name(&self) -> String {
        format!("{} of {}", self.at.project, self.at.org)
    }
}

#[test]
fn a_pattern_gives_its_parameters_to_connect() {
    run(async {
        let io = Greenroom::new().mount::<Project>();
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.join("/org/7/web").await;
        client.send(r#"2/org/7/web,1["name"]"#).await;
        client.expect(r#"3/org/7/web,1["web of 7"]"#).await;
        client.send("0/org/0/web,").await;
        assert!(client.next().await.contains("no_such_org"));
        client.send("0/org/x/web,").await;
        assert!(client.next().await.contains("bad_path"));
        client.send("0/org/7,").await;
        assert!(client.next().await.contains("Invalid namespace"));
        let ns = io.ns_at::<Project>("/org/7/web").expect("alive");
        drop(ns.everyone().emit("built", true));
        client.expect(r#"2/org/7/web,["built",true]"#).await;
        assert_eq!(io.each_ns::<Project>().len(), 1);
        assert!(io.ns_at::<Project>("/org/8/web").is_none());
        drop(io.of("/org"));
        assert!(io.ns_at::<Project>("/org").is_none(), "alive, but of another form");
    });
}

#[derive(Handler, Default)]
struct Shared {
    typed: u32,
}

#[events]
impl Shared {
    #[event]
    fn both(&mut self) -> String {
        self.typed += 1;
        format!("typed {}", self.typed)
    }
}

#[test]
fn a_handler_and_closures_share_a_namespace_and_the_handler_is_asked_first() {
    run(async {
        let io = Greenroom::new().mount::<Shared>();
        let seen = Log::default();
        let log = seen.clone();
        io.on_connection(move |socket| {
            let log = log.clone();
            socket.on_any(move |_, event, _| log.add(event));
            socket.on("both", |_: Socket| "closure");
            socket.on("mine", |_: Socket| "closure");
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        assert_eq!(client.ask(1, r#""both""#).await, json!(["typed 1"]));
        assert_eq!(client.ask(2, r#""mine""#).await, json!(["closure"]));
        assert_eq!(client.ask(3, r#""neither""#).await[0]["error"]["code"], "unknown_event");
        assert_eq!(seen.lines(), ["both", "mine", "neither"]);
    });
}

#[test]
#[should_panic(expected = "a namespace has one handler")]
fn a_second_handler_for_a_namespace_is_found_when_the_program_starts() {
    let _ = Greenroom::new().mount::<Shared>().mount::<Shared>();
}

/// What the derive would not let pass.
#[derive(Default)]
struct Unclosed;

impl Handler for Unclosed {
    type Rooms = ();
    type State = ();
    type Client = Untyped;
    const NAMESPACE: &'static str = "/team/{id";
}

#[events]
impl Unclosed {}

#[test]
fn a_mount_that_cannot_be_says_why() {
    let io = Greenroom::new().mount::<Shared>();
    let second = io.try_mount_with::<Shared>(()).unwrap_err();
    assert!(second.to_string().contains("a namespace has one handler"), "{second}");
    let unclosed = io.try_mount_with::<Unclosed>(()).unwrap_err();
    assert!(unclosed.to_string().contains("unclosed `{` in segment `{id`"), "{unclosed}");
    assert!(io.try_mount_with::<Bare>(()).is_ok());
}

/// Has one of the namespaces that the pattern of `Project` matches.
#[derive(Handler, Default)]
#[handler(ns = "/org/7/admin")]
struct Admin;

#[events]
impl Admin {
    #[event]
    fn name(&self) -> &'static str {
        "the office"
    }
}

#[actix_web::test]
async fn a_handler_has_its_namespace_whichever_pattern_was_mounted_before_or_after() {
    let admin_last = Greenroom::new().mount::<Project>().mount::<Admin>();
    let admin_first = Greenroom::new().mount::<Admin>().mount::<Project>();
    for io in [admin_last, admin_first] {
        // Refuses whoever the pattern's handler would.
        io.of_pattern("/org/{org}/{project}").expect("a pattern").wrap(|socket: Socket| {
            if socket.param("org") == Some("7") { Err(Refuse::because("not here")) } else { Ok(()) }
        });
        let app = TestServer::new(io);
        let admin = app.connect::<Admin>(()).await.expect("let in");
        assert_eq!(admin.name().await.as_deref(), Ok("the office"));
        let web = app.connect_at::<Project>("/org/8/admin", ()).await.expect("let in");
        assert_eq!(web.name().await.as_deref(), Ok("admin of 8"));
        app.connect_at::<Project>("/org/7/web", ()).await.expect_err("the pattern's own rule");
        // From outside, too.
        assert!(app.io().ns_at::<Project>("/org/7/admin").is_none());
        let projects = app.io().each_ns::<Project>();
        let names: Vec<_> = projects.iter().map(|project| project.namespace().name()).collect();
        assert_eq!(names, ["/org/8/admin"]);
    }
    let io = Greenroom::new().mount::<Project>();
    let _ = io.of("/org/7/admin");
    let late = io.try_mount_with::<Admin>(()).expect_err("the pattern's handler is there");
    assert!(late.to_string().contains("mount a namespace's own before anything else names it"), "{late}");
}

/// A handler may be generic over its storage.
trait Store: Clone + Send + Sync + 'static {
    fn put(&self, key: &str);
}

impl Store for Log {
    fn put(&self, key: &str) {
        self.add(key);
    }
}

#[derive(Handler)]
#[handler(ns = "/kv", state = S)]
struct Kv<S: Store> {
    store: S,
}

#[events]
impl<S: Store> Kv<S> {
    #[connect]
    fn new(State(store): State<S>) -> Self {
        Self { store }
    }

    #[event]
    fn put(&mut self, key: &str) {
        self.store.put(key);
    }
}

#[test]
fn a_handler_can_be_generic() {
    run(async {
        let log = Log::default();
        let server = serve(&Greenroom::new().mount_with::<Kv<Log>>(log.clone()));
        let mut client = Client::open(server.addr).await;
        client.join("/kv").await;
        client.send(r#"2/kv,1["put","x"]"#).await;
        client.expect("3/kv,1[]").await;
        assert_eq!(log.lines(), ["x"]);
    });
}

#[derive(Handler)]
#[handler(state = Log)]
struct Fragile {
    log: Log,
}

impl Drop for Fragile {
    fn drop(&mut self) {
        self.log.add("dropped");
    }
}

#[events]
impl Fragile {
    #[connect]
    fn connect(log: State<Log>) -> Self {
        Self { log: log.0 }
    }

    #[event]
    #[event("also known as")]
    fn probe(&self) {}

    #[cfg(any())]
    #[event]
    fn compiled_out(&self) {}

    #[event]
    fn breaks(&mut self) {
        panic!("as the test wants");
    }

    #[disconnect]
    fn bye(&mut self) {
        self.log.add("bye");
    }
}

#[test]
fn a_state_that_saw_a_panic_is_dropped_and_says_no_goodbye() {
    run(async {
        let log = Log::default();
        let server = serve(&Greenroom::new().mount_with::<Fragile>(log.clone()));
        let mut whole = Client::connect(server.addr).await;
        whole.send("1").await;
        let mut broken = Client::connect(server.addr).await;
        broken.send(r#"2["breaks"]"#).await;
        broken.closed().await;
        within("both states' end", log.reaches(3)).await;
        let mut lines = log.lines();
        lines.sort();
        assert_eq!(lines, ["bye", "dropped", "dropped"]);
    });
}

/// Two of each, of which one is compiled.
#[derive(Handler)]
#[handler(state = Log)]
struct Built(&'static str);

#[events]
impl Built {
    #[cfg(not(test))]
    #[connect]
    fn never(absent: Absent) -> Self {}

    #[cfg(test)]
    #[connect]
    fn connect() -> Self {
        Self("built")
    }

    #[cfg(not(test))]
    #[connected]
    fn never(&mut self, absent: Absent) {}

    #[cfg(test)]
    #[connected]
    fn hello(&mut self, cx: &Cx<Self>) {
        cx.client().emit("hello", self.0);
    }

    #[cfg(not(test))]
    #[fallback]
    fn never(&mut self, absent: Absent) {}

    #[cfg(test)]
    #[fallback]
    fn other(&self, event: &str) -> String {
        event.to_owned()
    }

    #[cfg(not(test))]
    #[disconnect]
    fn never(&mut self, absent: Absent) {}

    #[cfg(test)]
    #[disconnect]
    fn bye(&mut self, log: State<Log>) {
        log.add("bye");
    }
}

/// Nothing but what is not compiled.
#[derive(Handler, Default)]
#[handler(ns = "/bare")]
struct Bare;

#[events]
impl Bare {
    #[cfg(test)]
    #[cfg(not(test))]
    #[connect]
    fn never(absent: Absent) -> Self {}

    #[cfg(not(test))]
    #[connected]
    fn never(&mut self, absent: Absent) {}

    #[cfg(not(test))]
    #[fallback]
    fn never(&mut self, absent: Absent) {}

    #[cfg(not(test))]
    #[disconnect]
    fn never(&mut self, absent: Absent) {}
}

#[test]
fn of_two_hooks_the_one_that_is_compiled_runs() {
    run(async {
        let log = Log::default();
        let server = serve(&Greenroom::new().mount_with::<Built>(log.clone()));
        let mut client = Client::connect(server.addr).await;
        client.expect(r#"2["hello","built"]"#).await;
        assert_eq!(client.ask(1, r#""any""#).await, json!(["any"]));
        client.send("1").await;
        within("the end", log.reaches(1)).await;
        assert_eq!(log.lines(), ["bye"]);
    });
}

#[test]
fn a_handler_whose_hooks_are_compiled_out_starts_from_its_default() {
    run(async {
        let server = serve(&Greenroom::new().mount::<Bare>());
        let mut client = Client::open(server.addr).await;
        client.join("/bare").await;
        client.send(r#"2/bare,1["any"]"#).await;
        assert!(client.next().await.contains("unknown_event"));
    });
}

#[test]
fn a_method_may_answer_two_events_and_one_that_is_compiled_out_answers_none() {
    run(async {
        let server = serve(&Greenroom::new().mount_with::<Fragile>(Log::default()));
        let mut client = Client::connect(server.addr).await;
        assert_eq!(client.ask(1, r#""probe""#).await, json!([]));
        assert_eq!(client.ask(2, r#""also known as""#).await, json!([]));
        assert_eq!(client.ask(3, r#""compiled_out""#).await[0]["error"]["code"], "unknown_event");
    });
}
