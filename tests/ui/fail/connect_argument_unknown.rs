#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[connect]
    fn connect(room: String) -> Self {
        Self { n: 1 }
    }
}

fn main() {}
