//! The contract: a hash of what a front end was compiled against.

use super::names::Definitions;
use super::space::Namespace;
use super::typescript;

/// FNV-1a with 64 bits: it tells versions of one app apart and keeps nobody out, so it need be stable and small, not safe.
/// Source: draft-eastlake-fnv, "FNV-1a".
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The TypeScript without its comments, hashed.
pub(super) fn of(spaces: &[Namespace], definitions: &Definitions) -> String {
    format!("{:016x}", hash(&typescript::bare(spaces, definitions)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_the_one_of_the_draft() {
        assert_eq!(super::hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
