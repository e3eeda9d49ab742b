//! A device's certificate: the sub-district's root key says whose device a seal's key is.
//!
//! `["doorstep-device-certificate", 1, tenant, device, person, key, issued]`, signed. It has no end: what was sealed while
//! the device was in order stays sealed when the device is replaced. That a device was revoked is the server's to know,
//! which takes nothing in from it; the receipt's time says on which side of the revocation an agreement lies.

use super::canon::{ReadError, Reader, Record, Writer};
use super::signed::{self, Signed};
use crate::environment::{Signer, SignerError};
use crate::id::{DeviceId, PersonId};
use crate::time::Timestamp;

const NAME: &str = "doorstep-device-certificate";
const VERSION: u64 = 1;
const TAG: &str = "doorstep-device-certificate-1";

/// What the root says of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCertificate {
    /// The sub-district's name.
    pub tenant: String,
    /// The device.
    pub device: DeviceId,
    /// Whose it is.
    pub person: PersonId,
    /// Its key, SEC1 compressed.
    pub public_key: [u8; 33],
    /// When this was said, by the server's clock.
    pub issued_at: Timestamp,
}

impl DeviceCertificate {
    /// Signed with the root's key: what the device keeps and puts into its seals.
    pub fn sign(&self, root: &dyn Signer) -> Result<Vec<u8>, SignerError> {
        signed::sign(TAG, self, root)
    }
}

impl Signed<DeviceCertificate> {
    /// The certificate in these bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        signed::open(bytes)
    }

    /// Whether this is the key that signed it.
    pub fn is_by(&self, key: &[u8; 33]) -> bool {
        self.is_by_under(TAG, key)
    }
}

impl Record for DeviceCertificate {
    fn put(&self, out: &mut Writer) {
        out.array(7);
        out.text(NAME);
        out.uint(VERSION);
        out.text(&self.tenant);
        out.bytes(self.device.as_bytes());
        out.text(self.person.as_str());
        out.bytes(&self.public_key);
        out.int(self.issued_at.0);
    }

    fn get(input: &mut Reader<'_>) -> Result<Self, ReadError> {
        input.opening(7, NAME, VERSION)?;
        Ok(Self {
            tenant: input.string()?,
            device: DeviceId::from_bytes(input.exactly()?),
            person: input.parsed()?,
            public_key: input.exactly()?,
            issued_at: Timestamp(input.int()?),
        })
    }
}
