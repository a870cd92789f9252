//! Misuse of the macros does not compile, and the compiler says what would be right.
//!
//! The texts are those of the pinned toolchain (`rust-toolchain.toml`). `TRYBUILD=overwrite cargo test -p greenroom-tests --test ui`
//! writes them anew; read what changed.

/// Rows: TYP-02
#[test]
fn every_misuse_is_named_at_the_word_that_is_wrong() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}
