//! The catalogue of an app: what its clients may send and hear, written down for those who do not read Rust.
//!
//! From the declarations that the server runs by come TypeScript for the official client's generics and an AsyncAPI document, with doc
//! comments, types, acknowledgements and faults. Whatever is made of the same declarations is the same text, on every machine: it can
//! be checked in, and a test says when it is stale. Nothing here runs while a server serves. What a type looks like is asked of
//! `schemars`, which reads serde's attributes; a type that cannot say it does not compile, and nothing is ever guessed.

mod asyncapi;
mod contract;
mod events;
mod files;
mod names;
mod shape;
mod space;
#[cfg(test)]
mod tests;
mod typescript;

use std::path::PathBuf;

pub use events::{AddressShape, Entry, Fallible};
pub use shape::Shape;
pub use space::{ClientEvents, Described, DescribedRoom, DescribedRooms, Space};

use names::Definitions;
use shape::Shapes;
use space::Namespace;

/// Handlers, and the files that are written about them. See the guide, `docs/catalogue.md`.
///
/// ```no_run
/// # use greenroom::prelude::*;
/// # #[derive(Handler, Default)] struct Chat;
/// # #[events(catalogue)] impl Chat {}
/// use greenroom::catalogue::Catalogue;
///
/// #[test]
/// fn the_generated_files_are_fresh() {
///     Catalogue::of::<Chat>().typescript("web/chat.d.ts").asyncapi("web/chat.json").check();
/// }
/// ```
///
/// `UPDATE_CATALOGUE=1 cargo test` writes them.
#[derive(Debug)]
#[must_use = "a catalogue that is not checked says nothing"]
pub struct Catalogue {
    title: Option<String>,
    spaces: Vec<Namespace>,
    shapes: Shapes,
    typescript: Vec<PathBuf>,
    asyncapi: Vec<PathBuf>,
}

impl Catalogue {
    /// A catalogue of one handler.
    pub fn of<H: Described>() -> Self {
        let empty = Self {
            title: None,
            spaces: Vec::new(),
            shapes: Shapes::new(),
            typescript: Vec::new(),
            asyncapi: Vec::new(),
        };
        empty.and::<H>()
    }

    /// One handler more, with its namespace and its rooms.
    ///
    /// # Panics
    /// When two of its rooms, or it and one of them, have events of one name that look different.
    pub fn and<H: Described>(mut self) -> Self {
        let mut space = Namespace::of::<H>(&mut self.shapes);
        let taken = |name: &str| self.spaces.iter().any(|other| other.name == name);
        space.name = names::unused(&space.name, taken);
        self.spaces.push(space);
        self
    }

    /// The document's title; the first handler's name if not given.
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// A TypeScript file for [`check`](Self::check), relative to the package.
    ///
    /// `web/chat.ts` is a module. `web/chat.d.ts` has types only, and its one value, the contract, is in `web/chat.js` beside it: a page
    /// without build step imports that.
    pub fn typescript(mut self, path: impl Into<PathBuf>) -> Self {
        self.typescript.push(path.into());
        self
    }

    /// An AsyncAPI file for [`check`](Self::check), relative to the package. It is JSON.
    pub fn asyncapi(mut self, path: impl Into<PathBuf>) -> Self {
        self.asyncapi.push(path.into());
        self
    }

    /// A hash of all names and types, without comments: 16 digits. It changes when what a front end was compiled against does.
    #[must_use]
    pub fn contract(&self) -> String {
        contract::of(&self.spaces, &self.definitions())
    }

    /// The TypeScript module.
    #[must_use]
    pub fn to_typescript(&self) -> String {
        typescript::module(&self.spaces, &self.definitions(), &self.contract())
    }

    /// The TypeScript declarations of a JavaScript module that is [`to_javascript`](Self::to_javascript).
    #[must_use]
    pub fn to_declarations(&self) -> String {
        typescript::declarations(&self.spaces, &self.definitions(), &self.contract())
    }

    /// The JavaScript module with the contract.
    #[must_use]
    pub fn to_javascript(&self) -> String {
        typescript::javascript(&self.contract())
    }

    /// The AsyncAPI 3 document.
    #[must_use]
    pub fn to_asyncapi(&self) -> String {
        asyncapi::document(self.title(), &self.contract(), &self.spaces, &self.definitions())
    }

    fn title(&self) -> &str {
        let first = self.spaces.first().map_or("", |space| &space.name);
        self.title.as_deref().unwrap_or(first)
    }

    fn definitions(&self) -> Definitions {
        Definitions::settle(&self.shapes, self.spaces.iter().flat_map(Namespace::faults))
    }
}
