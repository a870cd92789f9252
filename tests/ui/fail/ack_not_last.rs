#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, ack: Ack<u32>, text: &str) {}

    #[event]
    fn shout(&mut self, one: Ack<u32>, two: Ack<u32>) {}
}

fn main() {}
