//! The smallest server: `await io("http://localhost:3000").emitWithAck("greet", "Ann")`.

use actix_web::{App, HttpServer};
use greenroom::prelude::*;

/// The state of one connected client.
#[derive(Handler, Default)]
struct Hello {
    greeted: u32,
}

#[events(catalogue)]
impl Hello {
    /// What it returns is the acknowledgement.
    #[event]
    fn greet(&mut self, name: &str) -> String {
        self.greeted += 1;
        format!("Hello {name}, you are number {} on this line", self.greeted)
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = Greenroom::new().mount::<Hello>();
    let service = io.clone();
    let server = HttpServer::new(move || App::new().service(service.clone())).greenroom(&io);
    server.bind(("127.0.0.1", 3000))?.run().await
}

/// `UPDATE_CATALOGUE=1 cargo test` writes the file.
#[test]
fn the_types_of_the_client_are_fresh() {
    greenroom::catalogue::Catalogue::of::<Hello>().typescript("hello.ts").check();
}
