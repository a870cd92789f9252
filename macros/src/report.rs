//! Sentences for the user's compiler.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::ParseStream;
use syn::{Error, Expr, Path, Token};

/// Mistakes as they are found; all are reported.
#[derive(Default)]
pub(crate) struct Report(Option<Error>);

impl Report {
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// Underlines all of `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, sentence: impl std::fmt::Display) {
        self.add(Error::new_spanned(tokens, sentence));
    }

    pub(crate) fn at_span(&mut self, span: Span, sentence: impl std::fmt::Display) {
        self.add(Error::new(span, sentence));
    }

    /// Keeps the value, or the mistake.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    pub(crate) fn into_error(self) -> Option<Error> {
        self.0
    }
}

/// A mistake at the macro's own place.
pub(crate) fn here(sentence: &str) -> Error {
    Error::new(Span::call_site(), sentence)
}

/// The user's item and what is wrong with it.
pub(crate) fn with_item(item: &TokenStream, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

/// Words that people from other frameworks try first.
const SYNONYMS: &[(&str, &str)] = &[
    ("namespace", "ns"),
    ("nsp", "ns"),
    ("path", "ns"),
    ("emits", "client"),
    ("app", "state"),
    ("data", "state"),
    ("guards", "guard"),
    ("middleware", "guard"),
    ("secret", "hidden"),
    ("name", "code"),
];

/// The value of an option that does not exist, so that the words behind it are read, too.
pub(crate) fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        input.parse::<Expr>()?;
    }
    Ok(())
}

/// An option that does not exist, and the one that was meant.
pub(crate) fn unknown_option(path: &Path, attribute: &str, known: &[&str]) -> Error {
    let word = path.to_token_stream().to_string();
    let synonym = SYNONYMS
        .iter()
        .find(|(other, right)| *other == word && known.contains(right))
        .map(|(_, right)| *right);
    let sentence = match synonym.or_else(|| nearest(&word, known)) {
        Some(right) => format!("unknown option `{word}` in `#[{attribute}]`; did you mean `{right}`?"),
        None => {
            let list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            format!("unknown option `{word}` in `#[{attribute}]`; it takes {list}")
        }
    };
    Error::new_spanned(path, sentence)
}

fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = |right: &&&str| distance(word, right) <= 2.max(right.len() / 3);
    known.iter().filter(near).min_by_key(|right| distance(word, right)).copied()
}

/// Levenshtein's edit distance, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            let cost = (*cell + 1).min(left + 1).min(diagonal + usize::from(x != y));
            diagonal = std::mem::replace(cell, cost);
            left = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_the_one_that_was_meant() {
        assert_eq!(nearest("gaurd", &["guard", "strict"]), Some("guard"));
        assert_eq!(nearest("stat", &["ns", "state", "client"]), Some("state"));
        assert_eq!(nearest("timeout", &["guard", "strict"]), None);
    }
}
