//! `doorstep admin anchors`: the public keys that verifiers trust beforehand, to be published where people can find them.

use super::failed;
use crate::config::ServerEntropy;
use crate::store::Store;
use crate::words::{Lang, Said, say};

pub(super) fn run(store: &Store, lang: Lang) -> Result<(), Said> {
    store.found_log(&ServerEntropy, super::now()).map_err(|error| failed(&error))?;
    let directory = store.directory().map_err(|error| failed(&error))?;
    let anchors = store.anchors().map_err(|error| failed(&error))?.unwrap_or_default();
    say!("# {} · {}", directory.name, lang.pick("根公钥与登记簿公钥", "keys of the root and of the log"));
    say!("{}", anchors.to_string().trim_end());
    Ok(())
}
