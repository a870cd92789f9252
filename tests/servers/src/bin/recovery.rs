//! For a client behind a network that fails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use greenroom::prelude::*;
use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinHandle;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let recovery = Recovery::new()
        .max_disconnection_duration(Duration::from_millis(3000))
        .skip_middlewares(std::env::var_os("RUN_MIDDLEWARES").is_none())
        .before_first_event(std::env::var_os("AFTER_FIRST_EVENT").is_none());
    let options = Options::new()
        .ping_interval(Duration::from_millis(500))
        .ping_timeout(Duration::from_millis(500))
        .connection_state_recovery(recovery);
    let io = Greenroom::builder(options).build().map_err(std::io::Error::other)?;
    for name in ["/", "/second"] {
        io.of(name)
            .wrap(async |socket: Socket| {
                if std::env::var_os("RUN_MIDDLEWARES").is_some() {
                    // What is sent meanwhile must not be lost.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                let mut data = socket.data();
                let runs = data["mw"].as_u64().unwrap_or_default();
                data["mw"] = json!(runs + 1);
                socket.set_data(data);
                Ok::<_, Refuse>(())
            })
            .on_connection(|socket| listen(&socket));
    }
    steer(&io);
    greenroom_servers::serve(io).await
}

fn listen(socket: &Socket) {
    socket.on("join", |socket: Socket, room: String| {
        socket.join(room);
        "joined"
    });
    socket.on("set-data", |socket: Socket, value: serde_json::Value| {
        let mut data = socket.data();
        data["value"] = value;
        socket.set_data(data);
        "ok"
    });
    socket.on("whoami", |socket: Socket, _: Value| {
        let data = socket.data();
        let mut rooms: Vec<_> = socket.rooms().iter().map(ToString::to_string).collect();
        rooms.sort();
        json!({
            "sid": socket.id(), "recovered": socket.recovered(), "rooms": rooms, "value": data["value"], "mw": data["mw"],
        })
    });
    socket.on("echo", |socket: Socket, value: Value| drop(socket.emit("echo", (value,))));
    socket.on("kick", |socket: Socket, _: Value| socket.disconnect(false));
}

#[derive(Deserialize)]
struct Send {
    nsp: String,
    to: Option<String>,
    event: String,
    args: Vec<Value>,
    #[serde(default)]
    volatile: bool,
}

#[derive(Deserialize)]
struct Stream {
    nsp: String,
    room: String,
    event: String,
    rate: u64,
}

/// A stream that runs, and the last number it sent.
type Running = (JoinHandle<()>, Arc<AtomicU64>);

/// One stream at a time.
#[derive(Clone, Default)]
struct Streaming(Arc<Mutex<Option<Running>>>);

impl Streaming {
    fn stop(&self) -> u64 {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((task, sent)) = running else { return 0 };
        task.abort();
        sent.load(Ordering::SeqCst)
    }

    fn start(&self, io: Greenroom, stream: Stream) {
        self.stop();
        let sent = Arc::<AtomicU64>::default();
        let task = tokio::task::spawn_local(run(io, stream, sent.clone()));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((task, sent));
    }
}

async fn run(io: Greenroom, stream: Stream, sent: Arc<AtomicU64>) {
    let (namespace, begun) = (io.of(&stream.nsp), Instant::now());
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    loop {
        ticks.tick().await;
        let due = begun.elapsed().as_millis() as u64 * stream.rate / 1000;
        while sent.load(Ordering::SeqCst) < due {
            let number = sent.fetch_add(1, Ordering::SeqCst) + 1;
            namespace.to(stream.room.as_str()).emit(&stream.event, number);
        }
    }
}

fn steer(io: &Greenroom) {
    let (server, streaming) = (io.clone(), Streaming::default());
    io.of("/ctl").on_connection(move |socket| {
        let io = server.clone();
        socket.on("send", move |_: Socket, what: Send| {
            let namespace = io.of(&what.nsp);
            let all = namespace.local();
            let target = what.to.map_or(all.clone(), |to| all.to(to));
            let target = if what.volatile { target.volatile() } else { target };
            target.emit(&what.event, Rest(what.args));
            "sent"
        });
        let io = server.clone();
        socket.on("sockets", move |_: Socket, namespace: String| {
            let namespace = io.of(&namespace);
            async move {
                let sockets = namespace.fetch_sockets().await.unwrap_or_default();
                sockets
                    .iter()
                    .filter(|socket| !socket.is_away())
                    .map(|socket| socket.id())
                    .collect::<Vec<_>>()
            }
        });
        let (io, streams) = (server.clone(), streaming.clone());
        socket.on("stream", move |_: Socket, what: Stream| {
            streams.start(io.clone(), what);
            "started"
        });
        let streams = streaming.clone();
        socket.on("stop", move |_: Socket, _: Value| streams.stop());
    });
}
