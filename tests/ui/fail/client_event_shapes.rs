#![allow(unused)]
use greenroom::prelude::*;

#[client]
trait Out {
    fn no_self(text: &str);
    fn mutable(&mut self);
    fn body(&self) {}
    fn generic<T>(&self, value: T);
    fn hidden(&self, value: impl Into<String>);
    fn connect(&self);
    #[event("said")]
    fn say(&self);
    fn said(&self);
    const N: u8;
}

#[client]
struct NoTrait;

fn main() {}
