#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn disconnect(&mut self) {}

    #[event("")]
    fn nameless(&mut self) {}
}

fn main() {}
