//! The command line, read by hand: one command, three options.

use std::path::PathBuf;

use crate::examples;
use crate::project::{Project, Source};

pub(crate) const USAGE: &str = "\
A project of one's own from an example of Greenroom.

  greenroom new NAME --from EXAMPLE   writes the folder NAME, which must not be there yet
  greenroom --list                    names the examples

  --path DIR   the project takes the crate `greenroom` from this folder;
               if not given, from the folder that this program was built in
  --git URL    the project takes it from this repository";

#[derive(Debug)]
pub(crate) enum Command {
    Help,
    List,
    New(Project),
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Mistake {
    #[error("expected `new` or `--list`, found `{0}`; --help says more")]
    Command(String),
    #[error("expected one name, found `{0}` too; --help says more")]
    Second(String),
    #[error("`{0}` needs a value behind it")]
    Value(String),
    #[error("there is no option `{0}`; --help says more")]
    Option(String),
    #[error("`new` needs the name of the new folder")]
    Name,
    #[error("`--path` and `--git` exclude each other")]
    Sources,
    #[error("`new` needs `--from` and an example; there are: {}", examples::names())]
    From,
    #[error("there is no example `{0}`; there are: {names}", names = examples::names())]
    Example(String),
}

pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Command, Mistake> {
    match words.next().as_deref() {
        None | Some("--help" | "-h" | "help") => Ok(Command::Help),
        Some("--list") => Ok(Command::List),
        Some("new") => new(words),
        Some(other) => Err(Mistake::Command(other.into())),
    }
}

fn new(mut words: impl Iterator<Item = String>) -> Result<Command, Mistake> {
    let (mut name, mut from, mut path, mut git) = (None, None, None, None);
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--list" => return Ok(Command::List),
            "--from" => &mut from,
            "--path" => &mut path,
            "--git" => &mut git,
            option if option.starts_with('-') => return Err(Mistake::Option(word)),
            _ if name.is_some() => return Err(Mistake::Second(word)),
            _ => {
                name = Some(word);
                continue;
            }
        };
        *place = Some(words.next().ok_or(Mistake::Value(word))?);
    }
    let source = match (path, git) {
        (Some(_), Some(_)) => return Err(Mistake::Sources),
        (None, Some(url)) => Source::Git(url),
        (path, None) => Source::Path(path.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).into()),
    };
    let folder = PathBuf::from(name.ok_or(Mistake::Name)?);
    let from = from.ok_or(Mistake::From)?;
    let example = examples::find(&from).ok_or(Mistake::Example(from))?;
    Ok(Command::New(Project { folder, example, source }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(line: &str) -> String {
        read(line.split_whitespace().map(String::from)).expect_err("a mistake").to_string()
    }

    #[test]
    fn the_options_may_come_in_any_order() {
        for line in ["new app --from chat --path there", "new --path there --from chat app"] {
            let command = read(line.split(' ').map(String::from)).expect("a good line");
            let Command::New(Project { folder, example, source: Source::Path(path) }) = command else {
                panic!("{command:?}");
            };
            assert_eq!((folder, example.name, path), ("app".into(), "chat", "there".into()));
        }
    }

    #[test]
    fn a_mistake_is_named_with_what_would_be_right() {
        assert_eq!(says("mew app"), "expected `new` or `--list`, found `mew`; --help says more");
        assert_eq!(
            says("new app other --from chat"),
            "expected one name, found `other` too; --help says more"
        );
        assert_eq!(says("new app --from"), "`--from` needs a value behind it");
        assert_eq!(says("new app --form chat"), "there is no option `--form`; --help says more");
        assert_eq!(says("new --from chat"), "`new` needs the name of the new folder");
        assert_eq!(says("new app --from chat --path a --git b"), "`--path` and `--git` exclude each other");
        let names = examples::names();
        assert_eq!(says("new app --from chart"), format!("there is no example `chart`; there are: {names}"));
        assert_eq!(says("new app"), format!("`new` needs `--from` and an example; there are: {names}"));
    }
}
