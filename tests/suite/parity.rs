//! `parity.md` says which test covers which behaviour of the reference, and is never out of date.
//!
//! `rows.tsv` has the behaviours (id, priority, name). A test names those that it covers in its docs, in lines that start
//! with `Rows:`; in `js/*.test.mjs` such a line is a comment above the test. `not-yet.tsv` (id, reason) says why something is
//! missing; a row may have both, when a test covers it in part.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

struct Row {
    id: String,
    priority: String,
    name: String,
}

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(dir: &Path, end: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules") {
            files(&path, end, found);
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
}

fn rows() -> Vec<Row> {
    let row = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        let mut cell = || {
            cells.next().unwrap_or_else(|| panic!("rows.tsv: `{line}` needs an id, a priority and a name"))
        };
        Row { id: cell(), priority: cell(), name: cell() }
    };
    read(&here("rows.tsv")).lines().map(row).collect()
}

/// The ids of one `Rows:` line, whatever comment sign it has.
fn ids(line: &str) -> Option<Vec<String>> {
    let list = line.trim().strip_prefix("//")?.trim_start_matches('/').trim().strip_prefix("Rows:")?;
    Some(
        list.split(',')
            .map(|id| id.trim().trim_end_matches('.').to_owned())
            .filter(|id| !id.is_empty())
            .collect(),
    )
}

/// What a line names, if it begins a function of Rust.
fn function_name(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches("pub ").trim_start_matches("async ");
    line.strip_prefix("fn ")?.split(['(', '<']).next()
}

/// What a line names, if it begins a test of JavaScript.
fn call_name(line: &str) -> Option<&str> {
    let line = line.trim();
    let call = ["test(", "it(", "test.skip(", "it.skip("].iter().find_map(|call| line.strip_prefix(call))?;
    let quote = call.chars().next().filter(|c| "\"'`".contains(*c))?;
    call[1..].split(quote).next()
}

/// Row → tests, from the sources.
fn covered() -> BTreeMap<String, Vec<String>> {
    let mut sources = Vec::new();
    files(&here("suite"), ".rs", &mut sources);
    files(&here("../framework/src"), ".rs", &mut sources);
    files(&here("js"), ".test.mjs", &mut sources);
    let mut covered: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in sources {
        let module =
            path.strip_prefix(here("")).expect("a path under tests").to_string_lossy().replace('\\', "/");
        let module = module
            .replace("../framework/src/", "framework/")
            .trim_start_matches("suite/")
            .trim_end_matches(".rs")
            .trim_end_matches("/mod")
            .replace('/', "::");
        let rust = path.extension().is_some_and(|end| end == "rs");
        let mut waiting: Vec<String> = Vec::new();
        let mut is_test = !rust;
        for line in read(&path).lines() {
            if let Some(ids) = ids(line) {
                waiting.extend(ids);
                is_test = !rust;
            } else if line.trim() == "#[test]" {
                is_test = true;
            } else if let Some(name) = if rust { function_name(line) } else { call_name(line) } {
                assert!(
                    waiting.is_empty() || is_test,
                    "{module}: `{name}` has a `Rows:` line, but is no test"
                );
                for id in waiting.drain(..) {
                    covered.entry(id).or_default().push(format!("{module}::{name}"));
                }
            }
        }
        assert!(waiting.is_empty(), "{module}: a `Rows:` line has no test below it ({})", waiting.join(", "));
    }
    covered
}

fn not_yet() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(here("not-yet.tsv")).unwrap_or_default();
    let line = |line: &str| {
        let (id, reason) = line
            .split_once('\t')
            .unwrap_or_else(|| panic!("not-yet.tsv: `{line}` needs an id, a tab and a reason"));
        (id.to_owned(), reason.trim().to_owned())
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(line).collect()
}

fn table(
    rows: &[Row],
    covered: &BTreeMap<String, Vec<String>>,
    not_yet: &BTreeMap<String, String>,
) -> String {
    let mut out = String::from("# Behaviour of the reference, and the tests that show it\n\n");
    out.push_str("Written by `UPDATE_PARITY=1 cargo test -p greenroom-tests --test suite parity`; see `suite/parity.rs`.\n\n");
    out.push_str("| priority | rows | tested | not yet |\n| --- | --- | --- | --- |\n");
    for priority in ["must", "should", "later"] {
        let of: Vec<_> = rows.iter().filter(|row| row.priority == priority).collect();
        let tested = of.iter().filter(|row| covered.contains_key(&row.id)).count();
        let _ = writeln!(out, "| {priority} | {} | {tested} | {} |", of.len(), of.len() - tested);
    }
    out.push_str("\n| id | name | priority | tests |\n| --- | --- | --- | --- |\n");
    for row in rows {
        let mut cell: Vec<String> = covered
            .get(&row.id)
            .map(|tests| tests.iter().map(|test| format!("`{test}`")).collect())
            .unwrap_or_default();
        match (not_yet.get(&row.id), cell.is_empty()) {
            (Some(reason), _) => cell.push(format!("not yet: {reason}")),
            (None, true) => cell.push("not yet".into()),
            (None, false) => {}
        }
        let escaped = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            row.id,
            escaped(&row.name),
            row.priority,
            escaped(&cell.join(", "))
        );
    }
    out
}

#[test]
fn the_parity_table_names_the_tests_there_are() {
    let (rows, covered, not_yet) = (rows(), covered(), not_yet());
    let known: BTreeSet<_> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(known.len(), rows.len(), "rows.tsv names a row twice");
    for (id, tests) in &covered {
        assert!(known.contains(id.as_str()), "{tests:?} name row `{id}`, which is not in rows.tsv");
    }
    for id in not_yet.keys() {
        assert!(known.contains(id.as_str()), "not-yet.tsv names row `{id}`, which is not in rows.tsv");
    }
    for Row { id, name, .. } in rows.iter().filter(|row| row.priority == "must") {
        let told = covered.contains_key(id) || not_yet.contains_key(id);
        assert!(told, "{id} ({name}) must be there: it needs a test or, in not-yet.tsv, a reason");
    }
    let (table, path) = (table(&rows, &covered, &not_yet), here("parity.md"));
    if std::env::var_os("UPDATE_PARITY").is_some_and(|value| value == "1") {
        std::fs::write(&path, table).expect("parity.md can be written");
        return;
    }
    let stale = std::fs::read_to_string(&path).unwrap_or_default();
    if let Some(line) = table.lines().find(|line| !stale.lines().any(|old| old == *line)) {
        panic!("parity.md is stale; run with UPDATE_PARITY=1. First missing line:\n{line}");
    }
    assert_eq!(table, stale, "parity.md is stale; run with UPDATE_PARITY=1");
}
