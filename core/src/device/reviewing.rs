//! A lead reads and decides what revoked devices pushed: over the network, at once; nothing of it is kept here.

use std::io::Read;

use super::{Device, DeviceError};
use crate::environment::{Response, Transport, TransportError};
use crate::sync::Identity;
use crate::sync::aside::{self, AsideAnswer, Decision};
use crate::sync::wire::{ErrorAnswer, HEADER_NONCE};
use crate::words::Lang;

/// Largest answer, bytes: a hundred changes as lines to read.
const ANSWER_MAX: u64 = 4 << 20;

impl Device {
    /// Carries out these decisions, in their order, and gives what is still to be decided by this device's person.
    ///
    /// # Errors
    /// [`DeviceError::Answered`]: the server said no.
    pub fn review(&self, transport: &dyn Transport, decisions: Vec<Decision>) -> Result<AsideAnswer, DeviceError> {
        let enrolled = self.enrolled().ok_or(DeviceError::NotEnrolled)?;
        drop(self.open_desk()?);
        let identity = Identity { device: enrolled.device, person: enrolled.person };
        let asked = transport.send(&crate::sync::enrol::nonce_request())?;
        let nonce = asked.header(HEADER_NONCE).unwrap_or_default().to_owned();
        let lang = match self.lang() {
            Lang::Zh => "zh",
            Lang::En => "en",
        };
        let signed = aside::request(decisions, lang, &identity, &nonce, &*self.host.signer);
        let Response { status, body, .. } = transport.send(&signed.map_err(|_| DeviceError::Key)?)?;
        let mut bytes = Vec::new();
        body.take(ANSWER_MAX).read_to_end(&mut bytes).map_err(|_| TransportError::Unreachable)?;
        if status == 200 {
            return minicbor_serde::from_slice(&bytes).map_err(|_| TransportError::Unreachable.into());
        }
        match minicbor_serde::from_slice::<ErrorAnswer>(&bytes) {
            Ok(answer) => Err(DeviceError::Answered(Box::new(answer))),
            Err(_) => Err(TransportError::Unreachable.into()),
        }
    }
}
