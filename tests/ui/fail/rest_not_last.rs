#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn log(&mut self, rest: Rest<String>, level: u8) {}
}

fn main() {}
