//! A worker that has fallen behind: what may wait for it, and what is dropped.

use std::sync::{Arc, Mutex, mpsc};

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;

use super::{Tell, on_both_workers, telling, with};

/// Bytes that may wait for a worker.
const BUDGET: usize = 10_000;

/// Events of some 100 bytes, more than may wait.
const EVENTS: u32 = 500;

/// Events `flood` (which sends them), and `block` (which lets a worker do nothing until the test says so).
fn blocking(tell: &Tell) -> (Greenroom, mpsc::Sender<()>) {
    let (go, wait) = mpsc::channel::<()>();
    let (tell, wait) = (tell.clone(), Arc::new(Mutex::new(wait)));
    let io = with(Options::new().worker_budget(BUDGET));
    let all = io.clone();
    io.on_connection(move |socket| {
        let (tell, wait, all) = (tell.clone(), wait.clone(), all.clone());
        socket.on("block", move |_: Socket| {
            tell.say("blocked");
            wait.lock().expect("no panic").recv().expect("the test goes on");
        });
        socket.on("flood", move |_: Socket, to: Option<String>| {
            flood(|event, args| match &to {
                Some(id) => drop(all.to(id.as_str()).emit(event, args)),
                None => drop(all.emit(event, args)),
            });
            true
        });
    });
    (io, go)
}

fn flood(emit: impl Fn(&str, (u32, &str))) {
    let filling = "x".repeat(80);
    for n in 0..EVENTS {
        emit("n", (n, &filling));
    }
}

/// The numbers that arrived until `end`, which has to arrive.
async fn arrived(client: &mut Client) -> Vec<u32> {
    let mut numbers = Vec::new();
    loop {
        let packet = client.next().await;
        if packet == r#"2["end"]"# {
            return numbers;
        }
        let number = packet.strip_prefix(r#"2["n","#).and_then(|rest| rest.split(',').next());
        numbers.push(number.and_then(|n| n.parse().ok()).expect("a number"));
    }
}

/// What waits for a blocked worker is bounded, whoever sends and however often in one turn; nothing is reordered.
async fn overload(send: impl AsyncFn(&Greenroom, &mut Client, &str)) {
    let (tell, mut heard) = telling();
    let (io, go) = blocking(&tell);
    let server = serve(&io);
    let mut clients = on_both_workers(&io, server.addr, 2).await;
    let id = clients[0].1.clone();
    clients[0].0.send(r#"2["block"]"#).await;
    heard.expect("blocked").await;
    send(&io, &mut clients[1].0, &id).await;
    go.send(()).expect("the server waits");
    // The worker has gone through what waited when it answers.
    io.fetch_sockets().await.expect("workers answer");
    io.emit("end", ());
    let numbers = arrived(&mut clients[0].0).await;
    assert!(!numbers.is_empty() && numbers.len() <= BUDGET / 80, "{}", numbers.len());
    assert!(numbers.is_sorted(), "{numbers:?}");
}

#[test]
fn what_other_threads_send_to_a_worker_that_is_behind_is_bounded() {
    run(overload(async |io: &Greenroom, _: &mut Client, _: &str| {
        flood(|event, args| drop(io.emit(event, args)))
    }));
}

#[test]
fn what_one_handler_sends_to_a_worker_that_is_behind_is_bounded() {
    run(overload(async |_: &Greenroom, other: &mut Client, id: &str| {
        other.ask(1, &format!(r#""flood","{id}""#)).await;
    }));
}
