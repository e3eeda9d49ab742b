//! Words for everything that can be done to a case: what stands on a button or in a menu.

use super::Lang;
use crate::case::CommandKind;

/// What a command is called.
pub const fn command(kind: CommandKind, lang: Lang) -> &'static str {
    use CommandKind as K;
    match kind {
        K::Report => lang.pick("受理登记", "report"),
        K::Assign => lang.pick("分派", "assign"),
        K::OpenConsultation => lang.pick("开始协商", "open a consultation"),
        K::ConcludeConsultation => lang.pick("结束协商", "conclude the consultation"),
        K::DraftAgreement => lang.pick("起草协议", "draft an agreement"),
        K::SealAgreement => lang.pick("签署封存", "sign and seal"),
        K::RecordOralAgreement => lang.pick("记录口头协议", "record an oral agreement"),
        K::StampAgreement => lang.pick("调委会盖章", "stamp the agreement"),
        K::ConfirmAgreement => lang.pick("记录司法确认", "record the court's confirmation"),
        K::RecordPaperAgreement => lang.pick("记录纸质签署", "record an agreement signed on paper"),
        K::FulfilCommitment => lang.pick("记为已履行", "record as fulfilled"),
        K::ExtendCommitment => lang.pick("延期", "give more time"),
        K::DefaultCommitment => lang.pick("记为未履行", "record as not kept"),
        K::WaiveCommitment => lang.pick("免除约定", "record a waiver"),
        K::Complete => lang.pick("办结", "complete"),
        K::CheckEffect => lang.pick("现场问效", "check the effect"),
        K::RecordFeedback => lang.pick("记录评价", "record feedback"),
        K::RecordFeedbackTry => lang.pick("记录回访未果", "record that a party was not reached"),
        K::Close => lang.pick("结案", "close"),
        K::Raise => lang.pick("提级", "raise"),
        K::Transfer => lang.pick("转办", "transfer"),
        K::AcceptHandover => lang.pick("接收", "accept"),
        K::ReturnHandover => lang.pick("退回", "send back"),
        K::SettleHandover => lang.pick("办复", "settle"),
        K::RecallHandover => lang.pick("收回", "recall"),
        K::ConveneDepartments => lang.pick("召集部门", "convene departments"),
        K::Withdraw => lang.pick("撤回", "withdraw"),
        K::MarkDuplicate => lang.pick("并案", "mark as a duplicate"),
        K::Note => lang.pick("备注", "note"),
        K::Attach => lang.pick("添加附件", "attach"),
        K::SettleContest => lang.pick("争议认定", "settle a contest"),
        K::EditText => lang.pick("编辑文本", "edit a text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_own_words_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let mut words: Vec<&str> = CommandKind::ALL.iter().map(|kind| command(*kind, lang)).collect();
            assert!(words.iter().all(|word| !word.is_empty()));
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), CommandKind::ALL.len(), "two buttons must not read alike");
        }
    }
}
