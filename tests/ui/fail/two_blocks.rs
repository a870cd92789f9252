#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, text: &str) {}
}

#[events]
impl Chat {
    #[event]
    fn ban(&mut self, who: &str) {}
}

fn main() {}
