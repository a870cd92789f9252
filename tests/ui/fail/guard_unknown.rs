#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event(guard = Self::admin)]
    fn ban(&mut self, who: &str) {}
}

fn main() {}
