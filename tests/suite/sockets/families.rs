//! Families of namespaces that are named more than once.

use greenroom::prelude::*;
use greenroom_tests::run;
use greenroom_tests::server::serve;
use greenroom_tests::socket_io::Client;

use super::{plain, telling};

#[test]
fn a_pattern_that_is_named_twice_is_one_family_with_all_its_rules() {
    run(async {
        let (tell, mut heard) = telling();
        let io = plain();
        let family = || io.of_pattern("/team/{id}").expect("a pattern");
        family().on_connection(move |socket| tell.say(socket.namespace()));
        family().wrap(|socket: Socket| match socket.handshake().auth_json() {
            r#"{"ok":true}"# => Ok(()),
            _ => Err(Refuse::because("not you")),
        });
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        client.send("0/team/1,").await;
        client.expect(r#"4/team/1,{"message":"not you"}"#).await;
        client.join_with("/team/1", r#"{"ok":true}"#).await;
        heard.expect("/team/1").await;
        heard.nothing();
    });
}

#[test]
fn a_panic_in_on_new_namespace_hits_no_client() {
    run(async {
        let io = plain();
        io.on_new_namespace(|namespace| assert_ne!(namespace.name(), "/team/13"));
        io.of_pattern("/team/{id}").expect("a pattern");
        let server = serve(&io);
        let mut client = Client::open(server.addr).await;
        for n in 12..15 {
            client.join(&format!("/team/{n}")).await;
        }
    });
}
