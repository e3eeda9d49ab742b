//! What the linker is told for a library that is built to be small (`profile.phone`, or any other with opt-level "s" or "z").
//!
//! Both are lld's words, so they are said only where Rust or the platform brings lld. Functions that came out as the same bytes, of which
//! generics make many, are kept once; nothing here compares the addresses of functions. And what the loader must put right is written
//! down packed: glibc reads that since 2.36, Android in its own form since API level 23.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let said = |name: &str| env::var(name).unwrap_or_default();
    if !matches!(said("OPT_LEVEL").as_str(), "s" | "z") {
        return;
    }
    let packed = match (said("CARGO_CFG_TARGET_OS").as_str(), said("TARGET").as_str()) {
        ("android", _) => "--pack-dyn-relocs=android",
        (_, "x86_64-unknown-linux-gnu") => "-z,pack-relative-relocs",
        _ => return,
    };
    println!("cargo::rustc-link-arg-cdylib=-Wl,--icf=all");
    println!("cargo::rustc-link-arg-cdylib=-Wl,{packed}");
}
