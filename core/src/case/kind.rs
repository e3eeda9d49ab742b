//! The names of everything that can be done: what a screen lists, greys out and explains before anybody fills in a form.

use super::Command;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $tag:literal,)*) => {
        /// A command without its fields.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CommandKind { $($(#[$doc])* $name,)* }

        impl CommandKind {
            /// All of them, in the order of a case's life.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its stable name: the one under which the command is stored and sent.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $tag,)* }
            }

            /// The kind with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }

        impl Command {
            /// Which command it is.
            pub const fn kind(&self) -> CommandKind {
                match self { $(Self::$name { .. } => CommandKind::$name,)* }
            }
        }
    };
}

kinds! {
    /// 登记受理: a concern comes in.
    Report = "report",
    /// 分派: a worker is named for it.
    Assign = "assign",
    /// 开始协商: people sit down.
    OpenConsultation = "open_consultation",
    /// 结束协商: they rise, agreed, not agreed, or to meet again.
    ConcludeConsultation = "conclude_consultation",
    /// 起草协议: what was agreed is written down.
    DraftAgreement = "draft_agreement",
    /// 签署协议: the end of the signing, witnessed and sealed.
    SealAgreement = "seal_agreement",
    /// 口头协议: agreed by word, with a witness.
    RecordOralAgreement = "record_oral_agreement",
    /// 纸质签署: the printed draft signed in wet ink, with a photo of it.
    RecordPaperAgreement = "record_paper_agreement",
    /// 盖章: the committee stamps what was signed.
    StampAgreement = "stamp_agreement",
    /// 司法确认: a court confirmed it.
    ConfirmAgreement = "confirm_agreement",
    /// 履行: a commitment was carried out.
    FulfilCommitment = "fulfil_commitment",
    /// 延期: a commitment gets more time.
    ExtendCommitment = "extend_commitment",
    /// 未履行: a commitment was not kept.
    DefaultCommitment = "default_commitment",
    /// 免除: its beneficiary waives a commitment.
    WaiveCommitment = "waive_commitment",
    /// 办结: everything agreed is done.
    Complete = "complete",
    /// 现场问效: a look at the effect on the spot.
    CheckEffect = "check_effect",
    /// 评价: what a party says.
    RecordFeedback = "record_feedback",
    /// 回访未果: a party was not reached.
    RecordFeedbackTry = "record_feedback_try",
    /// 结案: everybody has answered.
    Close = "close",
    /// 提级: to an office, a centre or the committee.
    Raise = "raise",
    /// 转办: to a unit or a responsible body.
    Transfer = "transfer",
    /// 接收: the receiver takes it.
    AcceptHandover = "accept_handover",
    /// 退回: the receiver sends it back.
    ReturnHandover = "return_handover",
    /// 办复: the receiver settled it.
    SettleHandover = "settle_handover",
    /// 收回: the community takes its offer back.
    RecallHandover = "recall_handover",
    /// 召集部门: the committee calls departments to one table.
    ConveneDepartments = "convene_departments",
    /// 撤回: the reporter takes the concern back.
    Withdraw = "withdraw",
    /// 并案: it is another case's duplicate.
    MarkDuplicate = "mark_duplicate",
    /// 备注: somebody notes something.
    Note = "note",
    /// 附件: somebody attaches something.
    Attach = "attach",
    /// 争议认定: the lead chooses between events that exclude each other.
    SettleContest = "settle_contest",
    /// 编辑文本: somebody types in one of the shared texts.
    EditText = "edit_text",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_kind_is_the_one_its_command_is_stored_under() {
        for command in [Command::Close, Command::AcceptHandover, Command::Note { text: String::new() }] {
            let stored = serde_json::to_value(&command).unwrap();
            assert_eq!(stored["do"].as_str(), Some(command.kind().name()));
        }
        assert_eq!(CommandKind::from_name("record_feedback_try"), Some(CommandKind::RecordFeedbackTry));
        assert_eq!(CommandKind::from_name("praise"), None);
    }
}
