#![allow(unused)]
use greenroom::prelude::*;

#[events]
struct Chat {
    n: u32,
}

fn main() {}
