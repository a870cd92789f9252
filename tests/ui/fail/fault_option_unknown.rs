#![allow(unused)]
use greenroom::prelude::*;

#[derive(Debug, Fault)]
enum Failed {
    #[fault(hiden)]
    Missing,
}

impl std::fmt::Display for Failed {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

#[derive(Fault)]
struct NoEnum;

fn main() {}
