//! What a typed handler costs.

use std::hint::black_box;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::context::Cx;
use super::mount::Mount;
use super::seated::Seated;
use super::table::{Events, Run};
use crate::prelude::{Greenroom, Handler, Socket, SocketId, events};
use crate::protocol::socket::{Decoder, Event, Limits, Packet};
use crate::socket::{AckFn, Call, Dispatch, Handshake, Identity, Request};

#[derive(serde::Deserialize)]
struct Post<'a> {
    room: &'a str,
    text: &'a str,
    n: u64,
}

#[derive(Default, Handler)]
struct Wall {
    sum: u64,
}

#[events]
impl Wall {
    #[event]
    fn other(&mut self) {}

    #[event]
    fn post(&mut self, post: &Post<'_>) {
        self.sum += post.n + post.room.len() as u64 + post.text.len() as u64;
    }

    #[event]
    fn third(&mut self, text: &str) {
        self.sum += text.len() as u64;
    }
}

fn event_of(text: &str) -> Event {
    let limits = Limits::default();
    match Decoder::new(limits).text(text.to_owned().into()) {
        Ok(Some(Packet::Event(event))) => event,
        other => panic!("no event: {other:?}"),
    }
}

fn socket(io: &Greenroom) -> Socket {
    let namespace = io.of("/");
    Socket(Arc::new(Identity {
        id: SocketId(crate::id::Id::parse("AAAAAAAAAAAAAAAAAAAA").expect("an id")),
        worker: 0,
        key: 0,
        fleet: namespace.fleet.clone(),
        space: namespace.core.space.clone(),
        card: Arc::default(),
        handshake: Handshake::new(Arc::new(Request::default()), None),
        kept: Default::default(),
        recovered: false,
        life: 0,
    }))
}

/// The connected handler of a socket without a connection.
fn seated(io: &Greenroom, socket: &Socket) -> Rc<dyn Dispatch> {
    let core = io.of("/").core;
    let dispatch = core.rules().dispatch(&core);
    let connecting = dispatch.clone().connecting(socket).expect("a typed handler");
    futures_util::FutureExt::now_or_never(connecting)
        .expect("`Default` needs no time")
        .expect("it refuses nobody");
    dispatch
}

/// Nanoseconds per call of the fastest of many rounds: the machine is shared.
fn measure(mut f: impl FnMut()) -> f64 {
    const CALLS: u32 = 10_000;
    let round = |f: &mut dyn FnMut()| {
        let began = Instant::now();
        (0..CALLS).for_each(|_| f());
        began.elapsed()
    };
    let best = (0..100).map(|_| round(&mut f)).min().unwrap_or(Duration::ZERO);
    best.as_secs_f64() * 1e9 / f64::from(CALLS)
}

#[test]
fn a_connection_carries_its_state_and_nothing_of_the_table() {
    // The mount, its layers, the namespace, where the state is and whether that is being changed, a handle, and the closures that may share
    // the socket.
    let pointers = 5 * size_of::<usize>();
    let whole = pointers + size_of::<Option<Cx<Wall>>>() + size_of::<crate::event::Listeners>();
    assert_eq!(size_of::<Seated<Wall>>(), whole);
}

/// `cargo test --release -p greenroom --lib typed::tests -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn dispatch_against_a_match_by_hand() {
    let io = Greenroom::new().mount::<Wall>();
    let socket = socket(&io);
    let dispatch = seated(&io, &socket);
    let event = event_of(r#"2["post",{"room":"general","text":"hello there, how is it?","n":12345678}]"#);

    let mut wall = Wall::default();
    let by_hand = measure(|| match black_box(&event).name() {
        "other" => wall.other(),
        "post" => {
            if let Ok(post) = serde_json::from_str(event.args()) {
                wall.post(&post);
            }
        }
        "third" => wall.third(event.args()),
        _ => {}
    });
    let cx = Cx::new(socket.clone(), Arc::new(Mount::<Wall>::new(())));
    let call = super::call::Call::new(cx, event.clone(), AckFn::new(&socket, None), None);
    let table = measure(|| {
        let Some(Run::Sync(run)) = Wall::lookup(black_box(call.name())).map(|method| &method.run) else {
            return;
        };
        let _ = black_box(run(&mut wall, &call));
    });
    let make = || Call { socket: &socket, event: event.clone(), ack: AckFn::new(&socket, None) };
    let made = measure(|| drop(black_box(make())));
    let whole = measure(|| assert!(dispatch.event(black_box(make()), &mut |_| {}).is_none()));
    eprintln!(
        "by hand {by_hand:.0} ns; table, arguments, method {table:.0} ns: {:.2} times",
        table / by_hand
    );
    eprintln!("with layers, closures and acknowledgement {whole:.0} ns, of which {made:.0} ns make the call");
}
