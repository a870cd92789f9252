#![allow(unused)]
use greenroom::prelude::*;

struct Opts {
    silent: bool,
}

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, text: &str, opts: Opts) {}

    #[event]
    async fn say_later(&mut self, opts: &Opts) {}
}

fn main() {}
