//! A type of the server's events that the catalogue cannot describe.
use greenroom::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Post;

#[derive(Deserialize)]
struct Vote;

#[client(catalogue)]
trait Page {
    fn posted(&self, room: &str, post: &Post);
    async fn agree(&self) -> Vote;
}

fn main() {}
