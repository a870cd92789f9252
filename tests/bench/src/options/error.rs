//! What can be wrong with the command line.

/// What is wrong with the command line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// No command comes first.
    #[error("expected `run`, `list` or `--help`, found {0}")]
    Command(String),
    /// There is no such option.
    #[error("there is no option `{0}`: see --help")]
    Unknown(String),
    /// An option ends the command line that needs a value.
    #[error("`{0}` needs a value")]
    NoValue(String),
    /// A value is not what its option takes.
    #[error("`{option}` takes {expected}, found `{found}`")]
    Value {
        /// The option.
        option: String,
        /// What it takes.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// There is nothing with this name.
    #[error("there is no {what} `{name}`: choose from {known}")]
    Name {
        /// Workload or server.
        what: &'static str,
        /// The name that was given.
        name: String,
        /// Those there are.
        known: String,
    },
}
