//! Generates the foreign sides of the bindings: `cargo run -p doorstep-bindings --features cli --bin uniffi-bindgen`.
fn main() {
    uniffi::uniffi_bindgen_main();
}
