#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat {
    n: u32,
}

fn main() {
    Greenroom::new().mount::<Chat>();
}
