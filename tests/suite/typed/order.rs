//! Events of one socket are handled one at a time, in the order they came, whatever they wait for.

use std::sync::Arc;

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;
use serde_json::json;
use tokio::sync::Semaphore;

#[derive(Clone)]
struct Gate(Arc<Semaphore>);

#[derive(Handler, Default)]
#[handler(state = Gate, client = GateClient)]
struct Line {
    steps: Vec<u32>,
}

#[client]
trait GateClient {
    async fn sure(&self, question: &str) -> bool;
}

#[events]
impl Line {
    #[event]
    async fn wait(&mut self, gate: State<Gate>, n: u32) -> u32 {
        self.steps.push(n);
        gate.0.0.acquire().await.expect("open").forget();
        self.steps.push(n + 1);
        n
    }

    #[event]
    fn step(&mut self, n: u32) -> Vec<u32> {
        self.steps.push(n);
        self.steps.clone()
    }

    #[event]
    async fn beside(gate: State<Gate>) -> &'static str {
        gate.0.0.acquire().await.expect("open").forget();
        "beside"
    }

    #[event]
    fn pass(cx: &Cx<Self>) -> &'static str {
        cx.state().0.add_permits(1);
        "passed"
    }

    #[event]
    async fn close(&mut self, cx: &Cx<Self>, what: &str) -> String {
        match cx.client().sure(what).await {
            Ok(true) => format!("closed {what}"),
            Ok(false) => format!("kept {what}"),
            Err(error) => error.to_string(),
        }
    }
}

#[test]
fn events_behind_an_exclusive_method_wait_for_it_and_see_what_it_did() {
    run(async {
        let gate = Gate(Arc::new(Semaphore::new(0)));
        let server = serve(&Greenroom::new().mount_with::<Line>(gate.clone()));
        let mut client = Client::connect(server.addr).await;
        client.send(r#"21["wait",10]"#).await;
        client.send(r#"22["step",20]"#).await;
        // Heartbeats of the transport and other clients go on.
        let mut other = Client::connect(server.addr).await;
        assert_eq!(other.ask(1, r#""step",1"#).await, json!([[1]]));
        gate.0.add_permits(1);
        client.expect("31[10]").await;
        client.expect("32[[10,11,20]]").await;
    });
}

#[test]
fn a_method_without_receiver_runs_beside_the_others() {
    run(async {
        let gate = Gate(Arc::new(Semaphore::new(0)));
        let server = serve(&Greenroom::new().mount_with::<Line>(gate));
        let mut client = Client::connect(server.addr).await;
        client.send(r#"21["beside"]"#).await;
        client.send(r#"22["step",1]"#).await;
        client.expect("32[[1]]").await;
        client.send(r#"23["pass"]"#).await;
        client.expect(r#"33["passed"]"#).await;
        client.expect(r#"31["beside"]"#).await;
    });
}

#[test]
fn a_method_may_wait_for_its_own_client_to_answer() {
    run(async {
        let gate = Gate(Arc::new(Semaphore::new(0)));
        let server = serve(&Greenroom::new().mount_with::<Line>(gate));
        let mut client = Client::connect(server.addr).await;
        client.send(r#"21["close","the \"door\""]"#).await;
        let question = client.next().await;
        let id = question.strip_prefix('2').and_then(|text| text.split('[').next()).expect("a question");
        assert!(question.ends_with(r#"["sure","the \"door\""]"#), "{question}");
        client.send(r#"22["step",1]"#).await;
        client.send(&format!("3{id}[true]")).await;
        client.expect(r#"31["closed the \"door\""]"#).await;
        client.expect("32[[1]]").await;
    });
}

#[test]
fn many_synchronous_and_waiting_events_keep_their_order() {
    run(async {
        let gate = Gate(Arc::new(Semaphore::new(100)));
        let server = serve(&Greenroom::new().mount_with::<Line>(gate));
        let mut client = Client::connect(server.addr).await;
        for n in 0..50 {
            client.send(&format!(r#"2{}["wait",{}]"#, 2 * n, 3 * n)).await;
            client.send(&format!(r#"2{}["step",{}]"#, 2 * n + 1, 3 * n + 2)).await;
        }
        for n in 0..50 {
            client.expect(&format!("3{}[{}]", 2 * n, 3 * n)).await;
            let steps: Vec<u32> = (0..3 * n + 3).collect();
            client.expect(&format!("3{}{}", 2 * n + 1, json!([steps]))).await;
        }
    });
}
