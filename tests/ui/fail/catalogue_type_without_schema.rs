//! A type that the catalogue cannot describe.
use greenroom::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Opts {
    loud: bool,
}

#[derive(Serialize)]
struct Stats;

#[derive(Deserialize)]
struct Login;

#[derive(Handler)]
struct Chat;

#[events(catalogue)]
impl Chat {
    #[connect]
    fn connect(Auth(_): Auth<Login>) -> Self {
        Self
    }

    #[event]
    fn say(&self, text: &str, opts: Opts) -> Stats {
        let _ = (text, opts.loud);
        Stats
    }

    #[event]
    fn again(&self, all: Rest<Opts>, later: Ack<Vec<Stats>>) {
        drop((all, later));
    }
}

fn main() {}
