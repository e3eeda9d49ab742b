//! Only for encrypted stores: libsqlite3-sys tells the linker of an OpenSSL (`-lcrypto`) whatever provider SQLCipher was built
//! with. Ours is `src/host/cipher.rs` and nothing asks OpenSSL for a symbol, so an empty archive of that name is put where the linker
//! looks first: no machine needs OpenSSL for this, and no program is linked with it by accident.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let encryption = std::env::var_os("CARGO_FEATURE_ENCRYPTION").is_some();
    // On Apple's systems SQLCipher takes the system's own cryptography.
    let apple = std::env::var("CARGO_CFG_TARGET_VENDOR")? == "apple";
    if encryption && !apple {
        let out = std::env::var("OUT_DIR")?;
        std::fs::write(Path::new(&out).join("libcrypto.a"), b"!<arch>\n")?;
        println!("cargo::rustc-link-search=native={out}");
    }
    Ok(())
}
