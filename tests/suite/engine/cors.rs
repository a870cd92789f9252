//! Cross-origin requests.

use greenroom::{Cors, Options, Origins};
use greenroom_tests::http::{Response, request};
use greenroom_tests::run;
use greenroom_tests::websocket::{UPGRADE, WebSocket};

use super::{Echo, PATH, echo, echo_with, ms, url};

const MINE: &str = "origin: https://app.example.com";
const OTHER: &str = "origin: https://app.example.com.evil.example";

fn with(origins: Origins) -> Echo {
    echo_with(Options::new().cors(Cors::new(origins)))
}

async fn open(echo: &Echo, origin: &str) -> Response {
    let response = request(echo.server.addr, "GET", &url("polling"), &[origin], b"").await;
    assert_eq!(response.status, 200, "CORS is no access control for polling");
    response
}

fn allowed(response: &Response) -> Option<&str> {
    response.header("access-control-allow-origin")
}

fn varies(response: &Response, by: &str) -> bool {
    response.headers.iter().any(|(name, value)| name == "vary" && value.eq_ignore_ascii_case(by))
}

/// Rows: COR-01
#[test]
fn by_default_there_is_no_cors_header() {
    run(async {
        let response = open(&echo(), MINE).await;
        let cors: Vec<_> =
            response.headers.iter().filter(|(name, _)| name.starts_with("access-control")).collect();
        assert!(cors.is_empty(), "{cors:?}");
    });
}

/// Rows: COR-02, COR-06, ENG-17
#[test]
fn origins_may_be_any_mirrored_listed_or_chosen_by_a_function() {
    run(async {
        let mine = Some("https://app.example.com");
        let any = with(Origins::Any);
        let response = open(&any, MINE).await;
        assert_eq!(allowed(&response), Some("*"));
        assert!(!varies(&response, "Origin"));
        assert_eq!(allowed(&open(&with(Origins::Mirror), MINE).await), mine);
        let some: [Origins; 2] = [
            Origins::list(["https://app.example.com", "http://localhost:8080"]),
            Origins::matching(|origin| origin.ends_with("//app.example.com")),
        ];
        for origins in some {
            let echo = with(origins);
            let response = open(&echo, MINE).await;
            assert_eq!(allowed(&response), mine);
            assert!(varies(&response, "Origin"));
            for other in [OTHER, "origin: null", "origin: https://app.example.com%60", "x-no: origin"] {
                let response = open(&echo, other).await;
                assert_eq!(allowed(&response), None, "{other}");
                assert!(varies(&response, "Origin"), "{other}");
            }
        }
    });
}

/// Rows: COR-03, COR-04
#[test]
fn a_preflight_is_answered_204_before_any_other_check() {
    run(async {
        let echo = with(Origins::list(["https://app.example.com"]));
        let headers =
            [MINE, "access-control-request-method: POST", "access-control-request-headers: x-a, x-b"];
        // Neither a transport nor a version: a preflight is no request of the engine.
        let response = request(echo.server.addr, "OPTIONS", PATH, &headers, b"").await;
        assert_eq!((response.status, response.text()), (204, ""));
        assert_eq!(allowed(&response), Some("https://app.example.com"));
        assert_eq!(response.header("access-control-allow-methods"), Some("GET,HEAD,PUT,PATCH,POST,DELETE"));
        assert_eq!(response.header("access-control-allow-headers"), Some("x-a, x-b"));
        assert!(varies(&response, "Access-Control-Request-Headers"));
        assert_eq!(response.header("access-control-allow-credentials"), None);
        assert_eq!(response.header("access-control-max-age"), None);
    });
}

/// Rows: COR-03, COR-07
#[test]
fn methods_headers_credentials_and_age_are_options() {
    run(async {
        let mut cors = Cors::new(Origins::list(["https://app.example.com"])).credentials();
        cors.methods = "GET,POST".into();
        cors.allowed_headers = Some("x-mine".into());
        cors.exposed_headers = Some("x-seen".into());
        cors.max_age = Some(ms(600_000));
        let echo = echo_with(Options::new().cors(cors));
        let response = request(echo.server.addr, "OPTIONS", &url("polling"), &[MINE], b"").await;
        assert_eq!(response.header("access-control-allow-methods"), Some("GET,POST"));
        assert_eq!(response.header("access-control-allow-headers"), Some("x-mine"));
        assert_eq!(response.header("access-control-max-age"), Some("600"));
        let response = open(&echo, MINE).await;
        assert_eq!(response.header("access-control-allow-credentials"), Some("true"));
        assert_eq!(response.header("access-control-expose-headers"), Some("x-seen"));
    });
}

/// Rows: COR-05
#[test]
fn a_disallowed_origin_is_served_without_the_header() {
    run(async {
        let echo = with(Origins::list(["https://app.example.com"]));
        assert_eq!(allowed(&open(&echo, OTHER).await), None);
        let response = request(echo.server.addr, "OPTIONS", &url("polling"), &[OTHER], b"").await;
        assert_eq!((response.status, allowed(&response)), (204, None));
    });
}

/// Rows: COR-09
#[test]
fn refusals_have_the_headers_too() {
    run(async {
        let echo = with(Origins::Mirror);
        let response = request(echo.server.addr, "GET", PATH, &[MINE], b"").await;
        assert_eq!((response.status, allowed(&response)), (400, Some("https://app.example.com")));
    });
}

async fn websocket(echo: &Echo, origin: &str) -> u16 {
    let headers: Vec<_> = UPGRADE.into_iter().chain([origin]).collect();
    match WebSocket::try_connect(echo.server.addr, &url("websocket"), &headers).await {
        Ok(_) => 101,
        Err(refusal) => {
            assert_eq!(refusal.text(), "Origin not allowed");
            refusal.status
        }
    }
}

/// Rows: COR-08
#[test]
fn a_websocket_of_another_origin_is_refused_unless_cors_allows_it() {
    run(async {
        let echo = echo();
        let own = format!("origin: http://{}", echo.server.addr);
        assert_eq!(websocket(&echo, &own).await, 101);
        assert_eq!(websocket(&echo, "x-no: origin").await, 101);
        let longer = format!("{own}.evil.example");
        for origin in [MINE, OTHER, "origin: null", "origin: ", &longer] {
            assert_eq!(websocket(&echo, origin).await, 400, "{origin}");
        }
        let listed = with(Origins::list(["https://app.example.com"]));
        assert_eq!(websocket(&listed, MINE).await, 101);
        assert_eq!(websocket(&listed, OTHER).await, 400);
        assert_eq!(websocket(&echo_with(Options::new().check_websocket_origin(false)), OTHER).await, 101);
    });
}

/// A page that may not read the id of its visitor's session cannot guess it; the check at the upgrade is the same anyway.
///
/// Rows: COR-08
#[test]
fn an_upgrade_from_another_origin_is_refused() {
    run(async {
        let echo = echo();
        let polling = echo.polling().await;
        let headers: Vec<_> = UPGRADE.into_iter().chain([OTHER]).collect();
        let refusal = WebSocket::try_connect(echo.server.addr, &polling.upgrade_url(), &headers).await.err();
        assert_eq!(refusal.map(|refusal| refusal.status), Some(400));
        super::works(&polling).await;
    });
}
