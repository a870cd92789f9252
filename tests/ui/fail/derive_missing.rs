#![allow(unused)]
use greenroom::prelude::*;

#[derive(Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, text: &str) {}
}

fn main() {}
