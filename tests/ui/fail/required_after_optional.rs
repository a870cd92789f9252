#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn history(&mut self, before: Option<u32>, limit: u32) {}
}

fn main() {}
