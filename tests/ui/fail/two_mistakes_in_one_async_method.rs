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
    async fn say(&mut self, opts: Opts) -> Result<u32, std::io::Error> {
        Ok(1)
    }
}

fn main() {}
