#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
struct Chat;

#[events]
impl Chat {
    #[joined]
    fn joined(&mut self) {}
}

fn main() {}
