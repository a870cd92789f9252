#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[event]
    fn say(&mut self, cx: &mut Cx<Self>, text: &str) {}

    #[event]
    fn shout(&mut self, cx: Cx<Self>) {}
}

fn main() {}
