#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[connected]
    fn hello(cx: &Cx<Self>) {}

    #[disconnect]
    fn bye(&mut self, why: &str) -> u32 {
        1
    }

    #[fallback(guard = Self::ok)]
    fn other(&mut self) {}
}

fn main() {}
