//! What options take: numbers, seconds, names, commands.

use std::time::Duration;

use super::OptionError;
use crate::server::{Server, Source};
use crate::workload::{WORKLOADS, Workload, find};

pub(super) fn list<T>(
    value: &str,
    item: impl Fn(&str) -> Result<T, OptionError>,
) -> Result<Vec<T>, OptionError> {
    value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(item).collect()
}

pub(super) fn number<T: std::str::FromStr>(
    option: &str,
    value: &str,
    expected: &'static str,
    valid: impl Fn(&T) -> bool,
) -> Result<T, OptionError> {
    let wrong = || OptionError::Value { option: option.to_owned(), expected, found: value.to_owned() };
    value.parse().ok().filter(valid).ok_or_else(wrong)
}

pub(super) fn seconds(option: &str, value: &str) -> Result<Duration, OptionError> {
    let seconds = number(option, value, "seconds, up to 3600", |seconds| (0.0..=3600.0).contains(seconds))?;
    Ok(Duration::from_secs_f64(seconds))
}

pub(super) fn workload(name: &str) -> Result<Workload, OptionError> {
    let known = || WORKLOADS.iter().map(|workload| workload.name).collect::<Vec<_>>().join(", ");
    find(name).copied().ok_or_else(|| OptionError::Name {
        what: "workload",
        name: name.to_owned(),
        known: known(),
    })
}

pub(super) fn server(name: &str) -> Result<Server, OptionError> {
    let all = crate::server::all();
    let known = all.iter().map(|server| server.name.clone()).collect::<Vec<_>>().join(", ");
    let found = all.into_iter().find(|server| server.name == name);
    found.ok_or_else(|| OptionError::Name { what: "server", name: name.to_owned(), known })
}

/// `NAME=VARIABLE=VALUE COMMAND ARGUMENT`, as for env(1).
pub(super) fn given(option: &str, value: &str) -> Result<Server, OptionError> {
    let wrong = || OptionError::Value {
        option: option.to_owned(),
        expected: "NAME=COMMAND",
        found: value.to_owned(),
    };
    let (name, command) = value.split_once('=').ok_or_else(wrong)?;
    let mut words = command.split_whitespace().peekable();
    let mut environment = vec![];
    while let Some((variable, value)) = words.peek().and_then(|word| word.split_once('=')) {
        environment.push((variable.to_owned(), value.to_owned()));
        words.next();
    }
    let command: Vec<_> = words.map(str::to_owned).collect();
    if name.is_empty() || command.is_empty() {
        return Err(wrong());
    }
    Ok(Server { name: name.to_owned(), source: Source::Given(command), environment })
}
