//! The browser's client: our own small one, or the official one from the folder that npm installs.

use std::hash::Hasher as _;
use std::path::Path;

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use crate::config::ClientBundle;
use crate::error::ConfigError;

const FILES: [&str; 4] =
    ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"];

/// Our own client, as `npm run client` in `tests/js` writes it. It has no parser for msgpack.
const EMBEDDED: [(&str, &[u8]); 6] = [
    ("socket.io.js", include_bytes!("../../client/greenroom-client.js")),
    ("socket.io.js.map", include_bytes!("../../client/greenroom-client.js.map")),
    ("socket.io.min.js", include_bytes!("../../client/greenroom-client.min.js")),
    ("socket.io.min.js.map", include_bytes!("../../client/greenroom-client.min.js.map")),
    ("socket.io.esm.min.js", include_bytes!("../../client/greenroom-client.esm.min.js")),
    ("socket.io.esm.min.js.map", include_bytes!("../../client/greenroom-client.esm.min.js.map")),
];

/// Files in memory, and a tag of their version.
#[derive(Debug)]
pub(crate) struct Bundle {
    files: Vec<(String, Bytes)>,
    etag: String,
    /// The files do not name their source maps themselves.
    names_maps: bool,
}

impl Bundle {
    pub(crate) fn load(client: &ClientBundle) -> Result<Option<Self>, ConfigError> {
        match client {
            ClientBundle::None => Ok(None),
            ClientBundle::Embedded => Ok(Some(Self::embedded())),
            ClientBundle::Dir(dir) => Self::installed(dir).map(Some),
        }
    }

    pub(crate) fn embedded() -> Self {
        let mut hasher = std::hash::DefaultHasher::new();
        EMBEDDED.iter().for_each(|(_, data)| hasher.write(data));
        let etag = format!("\"{}-{:016x}\"", env!("CARGO_PKG_VERSION"), hasher.finish());
        let files = EMBEDDED.map(|(name, data)| (name.to_owned(), Bytes::from_static(data))).into();
        Self { files, etag, names_maps: true }
    }

    fn installed(dir: &Path) -> Result<Self, ConfigError> {
        let mut files = Vec::new();
        for name in FILES.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.map")]) {
            if let Ok(data) = std::fs::read(dir.join(&name)) {
                files.push((name, data.into()));
            }
        }
        if !files.iter().any(|(name, _)| name == "socket.io.js") {
            let problem = format!(
                "`{}` has no `socket.io.js`; give the folder `socket.io-client/dist` of `npm install socket.io-client`",
                dir.display()
            );
            return Err(ConfigError::new("client", problem));
        }
        Ok(Self { files, etag: format!("\"{}\"", version(dir)), names_maps: false })
    }

    /// `None`: the request is for something else.
    pub(super) fn serve(&self, path: &str, request: &HttpRequest) -> Option<HttpResponse> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return None;
        }
        let (folder, name) = request.path().rsplit_once('/')?;
        let (_, data) = self.files.iter().find(|(file, _)| file == name)?;
        // Behind a scope, so the path is looked for at the end.
        if !folder.ends_with(path) {
            return None;
        }
        let known = request.headers().get(IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
        let mut response = if known.is_some_and(|tag| tag.trim_start_matches("W/") == self.etag) {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        response
            .insert_header((CACHE_CONTROL, "public, max-age=0"))
            .insert_header((ETAG, self.etag.as_str()));
        if known.is_some_and(|tag| tag.trim_start_matches("W/") == self.etag) {
            return Some(response.finish());
        }
        if self.names_maps && !name.ends_with(".map") {
            response.insert_header(("SourceMap", format!("{name}.map")));
        }
        let ty = if name.ends_with(".map") {
            "application/json; charset=utf-8"
        } else {
            "application/javascript; charset=utf-8"
        };
        Some(response.insert_header((CONTENT_TYPE, ty)).body(data.clone()))
    }
}

/// The version in the package's description beside the folder.
fn version(dir: &Path) -> String {
    #[derive(serde::Deserialize)]
    struct Package {
        version: String,
    }
    let described = dir.parent().and_then(|package| std::fs::read(package.join("package.json")).ok());
    let package = described.and_then(|text| serde_json::from_slice::<Package>(&text).ok());
    let plain = |version: &String| version.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
    package.map(|package| package.version).filter(plain).unwrap_or_else(|| "unknown".into())
}
