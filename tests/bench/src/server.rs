//! The servers, as data, and how each becomes a command.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::error::{Context, Error};

/// A server to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name in tables.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// What it gets beside `PORT` and `WORKERS`.
    pub environment: Vec<(String, String)>,
}

/// Where a server comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The program `bench` of this workspace, which is built before every run.
    Workspace,
    /// A Cargo project of its own in `peers`, built when asked for.
    CargoPeer(&'static str),
    /// A package of Node.js in `peers`, installed when asked for.
    NodePeer(&'static str),
    /// A command of the user's.
    Given(Vec<String>),
}

/// All servers that have a name: measured when none are named.
#[must_use]
pub fn all() -> Vec<Server> {
    let server = |name: &str, source, environment: &[(&str, &str)]| Server {
        name: name.to_owned(),
        source,
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    vec![
        server("greenroom", Source::Workspace, &[]),
        server("greenroom-native", Source::Workspace, &[("NATIVE", "1")]),
        server("socketioxide", Source::CargoPeer("socketioxide"), &[]),
        server("node", Source::NodePeer("node"), &[]),
    ]
}

/// The repository's root.
pub(crate) fn workspace() -> PathBuf {
    peers().ancestors().nth(3).map(Path::to_path_buf).unwrap_or_default()
}

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

impl Source {
    /// Builds or installs it.
    ///
    /// # Errors
    /// When that fails.
    pub(crate) fn build(&self) -> Result<(), Error> {
        match self {
            Self::Workspace | Self::Given(_) => Ok(()),
            Self::CargoPeer(name) => {
                let manifest = peers().join(name).join("Cargo.toml");
                run(cargo()
                    .args(["build", "--release", "--manifest-path"])
                    .arg(manifest)
                    .arg("--target-dir")
                    .arg(target(name)))
            }
            // No scripts: the packages bring what they need, built.
            Self::NodePeer(name) => run(Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(peers().join(name))),
        }
    }

    /// The command that starts it; `None` for a peer that is not there.
    ///
    /// # Errors
    /// When this workspace's server cannot be built.
    pub(crate) fn command(&self) -> Result<Option<Vec<String>>, Error> {
        match self {
            Self::Workspace => build_bench().map(|program| Some(vec![program])),
            Self::Given(command) => Ok(Some(command.clone())),
            Self::CargoPeer(name) => {
                let program = target(name).join("release").join(format!("peer-{name}"));
                Ok(program.exists().then(|| vec![program.display().to_string()]))
            }
            Self::NodePeer(name) => {
                let folder = peers().join(name);
                let script = folder.join("server.js").display().to_string();
                let installed = folder.join("node_modules/socket.io").exists();
                Ok(installed.then(|| vec!["node".to_owned(), script]))
            }
        }
    }
}

/// Of its own, whatever `CARGO_TARGET_DIR` says: where the peer is must be known without building it.
fn target(peer: &str) -> PathBuf {
    peers().join(peer).join("target")
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Builds the program `bench`, and asks Cargo where it is.
fn build_bench() -> Result<String, Error> {
    let mut command = cargo();
    command
        .args(["build", "--release", "-p", "greenroom-servers", "--bin", "bench"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(workspace());
    let output = command.stderr(Stdio::inherit()).output().context("run cargo")?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages.lines().rev().find_map(executable).filter(|_| output.status.success());
    executable.ok_or_else(|| failed(&command))
}

/// The program that one of Cargo's messages tells of.
fn executable(message: &str) -> Option<String> {
    let message: Value = serde_json::from_str(message).ok()?;
    Some(message.get("executable")?.as_str()?.to_owned())
}

fn run(command: &mut Command) -> Result<(), Error> {
    eprintln!("running {}", words(command));
    let status = command.status().context(format!("run `{}`", words(command)))?;
    if status.success() { Ok(()) } else { Err(failed(command)) }
}

fn failed(command: &Command) -> Error {
    Error::Build { command: words(command) }
}

fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_says_where_a_program_is() {
        let message = r#"{"reason":"compiler-artifact","executable":"/there/bench"}"#;
        assert_eq!(executable(message).as_deref(), Some("/there/bench"));
        assert_eq!(executable(r#"{"reason":"compiler-artifact","executable":null}"#), None);
        assert_eq!(executable("warning"), None);
    }

    #[test]
    fn the_workspace_is_where_its_manifest_is() {
        let manifest = std::fs::read_to_string(workspace().join("Cargo.toml")).expect("a manifest");
        assert!(manifest.starts_with("[workspace]"));
    }
}
