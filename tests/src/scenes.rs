//! What workers say to their phones, with the parts that don't matter to a test filled in.

use doorstep_core::agreement::{Drawing, Identity, SignerRole, Signing};
use doorstep_core::case::{
    Channel, Command, Commitment, DisputeKind, Elements, Form, Outcome, Participant, Party, PartyKind, Reported, Reporter,
    TextName,
};
use doorstep_core::device::{SealedAgreement, Terms};
use doorstep_core::environment::Clock as _;
use doorstep_core::id::DocId;
use doorstep_core::people::Place;
use doorstep_core::time::{Date, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::phone::Phone;
use crate::world::World;

/// The two parties of every agreement here.
pub const PARTIES: [&str; 2] = ["张建国", "李秀英"];

/// In the first grid of Nanchenggen.
pub fn place() -> Place {
    place_in("nanchenggen", "ncg-1")
}

/// In this community and grid.
pub fn place_in(community: &str, grid: &str) -> Place {
    let slug = "a slug of the sample";
    Place {
        community: community.parse().expect(slug),
        grid: grid.parse().expect(slug),
        building: None,
        detail: "1号楼2单元".into(),
    }
}

/// A report with this title.
pub fn reported(title: &str) -> Reported {
    Reported {
        channel: Channel::InPerson,
        reporter: Some(Reporter { name: "李秀英".into(), phone: String::new() }),
        title: title.into(),
        place: place(),
        category: "邻里纠纷".into(),
        account: "私装阀门。".into(),
        visit: None,
    }
}

/// Reports a case on this phone.
pub fn report(phone: &Phone, title: &str) -> DocId {
    phone.device().report(reported(title)).expect("reported").id
}

/// A note.
pub fn note(text: &str) -> Command {
    Command::Note { text: text.into() }
}

/// Types this behind what stands in the text.
pub fn add_text(phone: &Phone, case: DocId, text: TextName, more: &str) -> Command {
    let now = phone.device().text(case, text).expect("a text");
    Command::EditText { text, now: format!("{now}{more}") }
}

/// All of the 5W.
pub fn elements(at: Timestamp) -> Elements {
    let who = PARTIES.map(|name| Participant { name: name.into(), capacity: "业主".into() });
    Elements {
        who: who.into(), what: "恢复供水".into(), when: Some(at), place: "现场".into(), why: "立管为共用部位".into()
    }
}

/// A consultation on site with all of the 5W.
pub fn sit_down(at: Timestamp) -> Command {
    Command::OpenConsultation { form: Form::OnSite, elements: elements(at) }
}

/// They agree.
pub fn agreed() -> Command {
    Command::ConcludeConsultation { outcome: Outcome::Agreed, elements: Elements::default() }
}

/// The agreement's draft, with one commitment due on this day.
pub fn draft(due: Date) -> Command {
    Command::DraftAgreement {
        dispute: DisputeKind::Ordinary,
        parties: PARTIES.map(|name| Party { name: name.into(), kind: PartyKind::Resident }).into(),
        facts: "张建国在公共立管上自装阀门。".into(),
        terms: "张建国拆除阀门，恢复供水。".into(),
        commitments: vec![Commitment { party: PARTIES[0].into(), deed: "拆除阀门".into(), due, amount_fen: None }],
    }
}

/// Transfers the case to the telecom unit.
pub fn transfer() -> Command {
    let to = "telecom".parse().expect("an org of the sample");
    Command::Transfer { to, reason: "电信线路".into(), agreed: None }
}

/// A case on this phone that has come to a draft.
pub fn drafted(world: &World, phone: &Phone) -> DocId {
    let case = report(phone, "私装阀门致邻居停水");
    let now = world.clock.now();
    for command in [sit_down(now), agreed(), draft(now.date().plus_days(7))] {
        phone.device().run(case, &command).expect("a step towards the draft");
        world.minutes(5);
    }
    case
}

/// Both parties and a witness sign the frozen text.
pub fn sign_all(phone: &Phone, case: DocId) {
    for signing in hands(phone) {
        phone.device().sign(case, signing, false).expect("signed");
    }
}

/// How both parties and a witness sign.
pub fn hands(phone: &Phone) -> Vec<Signing> {
    let hands = [(SignerRole::Party, PARTIES[0]), (SignerRole::Party, PARTIES[1]), (SignerRole::Witness, "陈志强")];
    let signing = |(number, (role, name)): (usize, (SignerRole, &str))| {
        let capacity = if role == SignerRole::Witness { "片区民警" } else { "" };
        Signing {
            role,
            name: name.into(),
            capacity: capacity.into(),
            by: None,
            identity: Identity::Known,
            shown_ms: 40_000,
            read_aloud: true,
            at: phone.device().moment(),
            drawing: ink(phone, number),
            dynamics: None,
            photo: None,
        }
    };
    hands.into_iter().enumerate().map(signing).collect()
}

/// Some strokes, of another hand for another number, and never the same ink again: nobody writes their name twice alike.
fn ink(phone: &Phone, number: usize) -> Drawing {
    let when = phone.device().moment().wall.0.to_be_bytes();
    let named = phone.dir.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default();
    let by_chance = phone.entropy.next().to_be_bytes();
    let hand: [u8; 32] = Sha256::digest([named.as_slice(), &when, &by_chance].concat()).into();
    let shake = |step: u32| f64::from(hand[usize::try_from(step).unwrap_or_default()]) / 16.0;
    let bend = f64::from(u32::try_from(number).unwrap_or_default()) * 17.0;
    let stroke = |y: f64| {
        let point = |step: u32| (20.0 + f64::from(step) * 11.0, y + (f64::from(step) * 0.7 + bend).sin() * 14.0 + shake(step));
        (0..24).map(point).collect()
    };
    Drawing::from_raw(320, 200, &[stroke(50.0), stroke(100.0), stroke(150.0)]).expect("a drawing")
}

/// A case on this phone with a sealed agreement, nothing of it sent yet.
pub fn sealed(world: &World, phone: &Phone) -> (DocId, SealedAgreement) {
    let case = drafted(world, phone);
    phone.device().freeze(case, Terms::default()).expect("frozen");
    sign_all(phone, case);
    (case, phone.device().seal(case).expect("sealed"))
}
