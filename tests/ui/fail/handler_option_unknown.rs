#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
#[handler(namespace = "/chat", clint = Out)]
struct Chat {
    n: u32,
}

fn main() {}
