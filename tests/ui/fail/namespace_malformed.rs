#![allow(unused)]
use greenroom::prelude::*;

#[derive(Handler, Default)]
#[handler(ns = "chat")]
struct Chat;

#[derive(Handler, Default)]
#[handler(ns = "/org/{org/chat")]
struct Org;

#[derive(Handler, Default)]
#[handler(ns = "/{id}/{id}/v{n}")]
struct Twice;

#[events]
impl Chat {}

#[events]
impl Org {}

fn main() {}
