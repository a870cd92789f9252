#![allow(unused)]
use greenroom::prelude::*;

#[derive(Debug, Fault)]
enum Failed {
    Missing,
}

fn main() {}
