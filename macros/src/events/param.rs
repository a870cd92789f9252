//! Where each parameter of a method comes from, told by its type's name.

use syn::ext::IdentExt;
use syn::visit_mut::VisitMut;
use syn::{Error, Lifetime, Pat, PatType, Type, parse_quote};

use super::marks::{self, Origin};
use super::model::Role;
use crate::types::{generic_types, is_named, is_str, is_str_reference, last_ident, nested_str};

/// One parameter.
pub(super) struct Param {
    /// As the user wrote it.
    pub(super) tokens: PatType,
    /// What errors call it.
    pub(super) name: String,
    pub(super) source: Source,
}

/// Where a value comes from.
pub(super) enum Source {
    /// `&Cx<Self>`, or `&Connect<Self>` while connecting.
    Handle,
    /// The name of the event, in `#[fallback]`.
    EventName,
    /// `&str`.
    Text,
    /// `Option<&str>`.
    OptionalText,
    /// The next argument of the packet.
    Payload { ty: Type, lent: bool, optional: bool },
    /// `Rest<T>`.
    Rest(Type),
    /// `Args<'_>`.
    Cursor,
    /// The server hands it in.
    Injected { ty: Type, lent: bool },
    /// `Ack<T>`.
    Ack,
    /// `Disconnect`, in `#[away]` and `#[disconnect]`; `Departure`, in `#[left]`.
    Reason,
    /// `&Member<Self>`, in a room.
    Member,
    /// What somebody who enters says, in `#[joining]`.
    Join,
}

impl Source {
    /// Whether the client sends it.
    pub(super) fn is_positional(&self) -> bool {
        matches!(self, Self::Text | Self::OptionalText | Self::Payload { .. } | Self::Rest(_) | Self::Cursor)
    }

    fn is_text(&self) -> bool {
        matches!(self, Self::EventName | Self::Text)
    }

    pub(super) fn is_optional(&self) -> bool {
        matches!(self, Self::OptionalText | Self::Payload { optional: true, .. })
    }
}

impl Param {
    /// `before`: the parameters in front of it.
    pub(super) fn read(tokens: &PatType, role: &Role, is_room: bool, before: &[Self]) -> syn::Result<Self> {
        let name = match &*tokens.pat {
            Pat::Ident(pat) => pat.ident.unraw().to_string(),
            _ => format!("{}", before.len() + 1),
        };
        let origin = tokens.attrs.iter().find_map(marks::origin);
        let source = match role {
            Role::Event(_) if is_room => of_room_event(&tokens.ty, origin),
            _ if is_room => of_room_hook(&tokens.ty, role),
            Role::Event(_) => of_event(&tokens.ty, origin),
            // The first text of a fallback is the event's name; what follows are arguments.
            Role::Fallback
                if is_str_reference(&tokens.ty) && !before.iter().any(|param| param.source.is_text()) =>
            {
                Ok(Source::EventName)
            }
            Role::Fallback => of_event(&tokens.ty, origin),
            _ => of_hook(&tokens.ty, role),
        }?;
        Ok(Self { tokens: tokens.clone(), name, source })
    }
}

/// `&T` and `T` as `T`, and whether it was lent.
fn unlend(ty: &Type) -> syn::Result<(&Type, bool)> {
    let Type::Reference(reference) = ty else { return Ok((ty, false)) };
    let handle =
        ["Cx", "Connect", "RoomCx", "Member"].into_iter().find(|name| is_named(&reference.elem, name));
    match (reference.mutability, handle) {
        (None, _) => Ok((&reference.elem, true)),
        (Some(_), Some(name)) => Err(Error::new_spanned(
            ty,
            format!("take `&{name}<Self>`: it is a shared handle and never needs `&mut`"),
        )),
        (Some(_), None) => {
            let sentence =
                "an argument is `T`, `&T` or `&str`; the handler owns its state in `self`, not in the packet";
            Err(Error::new_spanned(ty, sentence))
        }
    }
}

fn of_event(ty: &Type, origin: Option<Origin>) -> syn::Result<Source> {
    let wrong = |sentence: &str| Err(Error::new_spanned(ty, sentence));
    if let Type::ImplTrait(_) = ty {
        return wrong("name the type: `impl Trait` has no fixed JSON shape");
    }
    let (inner, lent) = unlend(ty)?;
    match origin {
        Some(Origin::Server) => return Ok(Source::Injected { ty: inner.clone(), lent }),
        Some(Origin::Client) => return of_payload(inner, lent),
        None => {}
    }
    match last_ident(inner).map(ToString::to_string).as_deref() {
        Some("Cx") if lent => Ok(Source::Handle),
        Some("Cx") => wrong("take it by reference: `&Cx<Self>`"),
        Some("Connect") => wrong("`Connect` only exists while connecting: take `&Cx<Self>`"),
        Some(name @ ("Auth" | "Path")) => wrong(&format!(
            "`{name}` only exists while connecting: take it in `#[connect]` and keep what you need in `self`"
        )),
        Some("AckFn") => wrong("a method answers with what it returns, or through `Ack<T>`"),
        Some("Ack") => Ok(Source::Ack),
        Some("Rest") => Ok(Source::Rest(inner.clone())),
        Some("Args") => Ok(Source::Cursor),
        Some("Socket" | "State") => Ok(Source::Injected { ty: inner.clone(), lent }),
        _ => of_payload(inner, lent),
    }
}

/// What a method of a room takes that a handler's does not.
fn of_room(ty: &Type) -> syn::Result<Option<Source>> {
    let wrong = |sentence: &str| Err(Error::new_spanned(ty, sentence));
    let (inner, lent) = unlend(ty)?;
    match (last_ident(inner).map(ToString::to_string).as_deref(), lent) {
        (Some("RoomCx"), true) => Ok(Some(Source::Handle)),
        (Some("Member"), true) => Ok(Some(Source::Member)),
        (Some(name @ ("RoomCx" | "Member")), false) => {
            wrong(&format!("take it by reference: `&{name}<Self>`"))
        }
        (Some("Cx" | "Connect"), _) => {
            wrong("this is a room, which has no socket of its own: take `&RoomCx<Self>`")
        }
        _ => Ok(None),
    }
}

fn of_room_event(ty: &Type, origin: Option<Origin>) -> syn::Result<Source> {
    if let Some(source) = of_room(ty)? {
        return Ok(source);
    }
    let (inner, _) = unlend(ty)?;
    let named = |name| is_named(inner, name) && origin != Some(Origin::Client);
    if origin == Some(Origin::Server) || named("Socket") || named("State") {
        let sentence = "a room is handed `&RoomCx<Self>` and `&Member<Self>`: `who.socket()` is the sender's socket, `cx.state()` what is shared";
        return Err(Error::new_spanned(ty, sentence));
    }
    of_event(ty, origin)
}

fn of_room_hook(ty: &Type, role: &Role) -> syn::Result<Source> {
    let attribute = role.attribute();
    let wrong = |sentence: String| Err(Error::new_spanned(ty, sentence));
    let has_member = matches!(role, Role::Joined | Role::Left | Role::Away | Role::Back);
    match of_room(ty)? {
        Some(Source::Member) if !has_member => {
            return wrong(format!("`{attribute}` is about nobody: take `&RoomCx<Self>`"));
        }
        Some(source) => return Ok(source),
        None => {}
    }
    let (inner, lent) = unlend(ty)?;
    match role {
        Role::Left if is_named(inner, "Departure") && !lent => Ok(Source::Reason),
        Role::Joining if is_named(inner, "Socket") => Ok(Source::Injected { ty: inner.clone(), lent }),
        Role::Joining if !lent => Ok(Source::Join),
        Role::Left => {
            wrong(format!("`{attribute}` takes `&RoomCx<Self>`, `&Member<Self>` and the reason, `Departure`"))
        }
        Role::Joining => wrong(format!(
            "`{attribute}` takes `&RoomCx<Self>`, `&Socket` and what `enter` was given, by value"
        )),
        _ if has_member => wrong(format!("`{attribute}` takes `&RoomCx<Self>` and `&Member<Self>`")),
        _ => wrong(format!("`{attribute}` takes `&RoomCx<Self>`")),
    }
}

fn of_payload(inner: &Type, lent: bool) -> syn::Result<Source> {
    if lent && is_str(inner) {
        return Ok(Source::Text);
    }
    if let (Type::Slice(slice), true) = (inner, lent) {
        let element = anonymous(&slice.elem);
        return Ok(Source::Payload { ty: parse_quote!(::std::vec::Vec<#element>), lent, optional: false });
    }
    let optional = is_named(inner, "Option");
    if optional && generic_types(inner).first().is_some_and(|ty| is_str_reference(ty)) {
        return Ok(Source::OptionalText);
    }
    if let Some(text) = nested_str(inner) {
        let outer = last_ident(inner).map_or_else(|| "another type".to_owned(), |name| format!("`{name}`"));
        let sentence = format!(
            "`&str` inside {outer} cannot hold text with an escape such as `\\n` and would fail at run time: use `String` or `Cow<'_, str>`"
        );
        return Err(Error::new_spanned(text, sentence));
    }
    Ok(Source::Payload { ty: anonymous(inner), lent, optional })
}

fn of_hook(ty: &Type, role: &Role) -> syn::Result<Source> {
    let wrong = |sentence: String| Err(Error::new_spanned(ty, sentence));
    let (inner, lent) = unlend(ty)?;
    let (handle, other) = match role {
        Role::Connect | Role::Recovered => ("Connect", "Cx"),
        _ => ("Cx", "Connect"),
    };
    if is_named(inner, handle) && lent {
        return Ok(Source::Handle);
    }
    if is_named(inner, handle) || is_named(inner, other) {
        return wrong(format!("`{}` takes `&{handle}<Self>`", role.attribute()));
    }
    if matches!(role, Role::Away | Role::Disconnect) && is_named(inner, "Disconnect") {
        return Ok(Source::Reason);
    }
    if is_named(inner, "Ack") || is_named(inner, "Rest") || is_str(inner) {
        let instead = match role {
            Role::Connect | Role::Recovered => "take `Auth<T>` for what the client put in `auth`",
            _ => "there is no packet behind it",
        };
        return wrong(format!("`{}` has no positional arguments: {instead}", role.attribute()));
    }
    Ok(Source::Injected { ty: inner.clone(), lent })
}

/// The type with its lifetimes unnamed: the names belong to the method.
pub(super) fn anonymous(ty: &Type) -> Type {
    struct Unname;
    impl VisitMut for Unname {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                *lifetime = Lifetime::new("'_", lifetime.span());
            }
        }
    }
    let mut ty = ty.clone();
    Unname.visit_type_mut(&mut ty);
    ty
}
