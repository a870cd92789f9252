//! The browser's client.

use std::path::{Path, PathBuf};

use greenroom::{ClientBundle, Cors, Greenroom, Options, Origins};
use greenroom_tests::http::{get, request};
use greenroom_tests::run;
use greenroom_tests::server::serve;

/// A folder like `node_modules/socket.io-client`, gone when dropped.
struct Package(PathBuf);

const FILES: [&str; 4] =
    ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"];

impl Package {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("greenroom-{name}-{}", std::process::id()));
        let dist = root.join("dist");
        std::fs::create_dir_all(&dist).expect("a folder");
        std::fs::write(root.join("package.json"), r#"{"name":"socket.io-client","version":"4.8.3"}"#)
            .expect("a file");
        for name in FILES.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.map")]) {
            std::fs::write(dist.join(&name), format!("// {name}")).expect("a file");
        }
        Self(root)
    }

    fn dist(&self) -> ClientBundle {
        ClientBundle::dir(self.0.join("dist"))
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn io(options: Options) -> Greenroom {
    Greenroom::builder(options).build().expect("valid options")
}

/// Rows: BND-01, BND-02, BND-04, BND-05, BND-07, SRV-05
#[test]
fn the_clients_files_and_their_maps_are_served_under_the_path() {
    run(async {
        let package = Package::new("files");
        let server = serve(&io(Options::new().client(package.dist())));
        for name in FILES.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.map")]) {
            let response = get(server.addr, &format!("/socket.io/{name}?v=1")).await;
            assert_eq!((response.status, response.text()), (200, format!("// {name}").as_str()));
            let ty = if name.ends_with(".map") { "application/json" } else { "application/javascript" };
            assert_eq!(response.header("content-type"), Some(format!("{ty}; charset=utf-8").as_str()));
            assert_eq!(response.header("cache-control"), Some("public, max-age=0"));
        }
    });
}

/// Rows: BND-03, BND-11
#[test]
fn the_etag_is_the_clients_version_and_is_recognised() {
    run(async {
        let package = Package::new("etag");
        let server = serve(&io(Options::new().client(package.dist())));
        assert_eq!(get(server.addr, "/socket.io/socket.io.js").await.header("etag"), Some("\"4.8.3\""));
        for (tag, status) in [("\"4.8.3\"", 304), ("W/\"4.8.3\"", 304), ("\"4.8.2\"", 200), ("4.8.3", 200)] {
            let header = format!("if-none-match: {tag}");
            let response = request(server.addr, "GET", "/socket.io/socket.io.js", &[&header], b"").await;
            assert_eq!(response.status, status, "{tag}");
            assert_eq!(response.body.is_empty(), status == 304, "{tag}");
            assert_eq!(response.header("etag"), Some("\"4.8.3\""));
        }
    });
}

/// Rows: BND-08, BND-09
#[test]
fn other_names_and_all_names_of_a_server_without_the_client_reach_the_engine() {
    run(async {
        let package = Package::new("names");
        let served = serve(&io(Options::new().client(package.dist())));
        let plain = serve(&io(Options::new().client(ClientBundle::None)));
        let urls =
            ["socket.io.jsx", "package.json", "../package.json", "%2e%2e/package.json", "socket.io.js/"];
        for url in urls {
            let response = get(served.addr, &format!("/socket.io/{url}")).await;
            assert!(matches!(response.status, 400 | 404), "{url}: {}", response.status);
        }
        for (addr, name) in [(served.addr, "socket.io.jsx"), (plain.addr, "socket.io.js")] {
            let response = get(addr, &format!("/socket.io/{name}")).await;
            assert_eq!(
                (response.status, response.text()),
                (400, r#"{"code":0,"message":"Transport unknown"}"#)
            );
        }
    });
}

/// Rows: BND-10, COR-09
#[test]
fn the_files_move_with_the_path_and_have_cors_headers() {
    run(async {
        let package = Package::new("path");
        let options = Options::new().path("/live/").client(package.dist()).cors(Cors::new(Origins::Any));
        let server = serve(&io(options));
        let response = get(server.addr, "/live/socket.io.min.js").await;
        assert_eq!((response.status, response.header("access-control-allow-origin")), (200, Some("*")));
        assert_eq!(get(server.addr, "/socket.io/socket.io.min.js").await.status, 404);
    });
}

/// Rows: SRV-05
#[test]
fn a_folder_without_the_client_is_refused_when_the_server_is_built() {
    let options = Options::new().client(ClientBundle::dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));
    let error = Greenroom::builder(options).build().expect_err("refused");
    assert_eq!(error.option, "client");
}

/// Rows: BND-01
#[test]
fn a_server_with_all_options_at_their_defaults_hands_out_the_small_client() {
    run(async {
        for io in [Greenroom::new(), io(Options::new())] {
            let server = serve(&io);
            let response = get(server.addr, "/socket.io/socket.io.js").await;
            assert_eq!(response.status, 200);
            assert!(response.text().contains("reconnect_attempt"), "{}", response.text());
        }
    });
}
