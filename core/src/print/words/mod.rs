//! The fixed words of the printed forms, all in one place. Chinese only: they are papers of a Chinese mediation committee,
//! and a translation would be another paper.
//!
//! The headings' font holds exactly the characters of the files in this folder: after a change here, run `core/fonts/build`.

mod notice;

use crate::agreement::Identity;
pub(super) use notice::{DUTIES, EFFECT, INTRODUCTION, RIGHTS, SIGNING_ON_A_SCREEN};

/// Titles of the forms.
pub(super) mod title {
    pub(in crate::print) const AGREEMENT: &str = "人民调解协议书";
    pub(in crate::print) const DRAFT: &str = "人民调解协议书（纸面签署稿）";
    pub(in crate::print) const INTAKE: &str = "人民调解受理登记表";
    pub(in crate::print) const NOTICE: &str = "权利义务告知书";
    pub(in crate::print) const CONSULTATIONS: &str = "人民调解记录";
    pub(in crate::print) const PERFORMANCE: &str = "协议履行情况记录";
    pub(in crate::print) const FOLLOW_UP: &str = "人民调解回访记录";
    pub(in crate::print) const DOSSIER: &str = "人民调解卷宗";
    pub(in crate::print) const CONTENTS: &str = "卷内目录";
    pub(in crate::print) const CLOSING: &str = "卷内备考表";
}

/// What stands before a value, or above a column.
pub(super) mod label {
    pub(in crate::print) const NUMBER: &str = "编号";
    pub(in crate::print) const CHECK_NUMBER: &str = "核验码";
    /// Behind it stands what `party_label` gives, in the headings' font too: 甲乙丙丁戊己庚辛壬癸.
    pub(in crate::print) const PARTY: &str = "当事人";
    pub(in crate::print) const WITNESS: &str = "见证人";
    pub(in crate::print) const MEDIATOR: &str = "人民调解员";
    pub(in crate::print) const SIGNATURE: &str = "（签名）";
    pub(in crate::print) const STAMP: &str = "（印章）";
    pub(in crate::print) const DATE_BLANK: &str = "　　　　年　　月　　日";
    pub(in crate::print) const FACTS: &str = "纠纷主要事实、争议事项";
    pub(in crate::print) const AGREED: &str = "经调解，自愿达成如下协议";
    pub(in crate::print) const STATE: &str = "文件状态";
    pub(in crate::print) const VERIFY: &str = "核验方法";
    pub(in crate::print) const LIMITS: &str = "须知";
    pub(in crate::print) const ACTS: &str = "签署记录";
    pub(in crate::print) const SEAL: &str = "封存信息";
    pub(in crate::print) const CODES: &str = "条款二维码";
    pub(in crate::print) const PIECES: &str = "枚";
    pub(in crate::print) const PLACE: &str = "地点";
    pub(in crate::print) const DISPUTE: &str = "纠纷类型";
    pub(in crate::print) const CASE: &str = "事项";
    pub(in crate::print) const TOLD_BY: &str = "告知人";
    pub(in crate::print) const ASKED_BY: &str = "回访人";
    /// Headings of the notice.
    pub(in crate::print) const NOTICE: [&str; 4] =
        ["一、当事人的权利", "二、当事人的义务", "三、调解协议的效力", "四、在屏幕上签名与个人信息"];
    pub(in crate::print) const TOLD: &str = "以上内容已向本人告知，本人已经了解。";

    /// Columns of the commitments.
    pub(in crate::print) const COMMITMENT_COLUMNS: [&str; 5] = ["序", "义务人", "履行事项", "金额", "期限"];
    /// Columns of the acts.
    pub(in crate::print) const ACT_COLUMNS: [&str; 4] = ["序", "签署人", "签署时的情况与声明", "摘要（SHA-256）"];
    /// Columns of the performance record.
    pub(in crate::print) const PERFORMANCE_COLUMNS: [&str; 6] = ["序", "义务人", "履行事项", "期限", "履行情况", "记录"];
    /// Columns of those who sat at the table.
    pub(in crate::print) const PARTICIPANT_COLUMNS: [&str; 4] = ["参加人", "身份", "参加人", "身份"];
    /// Columns of what was seen on the spot.
    pub(in crate::print) const EFFECT_COLUMNS: [&str; 4] = ["轮次", "日期", "现场查看情况", "查看人"];
    /// Columns of what the parties said.
    pub(in crate::print) const ANSWER_COLUMNS: [&str; 7] = ["轮次", "当事人", "方式", "日期", "满意程度", "意见", "回访人"];
    /// Columns of the table of contents.
    pub(in crate::print) const CONTENTS_COLUMNS: [&str; 4] = ["序号", "材料名称", "日期", "页次"];
    /// Columns of the attachments.
    pub(in crate::print) const ATTACHMENT_COLUMNS: [&str; 4] = ["序号", "附件说明", "添加日期", "摘要（SHA-256）"];
}

/// Labels of the intake register.
pub(super) mod intake {
    pub(in crate::print) const CHANNEL: &str = "来源方式";
    pub(in crate::print) const DAY: &str = "受理日期";
    pub(in crate::print) const REPORTER: &str = "反映人";
    pub(in crate::print) const TELEPHONE: &str = "联系电话";
    pub(in crate::print) const COMMUNITY: &str = "所属社区";
    pub(in crate::print) const GRID: &str = "所属网格";
    pub(in crate::print) const BUILDING: &str = "楼院";
    pub(in crate::print) const ADDRESS: &str = "详细地址";
    pub(in crate::print) const CATEGORY: &str = "事项类别";
    pub(in crate::print) const TITLE: &str = "事项名称";
    pub(in crate::print) const ACCOUNT: &str = "反映情况";
    pub(in crate::print) const LATER: &str = "补充情况";
    pub(in crate::print) const TAKEN_BY: &str = "登记人";
    pub(in crate::print) const ASSIGNEE: &str = "承办人";
    pub(in crate::print) const HANDLED: &str = "办理经过";
    pub(in crate::print) const STAGE: &str = "目前阶段";
    pub(in crate::print) const REMARKS: &str = "备注";
    pub(in crate::print) const FOUND: &str = "（工作人员发现，无反映人）";
    pub(in crate::print) const WITHHELD: &str = "（当事人联不列）";
}

/// Labels of the consultation record.
pub(super) mod sitting {
    pub(in crate::print) const WHEN: &str = "时间";
    pub(in crate::print) const WHERE: &str = "地点";
    pub(in crate::print) const FORM: &str = "形式";
    pub(in crate::print) const RECORDER: &str = "记录人";
    pub(in crate::print) const WHAT: &str = "协商事项";
    pub(in crate::print) const WHY: &str = "事实与依据";
    pub(in crate::print) const OUTCOME: &str = "协商结果";
    pub(in crate::print) const MINUTES: &str = "协商记录";
    pub(in crate::print) const AGREED: &str = "达成一致";
    pub(in crate::print) const NOT_AGREED: &str = "未达成一致";
    pub(in crate::print) const ADJOURNED: &str = "择日再议";
    pub(in crate::print) const OPEN: &str = "尚未结束";
    pub(in crate::print) const DISPUTED: &str = "（另有不同记录，待社区负责人认定）";
    pub(in crate::print) const NONE: &str = "尚无协商记录。";

    /// `第1次协商（第1轮）`.
    pub(in crate::print) fn heading(number: usize, round: u32) -> String {
        format!("第{number}次协商（第{round}轮）")
    }
}

/// Labels of what came after the agreement.
pub(super) mod after {
    use crate::case::HandoverStatus;

    pub(in crate::print) const OPEN: &str = "未到期或未记录";
    pub(in crate::print) const FULFILLED: &str = "已履行";
    pub(in crate::print) const DEFAULTED: &str = "未履行";
    pub(in crate::print) const WAIVED: &str = "受益人免除";
    pub(in crate::print) const EXTENDED_FROM: &str = "原定";
    pub(in crate::print) const COMPLETED: &str = "办结情况";
    pub(in crate::print) const AGREEMENT: &str = "依据的协议";
    pub(in crate::print) const ORAL: &str = "口头协议";
    pub(in crate::print) const ON_PAPER: &str = "纸质签署";
    pub(in crate::print) const NO_AGREEMENT: &str = "没有生效的协议。";
    pub(in crate::print) const ALL_SETTLED: &str = "各项已了结。";
    pub(in crate::print) const SIGNED: &str = "签署协议";
    pub(in crate::print) const ORALLY: &str = "达成口头协议";
    pub(in crate::print) const BY_HAND: &str = "签署纸质协议";
    pub(in crate::print) const HANDED_TO: &str = "提级转办至";
    pub(in crate::print) const DONE: &str = "办结";

    /// How a handover stands.
    pub(in crate::print) const fn handover(status: &HandoverStatus) -> &'static str {
        match status {
            HandoverStatus::Offered => "待接收",
            HandoverStatus::Accepted(_) => "已接收",
            HandoverStatus::Returned(..) => "已退回",
            HandoverStatus::Settled(..) => "已办复",
            HandoverStatus::Recalled(..) => "已收回",
            HandoverStatus::Overtaken(_) => "已失效",
        }
    }
    pub(in crate::print) const EFFECT: &str = "现场问效";
    pub(in crate::print) const ANSWERS: &str = "当事人评价";
    pub(in crate::print) const NOT_REACHED: &str = "未联系上";
    pub(in crate::print) const NONE: &str = "尚无记录。";
}

/// Labels of the dossier's cover and end.
pub(super) mod cover {
    pub(in crate::print) const NAME: &str = "卷宗名称";
    pub(in crate::print) const PARTIES: &str = "当事人";
    pub(in crate::print) const MEDIATOR: &str = "调解员";
    pub(in crate::print) const RECEIVED: &str = "受理日期";
    pub(in crate::print) const ENDED: &str = "结案日期";
    pub(in crate::print) const RESULT: &str = "办理结果";
    pub(in crate::print) const PAGES: &str = "卷内页数";
    pub(in crate::print) const KEPT: &str = "保管期限";
    pub(in crate::print) const ARCHIVED: &str = "归档日期";
    pub(in crate::print) const COMMITTEE: &str = "人民调解委员会";
    pub(in crate::print) const ATTACHMENTS: &str = "附件清单";
    pub(in crate::print) const CHECKED: &str = "立卷人";
    pub(in crate::print) const INSPECTED: &str = "检查人";
    pub(in crate::print) const REMARK: &str =
        "本卷由系统根据日常记录一次生成，同样的记录生成同样的文件；附件另存，以摘要为准。";
    pub(in crate::print) const NO_ATTACHMENTS: &str = "没有附件。";
}

/// How it was made sure who signs.
pub(super) const fn identity(identity: Identity) -> &'static str {
    match identity {
        Identity::Known => "本人相识",
        Identity::CardShown => "出示身份证",
        Identity::VouchedFor => "在场人证明",
        Identity::PassShown => "出示工作证件或授权书",
    }
}

/// At the foot of each page, and who a copy is for.
pub(super) mod foot {
    pub(in crate::print) const PARTY: &str = "当事人联";
    pub(in crate::print) const COMMITTEE: &str = "存档联";
    pub(in crate::print) const NO_SIGNATURE: &str = "纸面签署稿，签名盖章前不生效";
}

/// How an agreement's file stands, and what to make of it.
pub(super) mod evidence {
    pub(in crate::print) const SEALED: &str = "已封存";
    pub(in crate::print) const NOT_REGISTERED: &str = "未登记：本件所附文件中没有服务器日志的回执。";

    /// Its place in the server's log, from 1, and when it got there.
    pub(in crate::print) fn registered(place: u64, at: &str) -> String {
        format!("已登记：服务器日志第{place}条，{at}（回执随附，签名由核验程序核对）。")
    }

    /// Whose stamp, when, and until when the parties may apply for confirmation.
    pub(in crate::print) fn stamped(committee: &str, on: &str, until: &str) -> String {
        format!("已盖章：{committee}，{on}生效（电子印章随附，签名由核验程序核对）；各方可在{until}前共同申请司法确认。")
    }

    pub(in crate::print) const NOT_STAMPED: &str = "未盖章：本件所附文件中没有调解委员会的电子印章。";
    /// How anyone checks it. The program's name is the one it is called by.
    pub(in crate::print) const HOW: &str = "本文件内嵌机器可读的签署证据（附件 agreement.doorstep）。用 doorstep verify 打开本文件即可离线核验，不需要网络，也不需要信任任何一方；小二维码载有核验码、摘要和封印，附页的条款二维码载有全部条款和封存信息，凭纸面即可核对。核验针对的是内嵌的文件：请把核验程序显示的文字与纸面逐字对照。";
    /// What remains possible, said openly.
    pub(in crate::print) const REMAINS: &str = "被盗的已登记手机，可能被人用新的一次性密钥伪造整份协议；手机也可能显示与所签不同的文字。因此签前须朗读、当场打印，当事人可用自己的手机扫码核对核验码；纸质件、登记日志和事后回访可使伪造暴露。手机封印是防改动的封条，不是当事人的签名。";
    pub(in crate::print) const CODES: &str =
        "依次扫描以下二维码，将所得各行文字存为一个文件，用 doorstep verify 核验，可由纸面还原全部条款并核对封印。";
    pub(in crate::print) const NO_CODES: &str = "条款过长，未印条款二维码；请以内嵌文件核验。";
    pub(in crate::print) const INK: &str = "笔迹摘要";
    pub(in crate::print) const IDENTITY: &str = "身份核实";
    pub(in crate::print) const READ_ALOUD: &str = "已朗读";
    pub(in crate::print) const NOT_READ_ALOUD: &str = "未朗读";
    pub(in crate::print) const SHOWN: &str = "阅读";
    pub(in crate::print) const SECONDS: &str = "秒";
    pub(in crate::print) const BY: &str = "代签";
    pub(in crate::print) const ONE_TIME_KEY: &str = "一次性密钥";
    pub(in crate::print) const ENROLLED_KEY: &str = "登记密钥";
    pub(in crate::print) const ACT: &str = "签署";
    pub(in crate::print) const DRAWING: &str = "笔迹";
    pub(in crate::print) const KEY: &str = "公钥";
    pub(in crate::print) const BODY: &str = "正文摘要（SHA-256）";
    pub(in crate::print) const BODY_SM3: &str = "正文摘要（SM3）";
    pub(in crate::print) const BUNDLE: &str = "文件摘要（SHA-256）";
    pub(in crate::print) const DEVICE: &str = "封存设备";
    pub(in crate::print) const DEVICE_KEY: &str = "设备公钥指纹";
    pub(in crate::print) const COUNTER: &str = "设备封印序号";
    pub(in crate::print) const PREVIOUS: &str = "上一封印";
    pub(in crate::print) const AT: &str = "封存时间";
    pub(in crate::print) const FIRST: &str = "（本设备首次）";
    pub(in crate::print) const WRITTEN_OFF: &str = "本协议由各方在纸面亲笔签名、人民调解员签名并加盖人民调解委员会印章后生效。";
    pub(in crate::print) const UNSEALED: &str = "印制时间";

    /// How many copies of a draft there are, and who keeps them.
    pub(in crate::print) fn copies(copies: usize, committee: &str) -> String {
        format!("本协议一式{copies}份，当事人各执一份，{committee}留存一份。")
    }
}
