#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
#[handler(ns = "/team/{id}")]
struct Team;

#[events]
impl Team {}

fn main() {
    let _ = Greenroom::new().ns::<Team>();
}
