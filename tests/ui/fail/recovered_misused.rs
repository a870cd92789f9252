#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[away]
    fn gone(&mut self) -> u32 {
        self.n
    }

    #[away]
    fn gone_too(&mut self) {}

    #[recovered]
    fn back(&mut self, cx: &Cx<Self>) -> bool {
        true
    }
}

#[derive(Handler, Default)]
struct Game {
    n: u32,
}

#[events]
impl Game {
    #[recovered]
    fn back() {}

    #[away(now)]
    fn away(&mut self, text: &str) {}
}

fn main() {}
