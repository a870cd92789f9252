//! What the contract servers share.
