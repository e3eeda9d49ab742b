//! Doorstep for phones.
uniffi::setup_scaffolding!();
