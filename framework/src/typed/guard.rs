//! What a guard may say.

use super::fault::{Codes, Fault, IntoFault};

/// The answer of a guard.
#[diagnostic::on_unimplemented(
    message = "a guard returns `bool` or `Result<(), E>`, not `{Self}`",
    label = "not a guard's answer"
)]
pub trait Verdict {
    /// The codes of its refusals, as [`IntoFault::CODES`].
    const CODES: Option<Codes>;

    /// # Errors
    /// When the event may not happen.
    fn verdict(self) -> Result<(), Fault>;
}

impl Verdict for bool {
    // `forbidden` is one of the server's own.
    const CODES: Option<Codes> = Some(Codes { name: "bool", codes: &[] });

    fn verdict(self) -> Result<(), Fault> {
        if self { Ok(()) } else { Err(Fault::new("forbidden", "not allowed")) }
    }
}

impl<E: IntoFault> Verdict for Result<(), E> {
    const CODES: Option<Codes> = E::CODES;

    fn verdict(self) -> Result<(), Fault> {
        self.map_err(IntoFault::into_fault)
    }
}

/// Named by the macros, so that the compiler points at the guard.
///
/// # Errors
/// What the guard said.
pub fn guard<V: Verdict>(verdict: V) -> Result<(), Fault> {
    verdict.verdict()
}
