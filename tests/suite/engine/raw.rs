//! Closures of a session, below Socket.IO.

use greenroom::Options;
use greenroom::engine::{Engine, Message};
use greenroom_tests::run;
use greenroom_tests::server::serve_engine;
use greenroom_tests::websocket::WebSocket;

use super::url;
use crate::sockets::{Gate, telling};

#[test]
fn on_close_comes_behind_all_messages_and_runs_to_its_end() {
    run(async {
        let (tell, mut heard) = telling();
        let gate = Gate::closed();
        let open = gate.clone();
        let engine = Engine::builder(Options::new())
            .on_session(move |session| {
                let (open, tell, close) = (open.clone(), tell.clone(), tell.clone());
                let last = open.clone();
                session.on_message(move |_, message| {
                    let (open, tell) = (open.clone(), tell.clone());
                    async move {
                        let Message::Text(text) = message else { return };
                        tell.say(format!("begin {text}"));
                        open.pass().await;
                        tell.say(format!("end {text}"));
                    }
                });
                session.on_close(move |_, reason| {
                    let (open, tell) = (last.clone(), close.clone());
                    async move {
                        tell.say(reason.as_str());
                        open.pass().await;
                        tokio::task::yield_now().await;
                        tell.say("closed");
                    }
                });
            })
            .expect("valid options");
        let server = serve_engine(&engine);
        let mut socket = WebSocket::connect(server.addr, &url("websocket")).await;
        socket.next_text().await;
        for text in ["41", "42", "43", "1"] {
            socket.text(text).await;
        }
        heard.expect("begin 1").await;
        gate.open();
        for said in ["end 1", "begin 2", "end 2", "begin 3", "end 3", "transport close", "closed"] {
            heard.expect(said).await;
        }
    });
}
