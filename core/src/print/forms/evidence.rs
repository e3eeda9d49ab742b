//! What makes the agreement's paper evidence: how its file stands, how to check it, what remains possible; and the annex with the
//! acts, the seal and the codes.

use qrcode::EcLevel;

use super::{colon, day, minute};
use crate::agreement::{
    AgreementFile, Bundle, CheckNumber, CommitteeStamp, Receipt, Signed, SignedAct, key_fingerprint, paper_codes,
};
use crate::case::CONFIRMATION_DAYS;
use crate::print::PrintError;
use crate::print::code::Code;
use crate::print::flow::Flow;
use crate::print::sheet::{LEFT, MEASURE};
use crate::print::table::{Cell, Row};
use crate::print::typeset::{Align, Style};
use crate::print::words::{evidence as said, identity, label};
use crate::time::Date;

/// Edge of the small code, points: 30 mm.
const SMALL_EDGE: f32 = 85.0;
/// Size of a module of the large codes, points: 0.55 mm, which a phone's camera reads at arm's length.
const LARGE_MODULE: f32 = 1.56;
/// Between the large codes.
const BETWEEN: f32 = 4.0;
/// Shares of the table of acts.
const ACT_SHARES: [f32; 4] = [0.06, 0.15, 0.43, 0.36];
/// Characters of a digest on one line of its cell.
const DIGEST_LINE: usize = 32;

/// An agreement's file, read for print.
pub(super) struct Proof {
    pub(super) bundle: Bundle,
    pub(super) number: CheckNumber,
    bytes: Vec<u8>,
    receipt: Option<Receipt>,
    stamp: Option<CommitteeStamp>,
}

impl Proof {
    /// Reads a file. A receipt or stamp that is of another agreement, or cannot be read, is none; whose signatures they bear, the
    /// verifier says, who has the keys.
    pub(super) fn read(file: &[u8]) -> Result<Self, PrintError> {
        let file = AgreementFile::read(file).map_err(|_| PrintError::Agreement)?;
        let bundle = Bundle::read(&file.bundle).map_err(|_| PrintError::Agreement)?;
        let number = CheckNumber::of(&bundle.seal.body);
        let receipt = file.receipt.and_then(|bytes| Receipt::read(&bytes).ok());
        let receipt = receipt.filter(|receipt| {
            let led = receipt.checkpoint().is_ok_and(|checkpoint| receipt.leads_to(&checkpoint.record));
            led && receipt.leaf.bundle == bundle.digest
        });
        let stamp = file.stamp.and_then(|bytes| Signed::<CommitteeStamp>::read(&bytes).ok()).map(|signed| signed.record);
        let stamp = stamp.filter(|stamp| stamp.bundle == bundle.digest);
        Ok(Self { bundle, number, bytes: file.bundle, receipt, stamp })
    }

    /// The day of the committee's stamp, where the file holds one.
    pub(super) fn stamped_on(&self) -> Option<Date> {
        self.stamp.as_ref().map(|stamp| stamp.at.date())
    }

    /// How the file stands, a line each.
    fn states(&self) -> Vec<String> {
        let at = minute(self.bundle.seal.context.at.wall);
        let registered = self.receipt.as_ref().map_or_else(
            || said::NOT_REGISTERED.to_owned(),
            |receipt| said::registered(receipt.index.saturating_add(1), &minute(receipt.leaf.received_at)),
        );
        let stamped = self.stamp.as_ref().map_or_else(
            || said::NOT_STAMPED.to_owned(),
            |stamp| {
                let until = stamp.at.date().plus_days(CONFIRMATION_DAYS);
                said::stamped(&stamp.committee, &day(stamp.at.date()), &day(until))
            },
        );
        vec![format!("{}：{at}。", said::SEALED), registered, stamped]
    }
}

/// Below the signatures: check number, state, how to check it, what remains possible; the small code beside them.
pub(super) fn standing(flow: &mut Flow<'_, '_>, proof: &Proof) -> Result<(), PrintError> {
    let codes = paper_codes(&proof.bytes).map_err(|_| PrintError::Agreement)?;
    let code = Code::of(&codes.seal, EcLevel::M)?;
    let small = Style::SMALL;
    let width = MEASURE - SMALL_EDGE - 14.0;
    let states = proof.states().join("\n");
    let texts = [
        format!("{} {}", label::CHECK_NUMBER, proof.number.grouped()),
        format!("{}{states}", colon(label::STATE)),
        format!("{}{}", colon(label::VERIFY), said::HOW),
        format!("{}{}", colon(label::LIMITS), said::REMAINS),
    ];
    let height: f32 = texts
        .iter()
        .map(|text| u8::try_from(flow.setter.lines(text, &small, width).len()).map_or(0.0, f32::from) * small.leading)
        .sum();
    flow.need(height.max(SMALL_EDGE) + 8.0);
    let top = flow.y();
    flow.rule((LEFT, top), (LEFT + MEASURE, top), 0.4);
    flow.code(&code, LEFT + MEASURE - SMALL_EDGE, top + 4.0, SMALL_EDGE);
    let mut y = top + 5.0;
    for text in &texts {
        y += flow.column(text, &small, LEFT, y, width);
    }
    flow.go_to(y.max(top + SMALL_EDGE + 8.0));
    Ok(())
}

/// The annex, on pages of its own: every act, the seal, the large codes.
pub(super) fn annex(flow: &mut Flow<'_, '_>, proof: &Proof) -> Result<(), PrintError> {
    flow.skip(4.0);
    flow.heading(label::ACTS);
    let mut rows = vec![Row::heads(&label::ACT_COLUMNS, &ACT_SHARES)];
    rows.extend(proof.bundle.acts.iter().enumerate().map(|(place, signed)| act(place, signed)));
    flow.table(rows, 1);
    flow.heading(label::SEAL);
    flow.table(seal(proof), 0);
    flow.skip(6.0);
    let codes = paper_codes(&proof.bytes).map_err(|_| PrintError::Agreement)?;
    let texts = codes.terms;
    let made: Vec<Code> = texts.iter().map(|text| Code::of(text, EcLevel::L)).collect::<Result<_, _>>()?;
    // Heading, what to do with them, and their first row stay together.
    flow.need(60.0 + made.first().map_or(0.0, |code| code.edge(LARGE_MODULE) + 12.0));
    flow.heading(&format!("{}（{}{}）", label::CODES, made.len(), label::PIECES));
    if made.is_empty() {
        flow.text(said::NO_CODES, &Style::SMALL);
    } else {
        flow.text(said::CODES, &Style::SMALL);
        large(flow, &made);
    }
    Ok(())
}

/// The large codes, in rows, each with its number.
fn large(flow: &mut Flow<'_, '_>, codes: &[Code]) {
    let caption = Style::FINE.aligned(Align::Centre);
    let (mut x, mut row) = (LEFT, 0.0_f32);
    for (place, code) in codes.iter().enumerate() {
        let edge = code.edge(LARGE_MODULE).min(MEASURE);
        if x > LEFT && x + edge > LEFT + MEASURE {
            flow.skip(row);
            (x, row) = (LEFT, 0.0);
        }
        if x == LEFT {
            flow.need(edge + caption.leading + 6.0);
        }
        let y = flow.y();
        flow.code(code, x, y, edge);
        flow.column(&format!("{}/{}", place + 1, codes.len()), &caption, x, y + edge - 3.0, edge);
        row = row.max(edge + caption.leading + 4.0);
        x += edge + BETWEEN;
    }
    flow.skip(row);
}

fn act(place: usize, signed: &SignedAct) -> Row {
    let act = signed.act();
    let fine = Style::FINE;
    let who = format!("{}\n{}", act.role.zh(), act.name);
    let read = if act.read_aloud { said::READ_ALOUD } else { said::NOT_READ_ALOUD };
    let key = if act.enrolled.is_some() { said::ENROLLED_KEY } else { said::ONE_TIME_KEY };
    let how = format!(
        "{}　{} {} {}　{read}　{}：{}　{key}\n{}",
        minute(act.at.wall),
        said::SHOWN,
        act.shown_ms / 1_000,
        said::SECONDS,
        said::IDENTITY,
        identity(act.identity),
        act.statement
    );
    let digests = [(said::ACT, signed.digest()), (said::DRAWING, act.drawing), (said::KEY, key_fingerprint(&act.public_key))];
    let digests: Vec<String> = digests.iter().map(|(name, digest)| format!("{name} {}", halved(&digest.to_string()))).collect();
    let [number, name, said, digest] = ACT_SHARES;
    Row::of(vec![
        Cell::value((place + 1).to_string(), number).set(fine).centred(),
        Cell::value(who, name).set(fine.sized(9.0, 13.0).aligned(Align::Left)),
        Cell::value(how, said).set(fine),
        Cell::value(digests.join("\n"), digest).set(fine.sized(6.5, 9.5).aligned(Align::Left)),
    ])
}

/// A digest in two lines of the same length.
fn halved(digest: &str) -> String {
    let (one, two) = digest.split_at_checked(DIGEST_LINE).unwrap_or((digest, ""));
    format!("{one}\n{two}")
}

fn seal(proof: &Proof) -> Vec<Row> {
    let (bundle, context) = (&proof.bundle, &proof.bundle.seal.context);
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let row = |label: &str, value: String| {
        let value = Cell::value(value, 0.76).set(Style::FINE.sized(8.0, 12.0).aligned(Align::Left));
        Row::of(vec![Cell::label(label, 0.24).set(Style::LABEL.sized(8.0, 12.0)), value])
    };
    let previous = context.previous.map_or_else(|| said::FIRST.to_owned(), |digest| digest.to_string());
    vec![
        row(label::CHECK_NUMBER, proof.number.grouped()),
        row(said::AT, minute(context.at.wall)),
        row(said::BODY, bundle.seal.body.to_string()),
        row(said::BODY_SM3, hex(&bundle.seal.body_sm3)),
        row(said::BUNDLE, bundle.digest.to_string()),
        row(said::DEVICE, context.device.to_string()),
        row(said::DEVICE_KEY, key_fingerprint(&bundle.seal.public_key).to_string()),
        row(said::COUNTER, context.counter.to_string()),
        row(said::PREVIOUS, previous),
    ]
}
