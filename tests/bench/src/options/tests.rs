use super::*;
use crate::server::Source;

fn parsed(line: &str) -> Result<Command, OptionError> {
    parse(line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned))
}

fn options(line: &str) -> Options {
    match parsed(line) {
        Ok(Command::Run(options)) => options,
        other => panic!("{line}: {other:?}"),
    }
}

fn complaint(line: &str) -> String {
    parsed(line).expect_err(line).to_string()
}

#[test]
fn without_options_it_runs_what_is_usual() {
    let options = options("run");
    assert_eq!((options.rounds, options.duration), (7, Duration::from_secs(3)));
    assert!(options.workloads.iter().all(|workload| !workload.name.starts_with("W4")));
    assert!(options.sizes.is_empty());
}

#[test]
fn values_come_behind_an_option_or_a_sign() {
    let options = options("run --rounds 3 --workloads=w1,W3m --duration 0.5 --growth --base greenroom");
    assert_eq!((options.rounds, options.duration), (3, Duration::from_millis(500)));
    assert_eq!(options.workloads.iter().map(|workload| workload.name).collect::<Vec<_>>(), ["W1", "W3m"]);
    assert_eq!(options.sizes, SIZES);
    assert_eq!(options.base.as_deref(), Some("greenroom"));
}

#[test]
fn a_server_may_be_given_as_a_command_with_its_environment() {
    let parsed =
        parse(["run", "--servers", "", "--server", "mine=NATIVE=1 A= ./bench --fast"].map(str::to_owned));
    let Ok(Command::Run(options)) = parsed else { panic!("{parsed:?}") };
    let server = &options.servers[0];
    assert_eq!(server.name, "mine");
    assert_eq!(server.source, Source::Given(vec!["./bench".to_owned(), "--fast".to_owned()]));
    assert_eq!(server.environment, [("NATIVE", "1"), ("A", "")].map(|(k, v)| (k.to_owned(), v.to_owned())));
}

#[test]
fn a_wrong_option_is_named_with_what_would_be_right() {
    for (line, message) in [
        ("", "expected `run`, `list` or `--help`, found nothing"),
        ("walk", "expected `run`, `list` or `--help`, found `walk`"),
        ("run --speed 3", "there is no option `--speed`: see --help"),
        ("run --rounds", "`--rounds` needs a value"),
        ("run --rounds 0", "`--rounds` takes a number above 0, found `0`"),
        ("run --duration long", "`--duration` takes seconds, up to 3600, found `long`"),
        ("run --max-other -1", "`--max-other` takes cores, found `-1`"),
        ("run --sizes 1,x", "`--sizes` takes numbers above 0, found `x`"),
        ("run --server bench", "`--server` takes NAME=COMMAND, found `bench`"),
        (
            "run --servers greenroom --base node",
            "there is no server to measure `node`: choose from greenroom",
        ),
    ] {
        assert_eq!(complaint(line), message);
    }
}

#[test]
fn an_unknown_name_is_answered_with_those_there_are() {
    assert!(
        complaint("run --workloads W9")
            .starts_with("there is no workload `W9`: choose from W1, W1k, W1u, W2")
    );
    assert!(
        complaint("run --servers apache")
            .contains("choose from greenroom, greenroom-native, socketioxide, node")
    );
}
