//! What a stranger, or a newer version, would send: requests and changes made by hand.

