#![allow(unused)]
use greenroom::prelude::*;

#[client]
trait Out {
    fn timeout(&self, left: u32);
}

fn main() {}
