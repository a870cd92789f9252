#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[connect]
    fn connect(&mut self, cx: &Connect<Self>) {}
}

fn main() {}
