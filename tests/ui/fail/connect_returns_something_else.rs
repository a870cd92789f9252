#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[connect]
    fn connect(cx: &Connect<Self>) -> u32 {
        1
    }
}

fn main() {}
