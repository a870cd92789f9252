//! A new project: the example's files, unchanged but for the manifest, with the versions that its tests ran with.

use std::io;
use std::path::{Path, PathBuf};

use crate::examples::Example;

/// How an example, inside of the repository, names the crate.
const IN_REPOSITORY: &str = "path = \"../../framework\"";
/// Of the whole repository: Cargo takes out what a project has no use for.
const VERSIONS: &str = include_str!("../../../../Cargo.lock");

/// What a manifest has that is no member's of a workspace.
const OWN: &str = r#"# Its own, in whatever folder it is.
[workspace]

# Enough for a backtrace, and faster to build than everything that a debugger may ask for.
[profile.dev]
debug = "line-tables-only"
"#;

#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) folder: PathBuf,
    pub(crate) example: &'static Example,
    pub(crate) source: Source,
}

/// Where a project takes the crate from.
#[derive(Debug)]
pub(crate) enum Source {
    Path(PathBuf),
    Git(String),
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(
        "`{0}` is no name for a package: it has letters, digits, `-` and `_`, begins with a letter, and is not `greenroom`"
    )]
    Name(String),
    #[error("`{}` is there already; nothing was written", .0.display())]
    Exists(PathBuf),
    #[error("`{}` is not the folder of the crate `greenroom`; `--path` names it", .0.display())]
    NoCrate(PathBuf),
    #[error("`{}` could not be written: {}", .0.display(), .1)]
    Write(PathBuf, io::Error),
}

/// Writes the project's folder, which must not be there yet.
pub(crate) fn create(project: &Project) -> Result<(), Failed> {
    let name = package_name(&project.folder)?;
    let source = project.source.as_toml()?;
    claim(&project.folder)?;
    for (path, text) in project.example.files {
        let text = if *path == "Cargo.toml" { &manifest(text, name, &source) } else { *text };
        write(&project.folder.join(path), text)?;
    }
    write(&project.folder.join("Cargo.lock"), VERSIONS)?;
    write(&project.folder.join(".gitignore"), "/target\nnode_modules\n")
}

fn package_name(folder: &Path) -> Result<&str, Failed> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let fits = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        && name != "greenroom";
    if fits { Ok(name) } else { Err(Failed::Name(folder.display().to_string())) }
}

impl Source {
    fn as_toml(&self) -> Result<String, Failed> {
        match self {
            Self::Path(folder) => {
                let manifest = std::fs::read_to_string(folder.join("Cargo.toml"));
                if !manifest.is_ok_and(|text| text.contains("name = \"greenroom\"\n")) {
                    return Err(Failed::NoCrate(folder.clone()));
                }
                let folder = folder.canonicalize().map_err(|_| Failed::NoCrate(folder.clone()))?;
                Ok(format!("path = {}", quoted(&folder.to_string_lossy())))
            }
            Self::Git(url) => Ok(format!("git = {}", quoted(url))),
        }
    }
}

/// A string of JSON is one of TOML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The example's manifest, of a package of this name that is nobody's member.
fn manifest(example: &str, name: &str, source: &str) -> String {
    let mut lines: Vec<_> = example.lines().map(|line| line.replace(IN_REPOSITORY, source)).collect();
    for line in &mut lines {
        if line.starts_with("name = ") {
            *line = format!("name = {}", quoted(name));
        }
    }
    format!("{}\n\n{OWN}", lines.join("\n"))
}

/// Makes the folder; of two who want it, one gets it.
fn claim(folder: &Path) -> Result<(), Failed> {
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Failed::Write(parent.into(), error))?;
    }
    std::fs::create_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failed::Exists(folder.into()),
        _ => Failed::Write(folder.into(), error),
    })
}

fn write(path: &Path, text: &str) -> Result<(), Failed> {
    let parent = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    parent.and_then(|()| std::fs::write(path, text)).map_err(|error| Failed::Write(path.into(), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::EXAMPLES;

    #[test]
    fn a_manifest_names_the_package_and_where_the_crate_is() {
        let example = "[package]\nname = \"chat\"\n\n[dependencies]\ngreenroom = { path = \"../../framework\", features = [\"x\"] }\n";
        let expected = "[package]\nname = \"app\"\n\n[dependencies]\ngreenroom = { git = \"there\", features = [\"x\"] }\n\n";
        assert_eq!(manifest(example, "app", "git = \"there\""), format!("{expected}{OWN}"));
    }

    /// What a person copies out stands alone: nothing of it is the repository's.
    #[test]
    fn no_manifest_leans_on_the_repository() {
        for example in &EXAMPLES {
            let (_, text) = example.files.iter().find(|(path, _)| *path == "Cargo.toml").expect("a manifest");
            let text = manifest(text, "app", "path = \"there\"");
            assert!(!text.contains("workspace = true") && !text.contains("../"), "{}: {text}", example.name);
        }
    }

    #[test]
    fn a_name_that_cargo_would_not_take_is_refused() {
        for folder in ["", "..", "a/7up", "a/my chat", "a/greenroom", "a/чат", "a/-x"] {
            assert!(package_name(Path::new(folder)).is_err(), "{folder}");
        }
        assert_eq!(package_name(Path::new("a/my-chat_2")).ok(), Some("my-chat_2"));
    }
}
