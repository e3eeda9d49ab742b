//! One page of an encrypted store, as SQLCipher 4 writes it: AES-256-CBC over the page but for its last 80 bytes, which are the
//! page's random IV and an HMAC-SHA-512 over ciphertext, IV and page number. Source: SQLCipher's "Design", and its `sqlcipher_page_cipher`.
//!
//! SQLCipher reads and writes the store; this reads what SQLCipher gives up on, which at the first page that does not fit refuses all
//! the others (`image.rs`).

use aes::Aes256;
use aes::cipher::{Array, BlockModeDecrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;

use super::key::DatabaseKey;

/// Bytes of a page, SQLCipher's default.
pub(super) const PAGE: usize = 4096;
/// What stands behind the ciphertext: 16 bytes of IV and 64 of the HMAC.
const RESERVED: usize = IV + HMAC;
const IV: usize = 16;
const HMAC: usize = 64;
/// Bytes in front of the first page's ciphertext: the salt, in the place of SQLite's name.
const SALT: usize = 16;
/// What makes of a salt the HMAC key's salt.
const HMAC_SALT_MASK: u8 = 0x3a;
/// Rounds of PBKDF2 between the key and the HMAC's.
const HMAC_KEY_ROUNDS: u32 = 2;

/// What opens the pages of one store.
pub(super) struct Pages {
    key: [u8; 32],
    hmac_key: [u8; 32],
}

impl Pages {
    pub(super) fn new(key: &DatabaseKey) -> Self {
        let salt = key.salt().map(|byte| byte ^ HMAC_SALT_MASK);
        let mut hmac_key = [0; 32];
        pbkdf2::pbkdf2_hmac::<Sha512>(key.bytes(), &salt, HMAC_KEY_ROUNDS, &mut hmac_key);
        Self { key: *key.bytes(), hmac_key }
    }

    /// The page as SQLite knows it, the reserved bytes zero. None: it is not what was written there under this key. Numbers begin with one.
    pub(super) fn open(&self, number: u32, sealed: &[u8; PAGE]) -> Option<Box<[u8; PAGE]>> {
        let from = if number == 1 { SALT } else { 0 };
        let (ciphertext, reserved) = sealed[from..].split_at(PAGE - RESERVED - from);
        let (iv, tag) = reserved.split_at(IV);
        let mut mac = Hmac::<Sha512>::new_from_slice(&self.hmac_key).ok()?;
        mac.update(ciphertext);
        mac.update(iv);
        mac.update(&number.to_le_bytes());
        mac.verify_slice(tag).ok()?;
        let mut page = Box::new([0; PAGE]);
        page[from..PAGE - RESERVED].copy_from_slice(ciphertext);
        let (blocks, _) = Array::slice_as_chunks_mut(&mut page[from..PAGE - RESERVED]);
        cbc::Decryptor::<Aes256>::new_from_slices(&self.key, iv).ok()?.decrypt_blocks(blocks);
        if number == 1 {
            page[..SALT].copy_from_slice(b"SQLite format 3\0");
        }
        Some(page)
    }
}
