//! Words for refusals: what is not possible, and what the worker can do about it.

use super::{Lang, codes};
use crate::case::{Refusal, RefusalCode, Stage};

/// One sentence for a refusal's code.
pub const fn code_sentence(code: RefusalCode, lang: Lang) -> &'static str {
    use RefusalCode as C;
    match code {
        C::AlreadyReported => lang.pick("该事项已经受理。", "This has been reported already."),
        C::NotReported => lang.pick("尚未受理，请先登记。", "There is no report yet: report it first."),
        C::WrongStage => lang.pick("当前阶段不能这样办理。", "The case's stage doesn't allow this."),
        C::NotAllowed => lang.pick("您的岗位不能在此办理这一步。", "Your posts don't allow this here."),
        C::UnknownPerson => {
            lang.pick("名录中没有此人，或其岗位已结束。", "That person is not in the directory, or holds no post any more.")
        }
        C::Missing => lang.pick("还有必填项没有填写。", "Something required is empty."),
        C::ElementsMissing => lang.pick(
            "协商要素不全，暂不能结束协商。",
            "The consultation's elements are incomplete, so it cannot be concluded yet.",
        ),
        C::TooLong => lang.pick("内容过长，请精简。", "That is too long: please shorten it."),
        C::NoOpenConsultation => lang.pick("没有进行中的协商，请先开始协商。", "No consultation is open: open one first."),
        C::ConsultationOpen => lang.pick("已有一场协商正在进行。", "A consultation is open already."),
        C::NotAgreed => lang.pick("本轮协商尚未达成一致。", "No consultation of this round has ended in agreement."),
        C::NoDraft => lang.pick("还没有协议草稿。", "There is no draft yet."),
        C::DraftSuperseded => lang.pick(
            "协议草稿已被更新的文本取代，请核对后重新签署。",
            "The draft has been superseded: check the newer text and sign again.",
        ),
        C::DraftBeforeHandover => lang.pick(
            "这份草稿是移交之前起草的，请重新起草后再签署。",
            "This draft is from before the case was handed over: draft it anew, then sign.",
        ),
        C::AgreementHolds => lang.pick("已有生效的协议。", "An agreement is in force already."),
        C::SignatureMissing => lang.pick("签名不全。", "Signatures are missing."),
        C::WetInkOnly => lang.pick("此类纠纷依法须纸质签署。", "By law this kind of dispute must be signed on paper."),
        C::UnknownParty => lang.pick("协议或事项中没有这位当事人。", "That is not a party here."),
        C::PartyTwice => lang.pick("同一当事人出现了两次。", "A party stands twice."),
        C::NoCommitment => lang.pick("没有这项约定。", "There is no such commitment."),
        C::CommitmentSettled => lang.pick("这项约定已经了结。", "That commitment is settled already."),
        C::CommitmentsOpen => lang.pick("还有约定没有履行或免除。", "Some commitments are neither fulfilled nor waived."),
        C::PartiesNotAsked => lang.pick("还有当事人没有回访。", "Some parties have not been asked yet."),
        C::Dissatisfied => {
            lang.pick("本轮有当事人不满意，不能结案。", "A party is dissatisfied in this round, so it cannot be closed.")
        }
        C::NothingTried => lang.pick(
            "须先协商未果，或说明为何超出职权。",
            "Raise it after a consultation without agreement, or say why it is beyond powers.",
        ),
        C::WrongReceiver => lang.pick("不能交给这个单位。", "It cannot go to that org."),
        C::BodyNotAsked => {
            lang.pick("转给责任主体前须先与其商定并记录。", "Before a transfer to a body outside, record that it agreed.")
        }
        C::HandedOver => {
            lang.pick("事项已提级或转办，等待对方办理。", "The case has been handed over and is not yours to work now.")
        }
        C::NoHandover => lang.pick("没有可办理的提级或转办。", "There is no handover in the state that this needs."),
        C::UnknownPlace => lang.pick("名录中没有这个地点。", "The directory has no such place."),
        C::OwnDuplicate => lang.pick("事项不能并入自身。", "A case cannot be its own duplicate."),
        C::SheetNotAttached => lang.pick(
            "请先把签好的纸质协议拍照或扫描，作为附件添加到本事项。",
            "Attach photos or scans of the signed sheets to the case first.",
        ),
        C::NotSigned => lang.pick(
            "没有生效的签署协议，或几份协议有争议、须先认定。",
            "No signed agreement is in force, or a choice between several comes first.",
        ),
        C::StampedAlready => lang.pick("这份协议已经盖章。", "This agreement is stamped already."),
        C::NotStamped => lang.pick("这份协议还没有盖章。", "This agreement is not stamped yet."),
        C::ConfirmedAlready => lang.pick("这份协议已经司法确认。", "This agreement is confirmed already."),
        C::NotContested => lang.pick("这些记录之间没有争议。", "Those records are not in contest."),
        C::WrongRound => lang.pick("轮次不符。", "That is not the case's round."),
        C::AfterlifeOver => lang.pick("结案已久，不能再补记。", "The case was closed too long ago to add to it."),
        C::ForeignAuthor => lang.pick("记录的作者与提交人不符。", "The entry names another author than its sender."),
        C::UnreadableEntry => lang.pick("记录无法读取。", "The entry cannot be read."),
        C::StampOrder => lang.pick("记录的次序有误。", "The entry is out of order."),
        C::StampFar => {
            lang.pick("记录的时间过于超前，请检查手机时钟。", "The entry's time is far ahead: check the phone's clock.")
        }
        C::AlreadyRegistered => lang.pick("该地址已有户档。", "That address has a household's record already."),
        C::HouseholdStruck => lang.pick("该户档已注销。", "The household's record has been struck off."),
        C::NotStruck => lang.pick("该户档没有注销。", "The household's record has not been struck off."),
        C::NoResident => lang.pick("户档里没有这位现住人员。", "By the record that person does not live here now."),
        C::TagUnknown => lang.pick("名录里没有这个关爱标签。", "The directory has no such care tag."),
        C::TagUnchanged => lang.pick("这个标签本来就是这样。", "That tag stands so already."),
        C::OtherGrid => lang.pick(
            "户档不能改到别的网格，请在那里另建。",
            "A household's record stays in its grid: register another one there.",
        ),
        C::Implausible => lang.pick("内容不合常理，请核对。", "That cannot be right: please check it."),
    }
}

/// The whole sentence: what is refused, and what it is about.
pub fn refusal_sentence(refusal: &Refusal, lang: Lang) -> String {
    let mut sentence = code_sentence(refusal.code, lang).to_owned();
    let about: Vec<&str> = refusal.about.iter().map(|code| word_for(refusal.code, code, lang)).collect();
    if !about.is_empty() {
        let joined = about.join(lang.pick("、", ", "));
        let (open, close) = if lang == Lang::Zh { ("（", "）") } else { (" (", ")") };
        for part in [open, &joined, close] {
            sentence.push_str(part);
        }
    }
    sentence
}

/// One sentence for a code of the device, its store, its documents, the guard or sync.
pub fn device_sentence(code: &str, lang: Lang) -> Option<&'static str> {
    Some(match code {
        "replaced_not_here" => lang.pick(
            "要取代的原协议还没有下载到本机，请联网下载后再定稿。",
            "The agreement that this one replaces is not on this device: fetch it first.",
        ),
        "no_ceremony" => lang.pick("没有进行中的签署。", "No signing is under way."),
        "outdated" => lang.pick("协议文本已有变化，请重新定稿并签署。", "The text has changed since: freeze and sign it anew."),
        "signature_missing" => lang.pick("签名不全。", "Signatures are missing."),
        "not_found" => lang.pick("本机没有这份记录。", "This phone has no such record."),
        "not_enrolled" => {
            lang.pick("手机尚未登记，请扫描管理员给的二维码。", "This phone is not enrolled: scan the administrator's code.")
        }
        "already_enrolled" => lang.pick("手机已经登记。", "This phone is enrolled already."),
        "other_person" => lang.pick(
            "这个登记码是给另一位人员的；请在这部手机上另开一个身份登记。",
            "The code is another person's: enrol them in a place of their own on this phone.",
        ),
        "lease_over" => lang.pick(
            "这部手机已超过十四天没有联系服务器，已锁定；内容都在，联网同步后即可使用。",
            "This phone has not met its server for fourteen days and is locked; everything is there: sync to open it.",
        ),
        "decided_before" => lang.pick("这一条已有决定。", "That was decided before."),
        "missing_dependency" => {
            lang.pick("它所依据的记录还没有采纳，请先处理。", "What it builds on was not taken in yet: decide on that first.")
        }
        "enrol_not_a_code" => lang.pick("这不是登记码。", "This is not an enrolment code."),
        "enrol_no_server" => lang.pick("登记码里没有服务器地址。", "The code names no server."),
        "code_wrong" => lang.pick("登记码不对。", "The code is wrong."),
        "code_used" => lang.pick("登记码已经用过。", "The code has been used."),
        "code_expired" => lang.pick("登记码已过期，请再要一个。", "The code has expired: ask for another."),
        "unreachable" | "link_dropped" => lang.pick(
            "连不上服务器，内容都在手机里，稍后会再试。",
            "The server can't be reached; everything is on this phone and will be sent later.",
        ),
        "timeout" => {
            lang.pick("服务器没有及时答复，稍后会再试。", "The server did not answer in time; it will be tried again.")
        }
        "untrusted" => {
            lang.pick("服务器的证书不可信，没有发送任何内容。", "The server's certificate is not trusted; nothing was sent.")
        }
        "key" => lang.pick("手机的密钥没有签名。", "The phone's key did not sign."),
        "store_full" => lang.pick(
            "手机存储已满，请清理后再试；已保存的内容都在。",
            "The phone is full: make room and try again; what was saved is there.",
        ),
        "store_damaged" | "damaged_value" => {
            lang.pick("手机数据库损坏，文件原样保留。", "The phone's database is damaged; the file was left as it is.")
        }
        "newer" | "store_newer" => {
            lang.pick("数据由更新的版本写成，请升级。", "The data were written by a newer version: update.")
        }
        "busy" => lang.pick("正在进行，请稍候。", "Busy: try again in a moment."),
        "store_busy" => lang.pick("手机数据库正被另一个程序使用。", "The phone's database is in use by another program."),
        "store_foreign" => {
            lang.pick("这个文件是别的程序的数据库，原样保留。", "The file is another program's database; it was left as it is.")
        }
        "store_wrong_key" => lang.pick(
            "手机数据库是用另一把密钥加密的，打不开，原样保留。",
            "The phone's database is encrypted under another key; it was left as it is.",
        ),
        "store_locked" => lang.pick(
            "手机数据库已加密，没有密钥打不开，原样保留。",
            "The phone's database is encrypted and there is no key; it was left as it is.",
        ),
        "store_no_cipher" => lang.pick(
            "手机数据库已加密，这个版本的程序不支持加密，原样保留。",
            "The phone's database is encrypted, and this program was built without encryption; it was left as it is.",
        ),
        "store_unopenable" | "store_disk" => {
            lang.pick("手机存储无法读写，没有保存。", "The phone's storage can't be read or written; nothing was saved.")
        }
        "enrol_label" => lang.pick("手机名称过长。", "The phone's label is too long."),
        "enrol_malformed" => lang.pick("服务器的答复不是登记的答复。", "The answer is not one to an enrolment."),
        "worker_died" | "worker_too_slow" => lang.pick(
            "服务器检查这条记录时没能完成，已单独保留，不影响其他记录。",
            "The server could not finish checking this record; it was kept aside, and the others went on.",
        ),
        "compressed_chunk" | "document_chunk" | "bundle_chunk" | "malformed" | "bad_checksum" | "hash_mismatch"
        | "unreadable_entry" | "empty_change" | "depth" => {
            lang.pick("这条记录的数据不完整或格式不对。", "This record's data are not whole, or not in the right form.")
        }
        "start_op" | "not_append_only" | "wrong_kind" | "panicked" => {
            lang.pick("这条记录和它所在的文档对不上。", "This record does not fit the document it is for.")
        }
        "not_storable" => lang.pick("服务器没能保存这条记录。", "The server could not store this record."),
        "bundle_foreign" => {
            lang.pick("签署文件与这件事或这份草稿不符。", "The signed agreement is another case's, or of another draft.")
        }
        "heads_differ" | "unloadable" | "not_ours" => {
            lang.pick("这份记录无法读取，已原样保留。", "This record cannot be read; it was kept as it is.")
        }
        "depends_on_refused" => lang.pick("它接在一条未被接受的记录之后。", "It builds on a record that was not accepted."),
        "foreign_actor" | "actor_fork" => {
            lang.pick("记录的来源与本机不符，需要重新整理。", "The record comes from another installation.")
        }
        "sequence_gap" => lang.pick(
            "这部手机较早的记录没有送达，需要重新整理。",
            "Earlier records of this phone did not arrive: this one has to be made again.",
        ),
        "base_missing" => lang.pick(
            "它所依据的记录已不在手机和服务器上，请按内容重新登记。",
            "What it builds on is neither on this phone nor on the server: record it again by what stands here.",
        ),
        "command_lost" => lang.pick(
            "手机上的这条记录已经残缺，能读出的都列在这里。",
            "This record on the phone is damaged; what can still be read of it stands here.",
        ),
        "rescued" => lang.pick(
            "手机数据库损坏，已换新；损坏的文件原样保留，记录会从服务器取回。",
            "The phone's database was damaged and a new one begun; the damaged file was kept, the records come from the server.",
        ),
        "change_lost" => lang.pick(
            "手机数据库损坏，这条记录没能上传，请按内容重新登记。",
            "The phone's database was damaged, so this was not sent: record it again by what stands here.",
        ),
        "part_unreadable" => lang.pick(
            "手机数据库有一处无法读取，可能有未上传的内容缺失；损坏的文件已原样保留，请交给管理员。",
            "A part of the phone's database can't be read and unsent work may be missing; the damaged file was kept: give it to              your administrator.",
        ),
        "seal_counter_reused" => lang.pick(
            "这台设备的封存序号已被另一份协议用过，请重新签署。",
            "Another agreement bears this device's count of seals: have it signed again.",
        ),
        "agreement_number_reused" => {
            lang.pick("这个编号已用于另一件事的协议，请换一个编号。", "Another case's agreement bears this number: take another.")
        }
        "ink_used_before" => lang.pick(
            "有一个签名的笔迹与另一份协议中的完全相同，请重新签署。",
            "A drawing in it is the ink of another agreement: have it signed again.",
        ),
        "bundle_replaces_unknown" => lang.pick(
            "协议称替代了另一份协议，但这件事里没有那一份。",
            "It says it replaces an agreement that was never signed in this case.",
        ),
        "bundle_missing" => lang.pick("签署文件没有一同送达。", "The signed agreement did not come with it."),
        "bundle_altered" => lang.pick("签署文件核验未通过。", "The signed agreement did not pass verification."),
        "too_large" | "too_many_operations" => {
            lang.pick("内容过大，服务器没有接受。", "It is too large for the server to take.")
        }
        "server_older" => {
            lang.pick("服务器版本较旧，升级后会自动上传。", "The server is older: this goes up once it was updated.")
        }
        "attachment_type" => lang
            .pick("不接受这种附件，或内容与类型不符。", "This kind of attachment is not accepted, or it is not what it says."),
        "attachment_too_large" => {
            lang.pick("附件超过上限，请缩小后再试。", "The attachment is larger than is accepted: make it smaller.")
        }
        "attachment_empty" => lang.pick("附件是空的。", "The attachment is empty."),
        "attachment_damaged" => lang.pick(
            "图片已损坏，无法清除其中的位置等信息，没有添加。",
            "The picture is damaged; what it holds beside the picture can't be taken out, so it was not attached.",
        ),
        "attachment_source" => lang.pick("无法读取要添加的附件。", "What was to be attached could not be read."),
        "attachment_sealed" => lang.pick(
            "附件文件已损坏，或密钥已更换，无法打开。",
            "The attachment's file is damaged or was sealed under another key; it does not open.",
        ),
        "attachment_no_key" => {
            lang.pick("手机没有保存附件的密钥。", "This phone has no key under which attachments could be kept.")
        }
        "attachment_unknown" => lang.pick(
            "服务器上还没有这个附件的事项，或已无权查看；附件留在手机里。",
            "The server does not know its case yet, or you may not see it any more; the attachment stays on this phone.",
        ),
        "attachment_absent" => {
            lang.pick("附件还在添加者的手机上，没有上传完。", "The attachment is still on the phone of whoever attached it.")
        }
        "attachment_missing" => lang.pick(
            "服务器上的附件已损坏或丢失，等存有原件的手机补传。",
            "The server's copy of the attachment is damaged or gone; it waits for a phone that has it to send it again.",
        ),
        "attachment_length" | "attachment_hash" => lang.pick(
            "附件内容与记录不符，服务器没有收下；附件留在手机里。",
            "The attachment is not what its record says; the server did not take it, and it stays on this phone.",
        ),
        "attachment_lost" => {
            lang.pick("附件文件已不在手机上，无法上传。", "The attachment's file is no longer on this phone and can't be sent.")
        }
        "attachment_range" | "attachment_stalled" | "attachment_answer" => {
            lang.pick("附件传输未能继续，稍后会再试。", "The attachment did not get on; it will be tried again.")
        }
        "ledger_unknown" => lang.pick("没有这种台账。", "There is no such ledger."),
        "ledger_twice" => lang.pick("两个台账模板用了同一个编号。", "Two ledger templates share an id."),
        "ledger_id" => lang.pick(
            "台账模板的编号只能用小写字母、数字和连字符。",
            "A ledger template's id may hold small letters, digits and hyphens.",
        ),
        "ledger_empty" => lang.pick("台账模板没有任何一栏。", "The ledger template has no columns."),
        "ledger_field" => {
            lang.pick("台账模板里有一栏没有对应的内容。", "A column of the ledger template shows no known field.")
        }
        "ledger_field_twice" => lang.pick("台账模板里同一内容出现了两栏。", "The ledger template shows one field twice."),
        "export_too_large" => {
            lang.pick("台账太大，写不进一个文件，请缩小日期范围。", "The ledger is too large for one file: narrow its range.")
        }
        "export_full" => lang.pick(
            "存储空间不足，台账没有导出，请清理后再试。",
            "There is no room left: the ledger was not exported. Make room and try again.",
        ),
        "export_denied" => {
            lang.pick("不能写入这个位置，台账没有导出。", "Nothing may be written there: the ledger was not exported.")
        }
        "export_failed" => lang.pick("台账没有写成，请再试一次。", "The ledger could not be written: try again."),
        "device_revoked" => lang.pick("这部手机已停用，请联系管理员。", "This phone has been revoked: ask your administrator."),
        _ => return None,
    })
}

/// Why the server set a change aside.
pub fn set_aside_sentence(code: &str, about: &[String], lang: Lang) -> String {
    match RefusalCode::from_code(code) {
        Some(code) => refusal_sentence(&Refusal { code, about: about.to_vec() }, lang),
        None => device_sentence(code, lang)
            .unwrap_or(lang.pick("服务器没有接受这条记录。", "The server did not accept this record."))
            .to_owned(),
    }
}

fn word_for(code: RefusalCode, about: &str, lang: Lang) -> &str {
    match code {
        RefusalCode::WrongStage => {
            let stage = Stage::ALL.iter().find(|stage| stage.name() == about);
            stage.map_or(about, |stage| codes::stage(*stage, lang))
        }
        _ => codes::field(about, lang).unwrap_or(about),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_sentence_in_both_languages() {
        for code in RefusalCode::ALL {
            assert!(code_sentence(*code, Lang::Zh).ends_with('。'), "{code}");
            assert!(code_sentence(*code, Lang::En).ends_with('.'), "{code}");
        }
    }

    #[test]
    fn a_refusal_says_which_of_the_elements_are_missing() {
        let refusal = Refusal::about(RefusalCode::ElementsMissing, ["who", "why"]);
        assert!(refusal_sentence(&refusal, Lang::Zh).contains("何人参与、依据何在"));
        assert!(refusal_sentence(&refusal, Lang::En).contains("who sat at the table, what it rests on"));
    }
}
