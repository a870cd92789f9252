//! The words in `#[room(…)]`.

use syn::meta::ParseNestedMeta;
use syn::{DeriveInput, Ident, LitInt, LitStr, Type};

use crate::duration;
use crate::report::{Report, skip_value, unknown_option};

const KNOWN: &[&str] = &[
    "key",
    "member",
    "join",
    "snapshot",
    "client",
    "name",
    "capacity",
    "linger",
    "mailbox",
    "max",
    "sequenced",
    "addressed",
    "enter_timeout",
    "restart",
    "on_panic",
];

/// What was said; `None` where nothing was.
#[derive(Default)]
pub(super) struct Options {
    pub(super) key: Option<Type>,
    pub(super) member: Option<Type>,
    pub(super) join: Option<Type>,
    pub(super) snapshot: Option<Type>,
    pub(super) client: Option<Type>,
    pub(super) name: Option<LitStr>,
    pub(super) capacity: Option<LitInt>,
    pub(super) linger: Option<u64>,
    pub(super) mailbox: Option<LitInt>,
    pub(super) max: Option<LitInt>,
    pub(super) sequenced: bool,
    /// Events name their room.
    pub(super) addressed: bool,
    pub(super) enter_timeout: Option<u64>,
    pub(super) restart: Option<Restart>,
    pub(super) on_panic: Option<Ident>,
}

/// `restart(max = 3, within = "5s", backoff = "100ms")`; milliseconds.
pub(super) struct Restart {
    pub(super) max: u32,
    pub(super) within: u64,
    pub(super) backoff: u64,
}

impl Options {
    pub(super) fn parse(input: &DeriveInput, report: &mut Report) -> Self {
        let mut options = Self::default();
        for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("room")) {
            let parsed = attr.parse_nested_meta(|meta| options.word(&meta, report));
            report.keep(parsed);
        }
        options
    }

    fn word(&mut self, meta: &ParseNestedMeta<'_>, report: &mut Report) -> syn::Result<()> {
        let word = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match word.as_str() {
            "key" => self.key = Some(meta.value()?.parse()?),
            "member" => self.member = Some(meta.value()?.parse()?),
            "join" => self.join = Some(meta.value()?.parse()?),
            "snapshot" => self.snapshot = Some(meta.value()?.parse()?),
            "client" => self.client = Some(meta.value()?.parse()?),
            "name" => self.name = Some(meta.value()?.parse()?),
            "capacity" => self.capacity = Some(meta.value()?.parse()?),
            "linger" => self.linger = report.keep(duration::read(&meta.value()?.parse()?)),
            "mailbox" => self.mailbox = Some(meta.value()?.parse()?),
            "max" => self.max = Some(meta.value()?.parse()?),
            "sequenced" => self.sequenced = true,
            "addressed" => self.addressed = true,
            "enter_timeout" => self.enter_timeout = report.keep(duration::read(&meta.value()?.parse()?)),
            "restart" => self.restart = Some(restart(meta, report)?),
            "on_panic" => self.on_panic = Some(meta.value()?.parse()?),
            _ => {
                report.add(unknown_option(&meta.path, "room", KNOWN));
                skip_value(meta.input)?;
            }
        }
        Ok(())
    }
}

fn restart(meta: &ParseNestedMeta<'_>, report: &mut Report) -> syn::Result<Restart> {
    let mut restart = Restart { max: 3, within: 5_000, backoff: 0 };
    meta.parse_nested_meta(|meta| {
        if meta.path.is_ident("never") {
            restart.max = 0;
        } else if meta.path.is_ident("max") {
            restart.max = meta.value()?.parse::<LitInt>()?.base10_parse()?;
        } else if meta.path.is_ident("within") {
            restart.within = report.keep(duration::read(&meta.value()?.parse()?)).unwrap_or_default();
        } else if meta.path.is_ident("backoff") {
            restart.backoff = report.keep(duration::read(&meta.value()?.parse()?)).unwrap_or_default();
        } else {
            report.add(unknown_option(
                &meta.path,
                "room(restart(..))",
                &["max", "within", "backoff", "never"],
            ));
            skip_value(meta.input)?;
        }
        Ok(())
    })?;
    Ok(restart)
}
