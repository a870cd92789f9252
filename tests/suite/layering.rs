//! Imports point down.
//!
//! A module may know those below it in `RANKS`, and everybody may know `FREE`. What points up is named in `EXCEPTIONS` with its
//! reason, and an exception that is no longer needed has to go. `actix_web` and `actix` have their places, too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Modules from the lowest to the highest.
const RANKS: [&str; 18] = [
    "protocol",
    "engine",
    "supervise",
    "worker",
    "payload",
    "recovery",
    "adapter",
    "socket",
    "event",
    "room",
    "namespace",
    "connection",
    "server",
    "web",
    "typed",
    "catalogue",
    "testing",
    "bench",
];

/// Known by everybody: errors, ids, options, logs.
const FREE: [&str; 5] = ["error", "id", "config", "seldom", "trace"];

/// File, module that it imports, reason.
const EXCEPTIONS: [(&str, &str, &str); 10] = [
    (
        "engine/mod.rs",
        "server",
        "re-exports the raw public API, so that a person finds it under `greenroom::engine`",
    ),
    (
        "connection/mod.rs",
        "server",
        "the factory of raw sessions names the public `Session`, which is built on the server's layers",
    ),
    ("connection/raw.rs", "server", "the same: it makes the `Session` and `Message` that a person sees"),
    (
        "server/builder.rs",
        "web",
        "reads the client's files when the server is built, so that a wrong folder is refused there",
    ),
    ("server/mod.rs", "web", "makes the `Front` that every worker's service is made from"),
    ("server/raw.rs", "web", "the same, for raw Engine.IO"),
    ("config.rs", "engine", "options are handed over as the figures of the layers that live by them"),
    ("config.rs", "worker", "the same"),
    ("config.rs", "protocol", "the same"),
    ("trace.rs", "engine", "logs the reason of a session's end"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../framework/src")
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Every source file below `framework/src`, without comments and string literals' lines: its name, and its code.
fn files() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    sources(&root(), &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&path).expect("a source");
        let code = text
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join("\n");
        (name, code)
    };
    paths.into_iter().map(read).collect()
}

/// The first segment of every `crate::…` path, those in braces too.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (i, c) in list.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && !c.is_whitespace() => {
                        found.insert(word(&list[i..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            found.insert(word(rest));
        }
    }
    found
}

fn rank(module: &str) -> Option<usize> {
    RANKS.iter().position(|name| *name == module)
}

fn module(file: &str) -> &str {
    file.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    let mut needed = BTreeSet::new();
    let modules: BTreeSet<_> = files().iter().map(|(file, _)| module(file).to_owned()).collect();
    for (file, code) in files() {
        let from = module(&file);
        if from == "lib" || from == "bin" {
            continue;
        }
        let from_rank = rank(from);
        if from_rank.is_none() && !FREE.contains(&from) {
            wrong.push(format!("{file}: `{from}` has no rank; give it one in layering.rs"));
        }
        for to in imports(&code) {
            // A name of the crate's root, which is re-exported from below; or the module itself.
            if to == from || FREE.contains(&to.as_str()) || !modules.contains(&to) {
                continue;
            }
            let points_up = match (from_rank, rank(&to)) {
                (Some(from), Some(to)) => to > from,
                // What everybody knows knows nobody.
                (None, _) => true,
                (_, None) => false,
            };
            if points_up && EXCEPTIONS.iter().any(|(at, what, _)| *at == file && *what == to) {
                needed.insert((file.clone(), to));
            } else if points_up {
                wrong.push(format!(
                    "layering: {file} (rank {from_rank:?}) imports `{to}` (rank {:?})",
                    rank(&to)
                ));
            }
        }
    }
    for (file, to, _) in EXCEPTIONS {
        if !needed.contains(&(file.to_owned(), to.to_owned())) {
            wrong.push(format!(
                "layering: the exception for `{to}` in {file} is no longer needed; take it out"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Whether the code names this crate: `actix::…`, but not `actix_web::…` or `my_actix::…`.
fn names(code: &str, krate: &str) -> bool {
    code.match_indices(&format!("{krate}::")).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

#[test]
fn actix_web_and_actix_stay_in_their_places() {
    let places = [
        ("actix_web", &["web", "server"][..]),
        ("actix_web_actors", &["web"][..]),
        ("actix_http", &["web", "server"][..]),
        ("actix", &["worker", "connection", "room", "supervise"][..]),
    ];
    let mut wrong = Vec::new();
    for (file, code) in files() {
        for (krate, allowed) in places {
            if names(&code, krate) && !allowed.contains(&module(&file)) {
                wrong.push(format!("{file} names `{krate}`, which belongs under {allowed:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
