//! SQLCipher's cryptography: AES-256-CBC, HMAC and PBKDF2 of RustCrypto and the system's entropy, as the struct of C functions that
//! SQLCipher calls a provider. The files are SQLCipher 4's own; only whose AES it is differs. It is here because it asks for entropy,
//! and it is the one file of the core with unsafe code (`house/unsafety.rs`).
//!
//! Instead of OpenSSL: that adds 4.6 MB to each phone's library and minutes to each build, and has to be cross-compiled by its own means.
//!
//! What SQLCipher promises when it calls (its `sqlcipher.h`, and its own provider for OpenSSL): every pointer is good for the length
//! beside it, `in2` may be null, output is as long as input, inputs may be the output. What is promised to it: no panic, no
//! pointer kept, zero for done and anything else for not.

#![allow(unsafe_code, reason = "a provider is a struct of C functions over C's buffers")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::{ptr, slice};

use aes::Aes256;
use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};

/// SQLite's answers.
const OK: c_int = 0;
const ERROR: c_int = 1;
/// SQLCipher's numbers for hashes. Its number 0 is SHA-1, which no store of ours uses.
const SHA256: c_int = 1;
const SHA512: c_int = 2;
/// SQLCipher's number for encrypting.
const ENCRYPT: c_int = 1;
/// AES-256-CBC.
const KEY: c_int = 32;
const BLOCK: c_int = 16;

/// `sqlcipher_provider`, field by field.
#[repr(C)]
pub(super) struct Provider {
    init: Option<extern "C" fn() -> c_int>,
    shutdown: Option<extern "C" fn()>,
    get_provider_name: extern "C" fn(*mut c_void) -> *const c_char,
    add_random: extern "C" fn(*mut c_void, *const c_void, c_int) -> c_int,
    random: unsafe extern "C" fn(*mut c_void, *mut c_void, c_int) -> c_int,
    hmac: unsafe extern "C" fn(*mut c_void, c_int, *const u8, c_int, *const u8, c_int, *const u8, c_int, *mut u8) -> c_int,
    kdf: unsafe extern "C" fn(*mut c_void, c_int, *const u8, c_int, *const u8, c_int, c_int, c_int, *mut u8) -> c_int,
    cipher: unsafe extern "C" fn(*mut c_void, c_int, *const u8, c_int, *const u8, *const u8, c_int, *mut u8) -> c_int,
    get_cipher: extern "C" fn(*mut c_void) -> *const c_char,
    get_key_sz: extern "C" fn(*mut c_void) -> c_int,
    get_iv_sz: extern "C" fn(*mut c_void) -> c_int,
    get_block_sz: extern "C" fn(*mut c_void) -> c_int,
    get_hmac_sz: extern "C" fn(*mut c_void, c_int) -> c_int,
    ctx_init: extern "C" fn(*mut *mut c_void) -> c_int,
    ctx_free: extern "C" fn(*mut *mut c_void) -> c_int,
    fips_status: extern "C" fn(*mut c_void) -> c_int,
    get_provider_version: extern "C" fn(*mut c_void) -> *const c_char,
    next: *mut Provider,
}

/// Fills in SQLCipher's provider. Its name is given to SQLCipher's build in `.cargo/config.toml`.
///
/// # Safety
/// Called by SQLCipher, with room for one provider.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn doorstep_cipher_provider(provider: *mut Provider) -> c_int {
    let ours = Provider {
        init: None,
        shutdown: None,
        get_provider_name: name,
        add_random,
        random,
        hmac,
        kdf,
        cipher,
        get_cipher: cipher_name,
        get_key_sz: key_size,
        get_iv_sz: block_size,
        get_block_sz: block_size,
        get_hmac_sz: hmac_size,
        ctx_init: context,
        ctx_free: context,
        fips_status: no,
        get_provider_version: version,
        next: ptr::null_mut(),
    };
    // SAFETY: the caller has room for it. Written, not assigned: what was there is nothing of ours to drop.
    unsafe { provider.write(ours) };
    OK
}

extern "C" fn name(_: *mut c_void) -> *const c_char {
    const NAME: &CStr = c"rustcrypto";
    NAME.as_ptr()
}

extern "C" fn version(_: *mut c_void) -> *const c_char {
    const VERSION: &CStr = c"aes 0.9, hmac 0.13, sha2 0.11";
    VERSION.as_ptr()
}

extern "C" fn cipher_name(_: *mut c_void) -> *const c_char {
    const CIPHER: &CStr = c"AES-256-CBC";
    CIPHER.as_ptr()
}

extern "C" fn key_size(_: *mut c_void) -> c_int {
    KEY
}

extern "C" fn block_size(_: *mut c_void) -> c_int {
    BLOCK
}

extern "C" fn hmac_size(_: *mut c_void, algorithm: c_int) -> c_int {
    match algorithm {
        SHA256 => 32,
        SHA512 => 64,
        _ => 0,
    }
}

/// There is nothing to keep between calls.
extern "C" fn context(_: *mut *mut c_void) -> c_int {
    OK
}

extern "C" fn no(_: *mut c_void) -> c_int {
    0
}

/// The system's entropy needs no help.
extern "C" fn add_random(_: *mut c_void, _: *const c_void, _: c_int) -> c_int {
    OK
}

unsafe extern "C" fn random(_: *mut c_void, buffer: *mut c_void, length: c_int) -> c_int {
    // SAFETY: SQLCipher's buffer of that length.
    let buffer = unsafe { output(buffer.cast(), length) };
    if getrandom::fill(buffer).is_ok() { OK } else { ERROR }
}

unsafe extern "C" fn hmac(
    _: *mut c_void,
    algorithm: c_int,
    key: *const u8,
    key_length: c_int,
    first: *const u8,
    first_length: c_int,
    second: *const u8,
    second_length: c_int,
    out: *mut u8,
) -> c_int {
    // SAFETY: SQLCipher's buffers of these lengths; the second may be null and is then empty.
    let (key, first, second) = unsafe { (input(key, key_length), input(first, first_length), input(second, second_length)) };
    // SAFETY: as long as `hmac_size` said.
    let out = unsafe { output(out, hmac_size(ptr::null_mut(), algorithm)) };
    match algorithm {
        SHA256 => mac::<Hmac<Sha256>>(key, first, second, out),
        SHA512 => mac::<Hmac<Sha512>>(key, first, second, out),
        _ => ERROR,
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], first: &[u8], second: &[u8], out: &mut [u8]) -> c_int {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return ERROR };
    mac.update(first);
    mac.update(second);
    out.copy_from_slice(&mac.finalize().into_bytes());
    OK
}

unsafe extern "C" fn kdf(
    _: *mut c_void,
    algorithm: c_int,
    password: *const u8,
    password_length: c_int,
    salt: *const u8,
    salt_length: c_int,
    rounds: c_int,
    key_length: c_int,
    key: *mut u8,
) -> c_int {
    // SAFETY: SQLCipher's buffers of these lengths.
    let (password, salt, key) =
        unsafe { (input(password, password_length), input(salt, salt_length), output(key, key_length)) };
    let Ok(rounds) = u32::try_from(rounds) else { return ERROR };
    match algorithm {
        SHA256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, key),
        SHA512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, rounds, key),
        _ => return ERROR,
    }
    OK
}

unsafe extern "C" fn cipher(
    _: *mut c_void,
    mode: c_int,
    key: *const u8,
    key_length: c_int,
    iv: *const u8,
    from: *const u8,
    length: c_int,
    out: *mut u8,
) -> c_int {
    let Ok(size) = usize::try_from(length) else { return ERROR };
    // SAFETY: SQLCipher's buffers of these lengths, the IV of one block. The output may be the input, so it is copied there first, as
    // memory that may overlap, and no reference to the input is made.
    let (key, iv, out) = unsafe {
        ptr::copy(from, out, size);
        (input(key, key_length), input(iv, BLOCK), output(out, length))
    };
    let (blocks, rest) = Array::slice_as_chunks_mut(out);
    if !rest.is_empty() {
        return ERROR;
    }
    if mode == ENCRYPT {
        let Ok(mut cipher) = cbc::Encryptor::<Aes256>::new_from_slices(key, iv) else { return ERROR };
        cipher.encrypt_blocks(blocks);
    } else {
        let Ok(mut cipher) = cbc::Decryptor::<Aes256>::new_from_slices(key, iv) else { return ERROR };
        cipher.decrypt_blocks(blocks);
    }
    OK
}

/// C's bytes; none where the pointer is null or the length negative.
///
/// # Safety
/// Good for that length while they are used.
unsafe fn input<'a>(bytes: *const u8, length: c_int) -> &'a [u8] {
    match usize::try_from(length) {
        // SAFETY: the caller's word.
        Ok(length) if !bytes.is_null() => unsafe { slice::from_raw_parts(bytes, length) },
        _ => &[],
    }
}

/// C's bytes to write to, likewise.
///
/// # Safety
/// Good for that length, and nobody else's, while they are used.
unsafe fn output<'a>(bytes: *mut u8, length: c_int) -> &'a mut [u8] {
    match usize::try_from(length) {
        // SAFETY: the caller's word.
        Ok(length) if !bytes.is_null() => unsafe { slice::from_raw_parts_mut(bytes, length) },
        _ => &mut [],
    }
}
