#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, text: &str, ack: Ack<u32>) -> u32 {
        1
    }
}

fn main() {}
