//! `#[client]` knows one word.
use greenroom::prelude::*;

#[client(catalog)]
trait Page {
    fn posted(&self, room: &str);
}

fn main() {}
