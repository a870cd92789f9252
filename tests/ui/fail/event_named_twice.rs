#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event("chat message")]
    fn say(&mut self, text: &str) {}

    #[event("chat message")]
    fn shout(&mut self, text: &str) {}
}

fn main() {}
