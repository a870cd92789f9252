#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events(middleware = Self::ok)]
impl Chat {
    #[event]
    fn say(&mut self) {}
}

fn main() {}
