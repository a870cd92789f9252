//! The native server as a server: its workers, its limit, its end.

use std::collections::HashSet;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::{App, HttpResponse, web};
use greenroom::prelude::*;
use greenroom::{NativeHandle, NativeServer};
use greenroom_tests::http::{self, Http};
use greenroom_tests::websocket::{Frame, WebSocket, frame};
use greenroom_tests::{run, within};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};

/// What the app's routes share with the test.
#[derive(Default)]
struct Gate {
    /// Requests to `/wait` that have come.
    waiting: AtomicUsize,
    came: Notify,
    opened: Notify,
}

impl Gate {
    async fn wait(&self) -> HttpResponse {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.came.notify_one();
        self.opened.notified().await;
        HttpResponse::Ok().body("opened")
    }
}

struct Server {
    addr: SocketAddr,
    handle: NativeHandle,
    ended: oneshot::Receiver<io::Result<()>>,
    gate: Arc<Gate>,
}

#[derive(Clone, Copy)]
struct Plan {
    workers: usize,
    max_connections: usize,
    shutdown_timeout: Duration,
    /// Whether the app belongs to an actix system, as under `#[actix_web::main]`.
    system: bool,
}

const PLAN: Plan =
    Plan { workers: 1, max_connections: 100, shutdown_timeout: Duration::from_secs(60), system: true };

fn serve(plan: Plan) -> Server {
    let gate = Arc::new(Gate::default());
    let (tx, rx) = std::sync::mpsc::channel();
    let (ended, has_ended) = oneshot::channel();
    let app_gate = gate.clone();
    let main = async move {
        let io = Greenroom::builder(Options::new()).build().expect("valid options");
        let service = io.clone();
        let server = NativeServer::new(&io, move || {
            let gate = app_gate.clone();
            App::new()
                .service(service.clone())
                .route("/thread", web::get().to(async || format!("{:?}", std::thread::current().id())))
                .route(
                    "/wait",
                    web::get().to(move || {
                        let gate = gate.clone();
                        async move { gate.wait().await }
                    }),
                )
        });
        let server = server.disable_signals().workers(plan.workers).max_connections(plan.max_connections);
        // Longer than any test waits: only the end of the server closes a connection that rests.
        let server = server.keep_alive(Duration::from_secs(120)).shutdown_timeout(plan.shutdown_timeout);
        let server = server.bind(("127.0.0.1", 0)).expect("a free port");
        let addr = server.addresses()[0];
        let server = server.run();
        tx.send((addr, server.handle())).expect("the test waits");
        let _ = ended.send(server.await);
    };
    std::thread::spawn(
        move || {
            if plan.system { actix_web::rt::System::new().block_on(main) } else { run(main) }
        },
    );
    let (addr, handle) = rx.recv().expect("the server starts");
    Server { addr, handle, ended: has_ended, gate }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

impl Server {
    /// A request that waits for the gate; it has reached the app.
    async fn waiting(&self) -> Http {
        let mut http = Http::connect(self.addr).await;
        http.send("GET", "/wait", &[], b"").await;
        within("the request", self.gate.came.notified()).await;
        http
    }

    /// Nobody accepts any more.
    async fn refuses(&self) {
        within("the refusal", async {
            while TcpStream::connect(self.addr).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    }

    async fn has_ended(&mut self) -> io::Result<()> {
        within("the end", &mut self.ended).await.expect("its thread lives")
    }
}

#[test]
fn connections_are_spread_over_the_workers() {
    run(async {
        let server = serve(Plan { workers: 2, ..PLAN });
        let mut threads = HashSet::new();
        // The kernel takes one by a hash of the ports: that all of 64 have the same is as good as impossible.
        for _ in 0..64 {
            threads.insert(http::get(server.addr, "/thread").await.text().to_owned());
        }
        assert_eq!(threads.len(), 2);
    });
}

#[test]
fn an_address_that_is_taken_is_an_error() {
    run(async {
        let server = serve(Plan { workers: 2, ..PLAN });
        let io = Greenroom::builder(Options::new()).build().expect("valid options");
        let second = NativeServer::new(&io, App::new).workers(2).bind(server.addr);
        assert_eq!(second.err().map(|error| error.kind()), Some(io::ErrorKind::AddrInUse));
        let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let some = [server.addr, free.local_addr().expect("its address")];
        drop(free);
        let some = NativeServer::new(&io, App::new).bind(&some[..]).expect("one of them is free");
        assert_eq!(some.addresses().len(), 1);
    });
}

#[test]
fn without_an_actix_system_it_serves_and_ends_too() {
    run(async {
        let mut server = serve(Plan { system: false, ..PLAN });
        assert_eq!(http::get(server.addr, "/thread").await.status, 200);
        drop(server.handle.stop(true));
        server.has_ended().await.expect("it ends well");
    });
}

#[test]
fn a_graceful_end_answers_what_is_under_way_and_accepts_nothing_more() {
    run(async {
        let mut server = serve(Plan { workers: 2, ..PLAN });
        let mut waiting = server.waiting().await;
        let mut resting = Http::connect(server.addr).await;
        resting.send("GET", "/thread", &[], b"").await;
        assert_eq!(resting.response().await.status, 200);
        let stopped = server.handle.stop(true);
        // The connection that rests between two requests is closed: the workers are ending.
        assert_eq!(within("its end", resting.rest()).await, b"");
        server.refuses().await;
        assert!(server.ended.try_recv().is_err(), "a request is under way");
        server.gate.opened.notify_one();
        assert_eq!(waiting.response().await.text(), "opened");
        drop(waiting);
        server.has_ended().await.expect("it ends well");
        within("the handle", stopped).await;
    });
}

#[test]
fn a_graceful_end_waits_for_requests_only_so_long() {
    run(async {
        let mut server = serve(Plan { shutdown_timeout: Duration::from_millis(50), ..PLAN });
        let _waiting = server.waiting().await;
        drop(server.handle.stop(true));
        server.has_ended().await.expect("it ends well");
    });
}

#[test]
fn an_end_at_once_waits_for_nothing_also_when_a_graceful_one_is_under_way() {
    run(async {
        let mut server = serve(PLAN);
        let waiting = server.waiting().await;
        drop(server.handle.stop(true));
        server.refuses().await;
        drop(server.handle.stop(false));
        server.has_ended().await.expect("it ends well");
        assert_eq!(within("the cut", waiting.rest()).await, b"");
    });
}

#[test]
fn http_connections_beyond_the_limit_wait_and_websockets_do_not_count() {
    run(async {
        let server = serve(Plan { max_connections: 1, ..PLAN });
        let mut sockets = Vec::new();
        for _ in 0..3 {
            sockets.push(
                within(
                    "the handshake",
                    WebSocket::connect(server.addr, "/socket.io/?EIO=4&transport=websocket"),
                )
                .await,
            );
        }
        let mut first = server.waiting().await;
        let mut second = Http::connect(server.addr).await;
        second.send("GET", "/wait", &["connection: close"], b"").await;
        // The worker has its turns meanwhile, and does not take the second one.
        for n in 0..60 {
            let socket = &mut sockets[n % 3];
            socket.write(&frame(0x89, b"?")).await;
            while !matches!(within("a pong", socket.next()).await, Frame::Pong(_)) {}
        }
        assert_eq!(server.gate.waiting.load(Ordering::SeqCst), 1);
        // The first is answered and leaves; only then the second one reaches the app.
        server.gate.opened.notify_one();
        assert_eq!(within("the answer", first.response()).await.text(), "opened");
        drop(first);
        within("the second request", server.gate.came.notified()).await;
        server.gate.opened.notify_one();
        assert_eq!(within("the answer", second.response()).await.text(), "opened");
    });
}

#[test]
fn an_app_that_cannot_be_made_ends_the_server_with_an_error() {
    let ended = actix_web::rt::System::new().block_on(async {
        let io = Greenroom::builder(Options::new()).build().expect("valid options");
        let server = NativeServer::new(&io, || {
            App::new().data_factory(async || Err::<(), _>(io::Error::other("no database")))
        });
        let server = server.disable_signals().workers(2).bind(("127.0.0.1", 0)).expect("a free port").run();
        within("the end", server).await
    });
    assert_eq!(ended.map_err(|error| error.to_string()), Err("the app of a worker could not be made".into()));
}

#[test]
fn a_worker_that_panics_ends_the_server_with_an_error() {
    let ended = actix_web::rt::System::new().block_on(async {
        let io = Greenroom::builder(Options::new()).build().expect("valid options");
        let made = Arc::new(AtomicUsize::new(0));
        let server = NativeServer::new(&io, move || {
            assert_eq!(made.fetch_add(1, Ordering::SeqCst), 0, "only the first app is made");
            App::new()
        });
        let server = server.disable_signals().workers(2).bind(("127.0.0.1", 0)).expect("a free port").run();
        within("the end", server).await
    });
    assert_eq!(ended.map_err(|error| error.to_string()), Err("a worker of the server has panicked".into()));
}
