//! Fetching a sealed agreement that another phone made: on demand, by its digest, and believed only if the bytes have it.

use std::io::Read;

use super::{Device, DeviceError};
use crate::agreement::{BUNDLE_MAX, bundle_digest};
use crate::environment::{Response, Transport, TransportError};
use crate::id::Digest;
use crate::store::Meta;
use crate::sync;

impl Device {
    /// The bundle with this digest, from this device or else from the server. None: the server has none for this person.
    pub fn fetch_bundle(&self, transport: &dyn Transport, digest: &Digest) -> Result<Option<Vec<u8>>, DeviceError> {
        if let Some(bytes) = self.bundle(digest)? {
            return Ok(Some(bytes));
        }
        let mut answer = self.ask_for_bundle(transport, digest)?;
        if answer.status == 401 {
            // The token was too old; a sync brings a fresh one.
            self.sync(transport)?;
            answer = self.ask_for_bundle(transport, digest)?;
        }
        match answer.status {
            200 => {}
            404 => return Ok(None),
            // Overloaded, revoked, in repair: that is no word about the agreement.
            _ => return Err(TransportError::Unreachable.into()),
        }
        let mut bytes = Vec::new();
        let most = BUNDLE_MAX as u64 + 1;
        answer.body.take(most).read_to_end(&mut bytes).map_err(|_| TransportError::Unreachable)?;
        if bundle_digest(&bytes) != *digest {
            return Err(DeviceError::Damaged("bundle"));
        }
        self.desk().store.put_bundle(digest, &bytes)?;
        Ok(Some(bytes))
    }

    fn ask_for_bundle(&self, transport: &dyn Transport, digest: &Digest) -> Result<Response, DeviceError> {
        let token = super::meta_text(&self.desk().store, Meta::Token)?.unwrap_or_default();
        Ok(transport.send(&sync::bundle(digest, &token))?)
    }
}
