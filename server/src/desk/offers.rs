//! `phone offers`: what can I do with it now, and what not, and why.

use doorstep_core::case::{CommandKind, Offer};
use doorstep_core::words;
use serde::Serialize;

use super::phone::Phone;
use super::print::{Table, json};
use super::{Which, fail};
use crate::words::{Said, say};

/// How a command is typed here.
const fn typed(kind: CommandKind) -> &'static str {
    match kind {
        CommandKind::Report => "report",
        CommandKind::Assign => "assign",
        CommandKind::OpenConsultation => "consult open",
        CommandKind::ConcludeConsultation => "consult conclude",
        CommandKind::DraftAgreement => "draft",
        CommandKind::SealAgreement => "sign",
        CommandKind::RecordOralAgreement => "oral",
        CommandKind::RecordPaperAgreement => "paper",
        CommandKind::StampAgreement => "stamp",
        CommandKind::ConfirmAgreement => "confirm",
        CommandKind::FulfilCommitment => "fulfil",
        CommandKind::ExtendCommitment => "extend",
        CommandKind::DefaultCommitment => "default",
        CommandKind::WaiveCommitment => "waive",
        CommandKind::Complete => "complete",
        CommandKind::CheckEffect => "effect",
        CommandKind::RecordFeedback => "feedback",
        CommandKind::RecordFeedbackTry => "tried",
        CommandKind::Close => "close",
        CommandKind::Raise => "raise",
        CommandKind::Transfer => "transfer",
        CommandKind::AcceptHandover => "accept",
        CommandKind::ReturnHandover => "return",
        CommandKind::SettleHandover => "settle",
        CommandKind::RecallHandover => "recall",
        CommandKind::ConveneDepartments => "convene",
        CommandKind::Withdraw => "withdraw",
        CommandKind::MarkDuplicate => "duplicate",
        CommandKind::Note => "note",
        CommandKind::Attach => "attach",
        CommandKind::SettleContest => "contest settle",
        CommandKind::EditText => "text",
    }
}

#[derive(Serialize)]
struct Record {
    kind: &'static str,
    command: &'static str,
    words: &'static str,
    allowed: bool,
    code: Option<&'static str>,
    about: Vec<String>,
    sentence: Option<String>,
}

pub(super) fn run(phone: &Phone, which: &Which) -> Result<(), Said> {
    let id = phone.case(&which.id)?;
    let offers = phone.device.offers(id).map_err(|error| fail::told(&error))?;
    phone.touched(doorstep_core::id::DocKind::Case, id);
    let sentence = |offer: &Offer| offer.refusal.as_ref().map(|refusal| words::refusal_sentence(refusal, phone.lang));
    if phone.json {
        let record = |offer: &Offer| Record {
            kind: offer.kind.name(),
            command: typed(offer.kind),
            words: words::command(offer.kind, phone.lang),
            allowed: offer.refusal.is_none(),
            code: offer.refusal.as_ref().map(|refusal| refusal.code.as_str()),
            about: offer.refusal.as_ref().map(|refusal| refusal.about.clone()).unwrap_or_default(),
            sentence: sentence(offer),
        };
        json(&offers.iter().map(record).collect::<Vec<_>>());
        return Ok(());
    }
    if offers.is_empty() {
        say!("{}", phone.pick("按您的岗位，这件事项只能查看。", "with your posts, this case can only be looked at."));
        return Ok(());
    }
    let (now, not): (Vec<&Offer>, Vec<&Offer>) = offers.iter().partition(|offer| offer.refusal.is_none());
    for (heading, part) in [(phone.pick("现在可以：", "now:"), now), (phone.pick("现在还不行：", "not now:"), not)] {
        if part.is_empty() {
            continue;
        }
        say!("{heading}");
        let mut table = Table::new(&["", "", ""]).whole();
        for offer in part {
            let words = words::command(offer.kind, phone.lang).to_owned();
            table.row([typed(offer.kind).to_owned(), words, sentence(offer).unwrap_or_default()]);
        }
        table.lines().iter().skip(1).for_each(|line| say!("  {line}"));
    }
    Ok(())
}
