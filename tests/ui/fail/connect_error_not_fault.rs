#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

#[events]
impl Chat {
    #[connect]
    async fn connect(cx: &Connect<Self>) -> Result<Self, std::io::Error> {
        Ok(Self { n: 1 })
    }
}

fn main() {}
