#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event(gaurd = Self::ok)]
    fn say(&mut self, text: &str) {}

    #[event(timeout = 5)]
    fn wait(&mut self) {}

    fn ok(&self, _: &Cx<Self>) -> bool {
        true
    }
}

fn main() {}
