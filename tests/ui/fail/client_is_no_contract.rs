#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
#[handler(client = String)]
struct Chat {
    n: u32,
}

fn main() {}
