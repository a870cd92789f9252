#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

impl Chat {
    #[event]
    fn say(&mut self, text: &str) {}
}

fn main() {}
