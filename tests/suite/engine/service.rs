//! The server among other services of an app.

use actix_web::{HttpResponse, web};
use greenroom::{Greenroom, Options, Socket};
use greenroom_tests::http::{Http, get};
use greenroom_tests::polling::Polling;
use greenroom_tests::run;
use greenroom_tests::server::{serve, serve_app};
use greenroom_tests::socket_io::Client;
use greenroom_tests::websocket::UPGRADE;

fn at(path: &str) -> Greenroom {
    Greenroom::builder(Options::new().path(path)).build().expect("valid options")
}

/// Rows: SRV-01, SRV-15, SRV-16
#[test]
fn routes_of_the_app_and_several_servers_live_side_by_side() {
    run(async {
        let (one, two, scoped) = (at("/one"), at("/two/deep"), at("/three"));
        let all = (one.clone(), two.clone(), scoped.clone());
        let server = serve_app(&one, move |app| {
            app.service(all.0.clone())
                .service(all.1.clone())
                .service(web::scope("/scope").service(all.2.clone()))
                .route("/", web::get().to(|| async { "home" }))
                .route("/one-more", web::get().to(async || HttpResponse::Ok().body("mine")));
        });
        assert_eq!(get(server.addr, "/").await.text(), "home");
        assert_eq!(get(server.addr, "/one-more").await.text(), "mine");
        assert_eq!(get(server.addr, "/nothing").await.status, 404);
        for path in ["/one/", "/two/deep/", "/scope/three/"] {
            let polling = Polling::open_at(server.addr, path, "").await;
            polling.join().await;
        }
        assert_eq!((one.session_count(), two.session_count(), scoped.session_count()), (1, 1, 1));
    });
}

/// Rows: SRV-04, ENG-01, ENG-02
#[test]
fn a_path_is_served_with_and_without_its_slash_and_below() {
    run(async {
        for path in ["/socket.io", "/socket.io/"] {
            let io = at(path);
            assert_eq!(io.path(), "/socket.io");
            let server = serve(&io);
            for served in ["/socket.io", "/socket.io/", "/socket.io/below"] {
                assert_eq!(
                    get(server.addr, &format!("{served}?EIO=4&transport=polling")).await.status,
                    200,
                    "{served}"
                );
            }
            for other in ["/socket.iofoo", "/other", "/"] {
                assert_eq!(
                    get(server.addr, &format!("{other}?EIO=4&transport=polling")).await.status,
                    404,
                    "{other}"
                );
            }
        }
    });
}

/// Rows: ENG-03, SRV-02
#[test]
fn an_upgrade_to_another_path_or_protocol_is_answered_and_harms_nobody() {
    run(async {
        let io = at("/socket.io");
        io.on_connection(|socket| {
            socket.on("probe", |_: Socket| true);
        });
        let server = serve(&io);
        let mut client = Client::connect(server.addr).await;
        let mut http = Http::connect(server.addr).await;
        http.send("GET", "/elsewhere", &UPGRADE, b"").await;
        let response = http.response().await;
        assert_eq!((response.status, response.text()), (404, ""));
        let mut http = Http::connect(server.addr).await;
        http.send(
            "GET",
            "/socket.io/?EIO=4&transport=websocket",
            &["connection: Upgrade", "upgrade: h2c"],
            b"",
        )
        .await;
        assert_eq!(http.response().await.status, 400);
        http.stream.set_zero_linger().expect("an option");
        drop(http);
        assert_eq!(client.ask(1, r#""probe""#).await, serde_json::json!([true]));
        assert_eq!(client.ask(1, r#""probe""#).await, serde_json::json!([true]));
    });
}
