//! A pull's frames for people: one JSON record a line, list rows and the directory opened up, document bytes counted.

use doorstep_core::directory::Directory;
use doorstep_core::row::Row;
use doorstep_core::sync::wire::Frame;
use serde_json::{Value, json};

use crate::error::ApiError;

/// The page's frames, each on its line.
pub(crate) fn lines(mut page: &[u8]) -> Result<Vec<u8>, ApiError> {
    let mut out = Vec::new();
    while !page.is_empty() {
        let (length, rest) = page.split_first_chunk().ok_or_else(|| ApiError::internal(&"a page ends inside a length"))?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let (frame, rest) = rest.split_at_checked(length).ok_or_else(|| ApiError::internal(&"a page ends inside a frame"))?;
        let frame: Frame = minicbor_serde::from_slice(frame).map_err(|cause| ApiError::internal(&cause))?;
        let line = serde_json::to_vec(&show(&frame)).map_err(|cause| ApiError::internal(&cause))?;
        out.extend(line);
        out.push(b'\n');
        page = rest;
    }
    Ok(out)
}

fn show(frame: &Frame) -> Value {
    match frame {
        Frame::Document { doc, kind, bytes, heads, row } => {
            json!({ "document": { "doc": doc, "kind": kind, "bytes": bytes.len(), "heads": heads, "row": open_row(row) } })
        }
        Frame::Changes { doc, kind, changes, heads, row } => {
            let bytes: Vec<_> = changes.iter().map(|change| change.len()).collect();
            json!({ "changes": { "doc": doc, "kind": kind, "bytes": bytes, "heads": heads, "row": open_row(row) } })
        }
        Frame::Forget { doc } => json!({ "forget": { "doc": doc } }),
        Frame::Directory { version, bytes } => {
            let directory = minicbor_serde::from_slice::<Directory>(bytes).ok();
            json!({ "directory": { "version": version, "record": directory } })
        }
        Frame::MustRefetch { new_epoch } => json!({ "must_refetch": { "new_epoch": new_epoch } }),
        Frame::Checkpoint { cursor, done, lost } => {
            // As it goes back in the query.
            let cursor = data_encoding::BASE64URL_NOPAD.encode(cursor);
            json!({ "checkpoint": { "cursor": cursor, "done": done, "lost": lost } })
        }
    }
}

fn open_row(bytes: &[u8]) -> Option<Row> {
    minicbor_serde::from_slice(bytes).ok()
}
