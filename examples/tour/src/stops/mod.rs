//! The stops. A stop adds its listeners to the one server; what it is, in words and code, is listed here for its page.

mod closing;
mod cluster;
mod connect;
mod events;
pub mod example;
mod json;
mod recovery;
mod rooms;

use greenroom::Greenroom;

pub struct Stop {
    pub name: &'static str,
    pub title: &'static str,
    pub lede: &'static str,
    /// Of the browser, as it runs.
    pub script: &'static str,
    /// Of the server, as it was compiled: names and texts of files.
    pub sources: &'static [(&'static str, &'static str)],
}

/// `$name` is the module here and the script in `static/stops`.
macro_rules! stop {
    ($name:literal, $title:literal, $lede:literal $(, $more:literal)*) => {
        Stop {
            name: $name,
            title: $title,
            lede: $lede,
            script: include_str!(concat!("../../static/stops/", $name, ".js")),
            sources: &[
                (concat!("src/stops/", $name, ".rs"), include_str!(concat!($name, ".rs"))),
                $((concat!("src/", $more), include_str!(concat!("../", $more))),)*
            ],
        }
    };
}

pub static STOPS: [Stop; 8] = [
    stop!(
        "connect",
        "A server and a client",
        "The page connects, and the server sees it come and go.",
        "main.rs"
    ),
    stop!("events", "Events", "To everybody, to one, to everybody else. Open this page twice."),
    stop!("json", "JSON", "Objects go both ways; the server reads them into its own types."),
    stop!("rooms", "Rooms", "Join, speak to the room, leave. Open this page twice."),
    stop!(
        "recovery",
        "State recovery",
        "A lost connection comes back with its id, and with what it missed.",
        "main.rs"
    ),
    stop!(
        "cluster",
        "Cluster",
        "Four threads serve the pages, and share rooms without an adapter. Open some of them.",
        "main.rs"
    ),
    stop!("closing", "Closing", "From either side, with the reason."),
    stop!(
        "example",
        "Data, typed",
        "The last snippet, with a struct for the client and types for what travels."
    ),
];

pub fn serve(io: &Greenroom) {
    connect::serve(io);
    events::serve(io);
    json::serve(io);
    rooms::serve(io);
    recovery::serve(io);
    cluster::serve(io);
    closing::serve(io);
    io.mount::<example::Example>();
}
