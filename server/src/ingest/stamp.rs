//! The committee's stamp as a record of its own, signed with the root's key: made when somebody asks for it and the case's log
//! says that a lead has stamped. What was admitted into the log was judged then; nothing is judged here.

use std::panic::{AssertUnwindSafe, catch_unwind};

use doorstep_core::agreement::AgreementFile;
use doorstep_core::case::{self, Written};
use doorstep_core::document::Document;
use doorstep_core::id::Digest;

use crate::store::{Store, StoreError};

/// The agreement's file: the bundle with the receipt and the stamp that are here, made if a lead has stamped. None: no such bundle.
pub(crate) fn agreement_file(store: &Store, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
    stamp(store, digest)?;
    let Some((_, bundle)) = store.read(|view| view.bundle(digest))?.into_iter().next() else { return Ok(None) };
    let [receipt, stamp] = store.beside(digest)?;
    Ok(Some(AgreementFile { receipt, stamp, ..AgreementFile::of(bundle) }.write()))
}

/// Makes the stamp of this bundle, unless it is there or nobody has stamped.
pub(crate) fn stamp(store: &Store, digest: &Digest) -> Result<(), StoreError> {
    let found = store.read(|view| {
        let first = view.bundle(digest)?.into_iter().next();
        first.map(|(line, _)| Ok::<_, StoreError>((view.document(&line)?, line))).transpose()
    })?;
    let Some((document, line)) = found else { return Ok(()) };
    let stamped = || -> Option<Written> {
        let document = Document::load(&document.bytes).ok()?;
        case::fold(&document.log::<case::Event>().entries).stamped(digest).cloned()
    };
    let Some(stamped) = catch_unwind(AssertUnwindSafe(stamped)).ok().flatten() else { return Ok(()) };
    let digest = *digest;
    store.write(move |tx| tx.stamp(line.id, &digest, &stamped.by, stamped.stamp.time.wall()))
}
