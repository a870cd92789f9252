//! For the load generator of `tests/bench`.

use greenroom::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
struct Note {
    n: i64,
    text: String,
}

#[client]
trait Peer {
    fn echo(&self, note: &Note);
    fn cast(&self, note: &Note);
}

#[derive(Debug, Default, Handler)]
#[handler(client = Peer)]
struct Bench;

#[events]
impl Bench {
    #[event]
    fn echo(&self, cx: &Cx<Self>, note: Note) {
        cx.client().echo(&note);
    }

    #[event]
    fn ack(&self, note: Note) -> Note {
        note
    }

    #[event]
    fn join(&self, cx: &Cx<Self>, room: &str) {
        cx.join(room);
    }

    #[event]
    fn leave(&self, cx: &Cx<Self>, room: &str) {
        cx.leave(room);
    }

    #[event]
    fn cast(&self, cx: &Cx<Self>, room: &str, note: Note) {
        cx.within(room).cast(&note);
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    // `RECOVERY=1`: what connection state recovery costs.
    let recovery = std::env::var_os("RECOVERY").map(|_| Recovery::new());
    let options = Options::new().connection_state_recovery(recovery);
    let io = Greenroom::builder(options).build().map_err(std::io::Error::other)?.mount::<Bench>();
    greenroom_servers::serve(io).await
}
