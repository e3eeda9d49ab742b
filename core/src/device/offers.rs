//! What the person can do with a case now: for screens, before anybody fills in a form.

use super::{Device, DeviceError};
use crate::case::{self, Offer, Origin, Setting};
use crate::id::DocId;

impl Device {
    /// Every kind of command that the person's posts could ever allow on this case, in the order of a case's life, each
    /// with the reason where role or stage don't allow it now. Fields are not looked at: [`Device::would`] does that.
    pub fn offers(&self, id: DocId) -> Result<Vec<Offer>, DeviceError> {
        let mut desk = self.open_desk()?;
        let open = desk.open_case(id)?;
        let now = self.host.clock.now().plus_ms(desk.offset_ms);
        let offers = desk.person().map(|person| {
            let setting = Setting { directory: &desk.directory, person, case: id, origin: Origin::Here { now } };
            case::offers(&setting, &open.state)
        });
        desk.loaded.put(id, open);
        offers
    }
}
