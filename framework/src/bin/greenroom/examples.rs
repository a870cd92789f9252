//! The examples, carried inside of the program. A test says when a file of theirs is not listed here.

#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) name: &'static str,
    /// Paths below the example's folder, and texts.
    pub(crate) files: &'static [(&'static str, &'static str)],
}

macro_rules! example {
    ($name:literal: $($file:literal)*) => {
        Example {
            name: $name,
            files: &[$(($file, include_str!(concat!("../../../../examples/", $name, "/", $file)))),*],
        }
    };
}

pub(crate) static EXAMPLES: [Example; 10] = [
    example!("hello": "Cargo.toml" "README.md" "hello.ts" "src/main.rs"),
    example!("chat":
        "Cargo.toml" "README.md" "asyncapi.json" "jsconfig.json"
        "src/chat.rs" "src/house.rs" "src/main.rs" "src/payload.rs" "src/tests.rs"
        "static/chat.css" "static/chat.js" "static/contract.d.ts" "static/contract.js" "static/index.html" "static/page.d.ts"
    ),
    example!("typed-chat":
        "Cargo.toml" "README.md" "package.json" "tsconfig.json"
        "src/main.rs" "src/payload.rs" "src/talk.rs" "src/tests.rs" "src/wall.rs"
        "static/client.d.ts" "static/contract.d.ts" "static/contract.js" "static/index.html" "static/page.css" "static/page.js" "static/page.ts"
    ),
    example!("game":
        "Cargo.toml" "README.md"
        "src/arena.rs" "src/main.rs" "src/sky.rs"
        "static/game.css" "static/game.js" "static/index.html"
    ),
    example!("whiteboard":
        "Cargo.toml" "README.md"
        "src/board.rs" "src/main.rs" "src/sheet.rs" "src/tests.rs"
        "static/index.html" "static/paper.js" "static/whiteboard.css" "static/whiteboard.js"
    ),
    example!("auth":
        "Cargo.toml" "README.md"
        "src/accounts.rs" "src/desk.rs" "src/door.rs" "src/main.rs" "src/routes.rs" "src/tests.rs"
        "static/auth.css" "static/auth.js" "static/index.html"
    ),
    example!("rest":
        "Cargo.toml" "README.md"
        "src/board.rs" "src/main.rs" "src/routes.rs" "src/shows.rs" "src/tests.rs"
        "static/index.html" "static/rest.css" "static/rest.js"
    ),
    example!("presence":
        "Cargo.toml" "README.md"
        "src/main.rs" "src/person.rs" "src/tests.rs"
        "static/index.html" "static/people.js" "static/presence.css" "static/presence.js"
    ),
    example!("porting":
        "Cargo.toml" "README.md"
        "node/package.json" "node/server.js"
        "src/main.rs" "src/server.rs" "src/tests.rs"
    ),
    example!("tour":
        "Cargo.toml" "README.md"
        "src/main.rs" "src/pages.rs" "src/tests.rs"
        "src/stops/closing.rs" "src/stops/cluster.rs" "src/stops/connect.rs" "src/stops/events.rs" "src/stops/example.rs"
        "src/stops/json.rs" "src/stops/mod.rs" "src/stops/recovery.rs" "src/stops/rooms.rs"
        "static/page.html" "static/page.js" "static/stop.html" "static/tour.css"
        "static/stops/closing.js" "static/stops/cluster.js" "static/stops/connect.js" "static/stops/events.js" "static/stops/example.js"
        "static/stops/json.js" "static/stops/recovery.js" "static/stops/rooms.js"
    ),
];

pub(crate) fn find(name: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.name == name)
}

pub(crate) fn names() -> String {
    EXAMPLES.iter().map(|example| example.name).collect::<Vec<_>>().join(", ")
}

impl Example {
    /// As its manifest says.
    pub(crate) fn description(&self) -> &'static str {
        let manifest = self.files.iter().find(|(path, _)| *path == "Cargo.toml").map_or("", |(_, text)| text);
        let line = manifest.lines().find_map(|line| line.strip_prefix("description = "));
        line.unwrap_or_default().trim_matches('"')
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn files(folder: &Path, below: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("a plain name");
            // What tools leave behind.
            if ["target", "node_modules", "Cargo.lock"].contains(&name.as_str()) {
                continue;
            }
            let path = format!("{below}{name}");
            if entry.path().is_dir() {
                files(&entry.path(), &format!("{path}/"), found);
            } else {
                found.insert(path);
            }
        }
    }

    #[test]
    fn every_file_of_every_example_is_listed() {
        let mut there = BTreeSet::new();
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples"), "", &mut there);
        let listed = EXAMPLES.iter().flat_map(|example| {
            example.files.iter().map(move |(path, _)| format!("{}/{path}", example.name))
        });
        assert_eq!(listed.collect::<BTreeSet<_>>(), there);
    }

    #[test]
    fn every_example_is_described() {
        for example in &EXAMPLES {
            assert!(!example.description().is_empty(), "{}", example.name);
        }
    }
}
