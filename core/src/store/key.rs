//! The key of an encrypted store, and how its file says whose it is: the first 16 bytes, where SQLite's own name would stand and
//! SQLCipher keeps a salt, are [`MAGIC`] and eight bytes that only this key gives. So a wrong key is told from a damaged file
//! before SQLite sees either, and a program that can't decrypt knows what it has before it.
//!
//! A salt is there to make a weak password's guesses costly; this key is 32 random bytes and needs none.

#[cfg(feature = "encryption")]
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// The first bytes of an encrypted store.
pub(super) const MAGIC: [u8; 8] = *b"DoorLock";

/// The key under which a store lies on the disk: 32 random bytes that the host keeps, away from the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DatabaseKey([u8; 32]);

impl DatabaseKey {
    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first 16 bytes of every file under this key.
    pub(super) fn salt(&self) -> [u8; 16] {
        let mark = Sha256::new().chain_update(b"doorstep store key\0").chain_update(self.0).finalize();
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&MAGIC);
        salt[8..].copy_from_slice(&mark[..8]);
        salt
    }

    /// The key as SQLCipher takes it, with the salt: 96 hexadecimal digits.
    #[cfg(feature = "encryption")]
    pub(super) fn spec(&self) -> String {
        format!("x'{}{}'", HEXLOWER.encode(&self.0), HEXLOWER.encode(&self.salt()))
    }

    #[cfg(feature = "encryption")]
    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseKey")
    }
}
