//! Files that are checked in, and whether they still say what the handlers do.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::Catalogue;

/// Set to 1, it has the files written.
const UPDATE: &str = "UPDATE_CATALOGUE";

impl Catalogue {
    /// Compares the files with what the handlers say, in a test of the app; with `UPDATE_CATALOGUE=1` in the environment it writes them.
    ///
    /// # Panics
    /// When a file is missing, stale, or cannot be written: the message names it, its first line that is wrong, and what to do.
    #[track_caller]
    #[expect(clippy::panic, reason = "that is how a test fails")]
    pub fn check(&self) {
        let update = std::env::var_os(UPDATE).is_some_and(|value| value == "1");
        let treat = if update { write } else { compare };
        let files = self.files();
        let wrong: Vec<_> = files.iter().filter_map(|(path, text)| treat(path, text).err()).collect();
        if !wrong.is_empty() {
            panic!("{}", wrong.join("\n"));
        }
    }

    fn files(&self) -> Vec<(PathBuf, String)> {
        let mut files = Vec::new();
        for path in &self.typescript {
            match path.to_str().and_then(|path| path.strip_suffix(".d.ts")) {
                Some(stem) => {
                    files.push((path.clone(), self.to_declarations()));
                    files.push((format!("{stem}.js").into(), self.to_javascript()));
                }
                None => files.push((path.clone(), self.to_typescript())),
            }
        }
        files.extend(self.asyncapi.iter().map(|path| (path.clone(), self.to_asyncapi())));
        files
    }
}

/// A file that is right already is not touched: builds look at its time.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if read(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    let written = folder.and_then(|()| fs::write(path, text));
    written.map_err(|error| format!("`{}` cannot be written: {error}", path.display()))
}

fn compare(path: &Path, text: &str) -> Result<(), String> {
    let name = path.display();
    let update = format!("write it with `{UPDATE}=1 cargo test`");
    let old = read(path).map_err(|error| format!("`{name}` cannot be read ({error}); {update}"))?;
    if old == text {
        return Ok(());
    }
    let (mut old, mut new) = (old.lines(), text.lines());
    let differs = (1..).map(|number| (number, old.next(), new.next())).find(|(_, old, new)| old != new);
    let (number, old, new) = differs.unwrap_or_default();
    let said = |line: Option<&str>| {
        line.map_or_else(|| "the end of the file".to_owned(), |line| format!("`{}`", line.trim()))
    };
    Err(format!("`{name}` is stale; {update}\nline {number} is {}, and should be {}", said(old), said(new)))
}

/// As it was checked in: some check out with other ends of lines.
fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path).map(|text| text.replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of this test's own.
    fn file(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("greenroom-{}-{name}", std::process::id()))
    }

    #[test]
    fn a_stale_file_is_named_with_its_first_wrong_line_and_what_to_do() {
        let path = file("stale.ts");
        write(&path, "one\ntwo\nthree\n").expect("a file");
        let complaint = compare(&path, "one\n2\nthree\n").expect_err("a stale file");
        let name = path.display();
        let line = "line 2 is `two`, and should be `2`";
        assert_eq!(
            complaint,
            format!("`{name}` is stale; write it with `UPDATE_CATALOGUE=1 cargo test`\n{line}")
        );
        let complaint = compare(&path, "one\ntwo\n").expect_err("a stale file");
        assert!(complaint.ends_with("line 3 is `three`, and should be the end of the file"), "{complaint}");
        fs::remove_file(path).expect("the file");
    }

    #[test]
    fn a_missing_file_is_named_with_what_to_do() {
        let complaint = compare(&file("missing.ts"), "").expect_err("no file");
        assert!(
            complaint.contains("missing.ts` cannot be read") && complaint.contains(UPDATE),
            "{complaint}"
        );
    }

    #[test]
    fn a_file_that_was_checked_out_with_other_ends_of_lines_is_fresh() {
        let path = file("ends.ts");
        fs::write(&path, "one\r\ntwo\r\n").expect("a file");
        assert_eq!(compare(&path, "one\ntwo\n"), Ok(()));
        fs::remove_file(path).expect("the file");
    }
}
