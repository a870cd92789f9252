//! A project from each example, made by the program `greenroom`, builds where it lies and passes its own tests.

#![expect(clippy::expect_used, reason = "a test fails by a panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for this test alone, outside of the repository's workspace members.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scaffold").join(name);
    // Left by an earlier run.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder of its own");
    folder
}

fn greenroom(at: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_greenroom")).args(words).current_dir(at).output().expect("the program")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn examples() -> Vec<String> {
    let list = greenroom(Path::new("."), &["--list"]);
    text(&list.stdout).lines().filter_map(|line| line.split(' ').next().map(String::from)).collect()
}

/// Builds and tests with what was downloaded for the repository, into one folder for all.
fn cargo_test(project: &Path) -> Output {
    Command::new(env!("CARGO"))
        .args(["test", "--offline"])
        .current_dir(project)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("scaffold/target"))
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .output()
        .expect("cargo")
}

#[test]
fn a_project_from_each_example_builds_and_passes_its_tests() {
    let at = folder("each");
    let examples = examples();
    assert!(examples.contains(&"chat".to_owned()), "{examples:?}");
    for example in examples {
        let name = format!("my-{example}");
        let made = greenroom(&at, &["new", &name, "--from", &example]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        assert!(text(&made.stdout).contains(&format!("cd {name}\n  cargo run")), "{}", text(&made.stdout));

        let tested = cargo_test(&at.join(&name));
        let told = text(&tested.stdout);
        assert!(tested.status.success(), "{example}:\n{told}\n{}", text(&tested.stderr));
        assert!(told.contains("test result: ok.") && !told.contains("running 0 tests"), "{example}:\n{told}");
    }
}

#[test]
fn what_is_there_is_not_written_over() {
    let at = folder("twice");
    std::fs::create_dir(at.join("app")).expect("a folder");
    std::fs::write(at.join("app/Cargo.toml"), "mine").expect("a file");
    let again = greenroom(&at, &["new", "app", "--from", "hello"]);
    assert!(!again.status.success());
    assert_eq!(text(&again.stderr), "greenroom: `app` is there already; nothing was written\n");
    assert_eq!(std::fs::read_to_string(at.join("app/Cargo.toml")).expect("the file"), "mine");
    assert_eq!(std::fs::read_dir(at.join("app")).expect("the folder").count(), 1);
}

#[test]
fn a_wrong_example_names_those_that_exist_and_a_wrong_path_writes_nothing() {
    let at = folder("wrong");
    let wrong = greenroom(&at, &["new", "app", "--from", "chart"]);
    assert!(!wrong.status.success());
    let expected = format!("greenroom: there is no example `chart`; there are: {}\n", examples().join(", "));
    assert_eq!(text(&wrong.stderr), expected);

    let lost = greenroom(&at, &["new", "app", "--from", "chat", "--path", "nowhere"]);
    assert!(!lost.status.success());
    assert!(
        text(&lost.stderr).contains("`nowhere` is not the folder of the crate"),
        "{}",
        text(&lost.stderr)
    );
    assert!(!at.join("app").exists());
}
