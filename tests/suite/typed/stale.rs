//! Front ends that were built for another contract.

use std::sync::{Mutex, Once};

use greenroom::catalogue::Catalogue;
use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

#[derive(Handler, Default)]
#[handler(ns = "/lobby")]
struct Lobby;

#[events(catalogue)]
impl Lobby {
    #[event]
    fn count(&self) -> usize {
        1
    }
}

/// Warnings of the whole test program, one text each.
static WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps warnings, and nothing else.
struct Warnings;

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        WARNINGS.lock().unwrap().push(text.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Warnings).expect("nobody else listens"));
}

fn warnings_about(contract: &str) -> Vec<String> {
    let about = |text: &&String| text.contains(contract);
    WARNINGS.lock().unwrap().iter().filter(about).cloned().collect()
}

/// What the server answers to a CONNECT with this `auth`.
async fn connect(addr: std::net::SocketAddr, auth: &str) -> String {
    let mut client = Client::open(addr).await;
    client.send(&format!("0/lobby,{auth}")).await;
    client.next().await
}

fn contract() -> String {
    Catalogue::of::<Lobby>().contract()
}

#[test]
fn a_client_of_another_contract_is_named_once_in_the_log_and_let_in() {
    listen();
    run(async {
        let server = serve(&Greenroom::new().mount::<Lobby>().warn_stale::<Lobby>(contract()));
        for _ in 0..2 {
            let answer = connect(server.addr, r#"{"$contract":"00000000deadbeef"}"#).await;
            assert!(answer.starts_with("0/lobby,{\"sid\""), "{answer}");
        }
        let warnings = warnings_about("00000000deadbeef");
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        for part in ["stale front end", "namespace=\"/lobby\"", &format!("expected=\"{}\"", contract())] {
            assert!(warnings[0].contains(part), "{part} is not in {}", warnings[0]);
        }
    });
}

#[test]
fn a_client_of_another_contract_is_refused_where_that_was_asked_for() {
    listen();
    run(async {
        let server = serve(&Greenroom::new().mount::<Lobby>().refuse_stale::<Lobby>(contract()));
        let answer = connect(server.addr, r#"{"$contract":"00000000cafebabe"}"#).await;
        assert!(
            answer.starts_with("4/lobby,{\"message\":\"this client was built for contract 00000000cafebabe"),
            "{answer}"
        );
        assert!(answer.ends_with(r#""data":{"code":"contract"}}"#), "{answer}");
        assert_eq!(warnings_about("00000000cafebabe").len(), 1);
    });
}

#[test]
fn a_client_of_this_contract_or_of_none_is_let_in() {
    listen();
    run(async {
        let server = serve(&Greenroom::new().mount::<Lobby>().refuse_stale::<Lobby>(contract()));
        let own = format!(r#"{{"$contract":"{}"}}"#, contract());
        for auth in [own.as_str(), "{}", "", r#"{"$contract":7}"#, r#"{"name":"Ann"}"#] {
            let answer = connect(server.addr, auth).await;
            assert!(answer.starts_with("0/lobby,{\"sid\""), "{auth}: {answer}");
        }
        assert!(warnings_about(&format!(" contract={:?}", contract())).is_empty());
    });
}

#[test]
fn what_a_client_calls_its_contract_is_logged_up_to_a_length_and_a_number() {
    listen();
    run(async {
        let server = serve(&Greenroom::new().mount::<Lobby>().warn_stale::<Lobby>(contract()));
        let long = format!("toolong{}", "x".repeat(1000));
        connect(server.addr, &format!(r#"{{"$contract":"{long}"}}"#)).await;
        assert!(warnings_about("toolong")[0].len() < 300);
        for number in 0..40 {
            connect(server.addr, &format!(r#"{{"$contract":"many{number:02}"}}"#)).await;
        }
        // 32 in all, one of which was too long.
        assert_eq!(warnings_about("many").len(), 31);
    });
}

#[test]
#[should_panic(expected = "is not mounted: mount it before its contract")]
fn a_contract_of_a_handler_that_is_not_mounted_is_a_mistake() {
    let _ = Greenroom::new().warn_stale::<Lobby>("7");
}
