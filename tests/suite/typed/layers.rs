//! Round every event of a handler.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use greenroom::prelude::*;
use greenroom::{EventInfo, Layer, Outcome};
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde_json::json;

#[derive(Handler, Default)]
struct Counter;

#[events(guard = Self::awake)]
impl Counter {
    #[event]
    fn probe(&self) {}

    #[event]
    async fn double(&mut self, n: u8) -> Result<u8, Fault> {
        n.checked_mul(2).ok_or_else(|| Fault::new("too_much", "at most 127"))
    }

    fn awake(&self, _cx: &Cx<Self>) -> bool {
        true
    }
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

struct Small(Seen);

impl Layer<Counter> for Small {
    fn before(&self, event: &EventInfo<'_>, _cx: &Cx<Counter>) -> Result<(), Fault> {
        self.0.add(format!("before {}", event.name));
        if event.bytes > 40 { Err(Fault::new("too_large", "40 bytes at most")) } else { Ok(()) }
    }

    fn after(&self, event: &EventInfo<'_>, _cx: &Cx<Counter>, how: &Outcome, _took: Duration) {
        let how = match how {
            Outcome::Done => "done".to_owned(),
            Outcome::Failed(fault) => fault.code().to_owned(),
            Outcome::Later => "later".to_owned(),
        };
        self.0.add(format!("after {} {how}", event.name));
    }
}

#[test]
fn a_layer_sees_every_event_before_and_after_and_may_refuse_it() {
    run(async {
        let seen = Seen::default();
        let server = serve(&Greenroom::new().mount::<Counter>().layer::<Counter>(Small(seen.clone())));
        let mut client = Client::connect(server.addr).await;
        assert_eq!(client.ask(1, r#""double",4"#).await, json!([{ "ok": true, "data": 8 }]));
        assert_eq!(client.ask(2, r#""double",200"#).await[0]["error"]["code"], "too_much");
        let long = format!("\"double\",4,{:?}", "x".repeat(40));
        assert_eq!(client.ask(3, &long).await[0]["error"]["code"], "too_large");
        let lines = seen.0.lock().unwrap().clone();
        let expected = [
            "before double",
            "after double done",
            "before double",
            "after double too_much",
            "before double",
            "after double too_large",
        ];
        assert_eq!(lines, expected);
    });
}

#[test]
fn a_fault_without_acknowledgement_goes_to_the_hook_and_to_the_client_if_wanted() {
    run(async {
        let seen = Seen::default();
        let heard = seen.clone();
        let io = Greenroom::new().mount::<Counter>();
        io.on_fault::<Counter>(move |event, _cx, fault| {
            heard.add(format!("{} {} {}", event.name, fault.code(), event.wants_ack));
        });
        io.report_unanswered::<Counter>("exception");
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        client.send(r#"2["double",200]"#).await;
        client
            .expect(
                r#"2["exception",{"event":"double","error":{"code":"too_much","message":"at most 127"}}]"#,
            )
            .await;
        assert_eq!(client.ask(1, r#""double""#).await[0]["error"]["code"], "missing_argument");
        client.nothing_else().await;
        assert_eq!(*seen.0.lock().unwrap(), ["double too_much false", "double missing_argument true"]);
    });
}

#[test]
#[should_panic(expected = "is not mounted")]
fn a_layer_of_a_handler_that_is_not_mounted_is_found_when_the_program_starts() {
    let _ = Greenroom::new().report_unanswered::<Counter>("exception");
}
