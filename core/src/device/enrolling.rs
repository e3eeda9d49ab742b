//! How a device gets in: an administrator's code, the phone's own key, one request.

use std::io::Read;

use super::{Device, DeviceError, Enrolled};
use crate::environment::{Request, Response, Transport, TransportError, random};
use crate::store::Meta;
use crate::sync::enrol::{self, Invitation};
use crate::sync::wire::HEADER_NONCE;

/// Largest answer to an enrolment, bytes.
const ANSWER_MAX: u64 = 64 << 10;

impl Device {
    /// Enrols this device with a code: the text of the QR, or the ten characters typed. `server` is remembered; `label` is
    /// what people call the device.
    pub fn enrol(&self, transport: &dyn Transport, code: &str, server: &str, label: &str) -> Result<Enrolled, DeviceError> {
        if self.enrolled().is_some() {
            return Err(DeviceError::AlreadyEnrolled);
        }
        let welcome = self.redeem(transport, code, server, label)?;
        self.become_device(welcome)
    }

    /// Enrols it once more, for the same person: a server that was put back to a backup may not know it any more, and a
    /// device that was revoked by mistake needs another name. Everything on it stays, what is unsent goes up under the new one.
    ///
    /// # Errors
    /// [`DeviceError::OtherPerson`]: the code is somebody else's. This device stays what it is; theirs needs its own place.
    pub fn enrol_again(
        &self,
        transport: &dyn Transport,
        code: &str,
        server: &str,
        label: &str,
    ) -> Result<Enrolled, DeviceError> {
        let before = self.enrolled().ok_or(DeviceError::NotEnrolled)?;
        if self.wipe_ordered() {
            return Err(DeviceError::Revoked);
        }
        let welcome = self.redeem(transport, code, server, label)?;
        if welcome.enrolled.person != before.person {
            return Err(DeviceError::OtherPerson);
        }
        // The names that the old device wrote under are its own: from here on this one has others.
        let node = random::<8>(&*self.host.entropy);
        let mut desk = self.desk();
        desk.store.begin_installation(&self.host.installation, &node)?;
        desk.node = u64::from_be_bytes(node);
        drop(desk);
        self.become_device(welcome)
    }

    fn redeem(&self, transport: &dyn Transport, code: &str, server: &str, label: &str) -> Result<Welcome, DeviceError> {
        let invitation = Invitation::read(code)?;
        let asked = transport.send(&enrol::nonce_request())?;
        let nonce = asked.header(HEADER_NONCE).unwrap_or_default().to_owned();
        let request = enrol::request(&invitation.code, label, &nonce, &*self.host.signer)?;
        let (status, next_nonce, body) = whole(transport, &request)?;
        let answer = enrol::answer(status, &body)?;
        let certificate = answer.certificate.map(serde_bytes::ByteBuf::into_vec);
        let enrolled = Enrolled {
            device: answer.device,
            person: answer.person,
            tenant: answer.tenant,
            server: invitation.server.unwrap_or_else(|| server.to_owned()),
        };
        let nonce = next_nonce.map(|nonce| super::syncing::keep_nonce(&nonce, self.host.clock.now()));
        Ok(Welcome { enrolled, nonce, certificate })
    }

    fn become_device(&self, welcome: Welcome) -> Result<Enrolled, DeviceError> {
        let Welcome { enrolled, nonce, certificate } = welcome;
        let mut desk = self.desk();
        desk.store.set_meta(&[
            (Meta::Nonce, nonce.as_deref()),
            (Meta::Certificate, certificate.as_deref()),
            (Meta::Token, None),
            (Meta::Device, Some(enrolled.device.as_bytes().as_slice())),
            (Meta::Person, Some(enrolled.person.as_str().as_bytes())),
            (Meta::Tenant, Some(enrolled.tenant.as_bytes())),
            (Meta::Server, Some(enrolled.server.as_bytes())),
        ])?;
        desk.enrolled = Some(enrolled.clone());
        // The server's word, at this phone's idea of the time until a sync knows better.
        let now = self.host.clock.now().plus_ms(desk.offset_ms);
        desk.begin_lease(now, self.host.clock.monotonic())?;
        Ok(enrolled)
    }
}

/// What a server gives to a new device.
struct Welcome {
    enrolled: Enrolled,
    nonce: Option<Vec<u8>>,
    certificate: Option<Vec<u8>>,
}

/// A small answer, whole, with the nonce for the next request.
fn whole(transport: &dyn Transport, request: &Request) -> Result<(u16, Option<String>, Vec<u8>), DeviceError> {
    let answer = transport.send(request)?;
    let nonce = answer.header(HEADER_NONCE).map(str::to_owned);
    let Response { status, body, .. } = answer;
    let mut bytes = Vec::new();
    body.take(ANSWER_MAX).read_to_end(&mut bytes).map_err(|_| TransportError::Unreachable)?;
    Ok((status, nonce, bytes))
}
