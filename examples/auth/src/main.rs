//! Who may be connected, and for how long: tokens that expire, are refreshed and revoked. The page is in `static/`, the rules in README.md.

mod accounts;
mod desk;
mod door;
mod routes;
#[cfg(test)]
mod tests;

use std::time::Duration;

use actix_web::{App, HttpServer};
use greenroom::prelude::*;

use crate::accounts::{Accounts, Terms};
use crate::desk::Desk;
use crate::door::Door;

/// The server, and the door that logs people in to it.
fn server(terms: Terms) -> Result<(Greenroom, Door), greenroom::ConfigError> {
    // Middleware and `#[recovered]` run for who comes back: this is the default, and what revocation rests on.
    let recovery = Recovery::new().skip_middlewares(false);
    let io = Greenroom::builder(Options::new().connection_state_recovery(recovery)).build()?;
    let accounts = Accounts::new(terms);
    let io = io.mount_with::<Desk>(accounts.clone());
    let door = Door::new(io.clone(), accounts);
    Ok((io, door))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let seconds = |name, default| {
        let given = std::env::var(name).ok().and_then(|text| text.parse().ok());
        Duration::from_secs(given.unwrap_or(default))
    };
    let terms = Terms {
        access: seconds("ACCESS_SECONDS", 60),
        warning: seconds("WARNING_SECONDS", 15),
        ..Terms::default()
    };
    let (io, door) = server(terms).map_err(std::io::Error::other)?;
    let app = io.clone();
    let server =
        HttpServer::new(move || App::new().service(app.clone()).configure(|app| routes::add(app, &door)));
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = server.greenroom(&io).bind(("127.0.0.1", port))?;
    println!("open http://127.0.0.1:{port}/");
    server.run().await
}
