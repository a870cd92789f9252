#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[connect]
    fn a(cx: &Connect<Self>) -> Self {
        Chat { n: 1 }
    }

    #[connect]
    fn b(cx: &Connect<Self>) -> Self {
        Chat { n: 2 }
    }
}

fn main() {}
