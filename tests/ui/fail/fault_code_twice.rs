#![allow(unused)]
use greenroom::prelude::*;

#[derive(Debug, Fault)]
enum Failed {
    NotFound,
    #[fault(code = "not_found")]
    Missing,
}

impl std::fmt::Display for Failed {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

fn main() {}
