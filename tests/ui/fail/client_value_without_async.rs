#![allow(unused)]
use greenroom::prelude::*;

#[client]
trait Out {
    fn confirm(&self, question: &str) -> bool;
    fn note(&self, text: &str);
}

fn main() {}
