//! The signing ceremony as the story plays it: the text is frozen and read aloud, everybody signs, and it is sealed.

use doorstep_core::agreement::{Identity, SignerRole, Signing};
use doorstep_core::device::{SealedAgreement, Terms};
use doorstep_core::id::DocId;

use crate::demo::cast::World;
use crate::desk::ink;
use crate::words::Said;

/// How long the text lies before somebody who signs, milliseconds.
const SHOWN_MS: u64 = 40_000;

/// Somebody who signs.
pub(super) struct Signer<'a> {
    pub(super) role: SignerRole,
    pub(super) name: &'a str,
    pub(super) capacity: &'a str,
    pub(super) identity: Identity,
    /// Whose hand draws: the same strokes with another tremor.
    pub(super) hand: u64,
}

/// Holds it on one phone, which needs no network for it. The mediator signs with the phone's own key.
pub(super) fn hold(world: &World, id: &str, case: DocId, table: &[Signer<'_>]) -> Result<SealedAgreement, Said> {
    let mediator = table.iter().find(|signer| signer.role == SignerRole::Mediator).map(|signer| signer.name.to_owned());
    let device = world.device(id)?;
    let refused = |error| world.unexpected(id, &error);
    let pad = device.freeze(case, Terms { number: None, mediator }).map_err(refused)?;
    let frozen = world.pick("定稿并朗读，核验码", "freezes the text and reads it aloud, check number");
    world.tell(id, &format!("{frozen} {}", pad.check_number));
    for signer in table {
        world.minutes(1)?;
        let signing = Signing {
            role: signer.role,
            name: signer.name.into(),
            capacity: signer.capacity.into(),
            by: None,
            identity: signer.identity,
            shown_ms: SHOWN_MS,
            read_aloud: true,
            at: device.moment(),
            drawing: ink::draw(signer.name, signer.hand)?,
            dynamics: None,
            dynamics_consent: false,
            photo: None,
        };
        device.sign(case, signing, signer.role == SignerRole::Mediator).map_err(refused)?;
    }
    let names: Vec<&str> = table.iter().map(|signer| signer.name).collect();
    let names = names.join(world.pick("、", ", "));
    world.tell(id, &format!("✍ {names} {}", world.pick("依次签名，各方签齐", "sign one after the other; everybody has")));
    let sealed = device.seal(case).map_err(refused)?;
    world.tell_last(id, &sealed.case);
    Ok(sealed)
}
