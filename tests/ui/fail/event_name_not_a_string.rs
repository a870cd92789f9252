#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event(42)]
    fn say(&mut self, text: &str) {}

    #[event(name = "x")]
    fn shout(&mut self) {}

    #[event("a", "b")]
    fn cry(&mut self) {}
}

fn main() {}
