//! Words for the method's own terms.

use super::Lang;
use crate::case::{Asked, Channel, DisputeKind, Form, Grade, Ground, Stage, Standing};
use crate::people::{OrgKind, Role};
use crate::visit::Door;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident($type:ty) { $($pattern:pat => $zh:literal / $en:literal,)* }) => {
        $(#[$doc])*
        pub const fn $name(value: $type, lang: Lang) -> &'static str {
            match value { $($pattern => lang.pick($zh, $en),)* }
        }
    };
}

words! {
    /// A role's name.
    role(Role) {
        Role::GridWorker => "网格员" / "grid worker",
        Role::BuildingHead => "楼院长" / "building head",
        Role::CommunityLead => "社区负责人" / "community lead",
        Role::OfficeClerk => "科室经办人" / "office clerk",
        Role::CommitteeCoordinator => "党工委协调人" / "committee coordinator",
        Role::UnitContact => "单位联系人" / "unit contact",
        Role::Supervisor => "督查" / "supervisor",
        Role::Administrator => "管理员" / "administrator",
    }
}

words! {
    /// What an org is.
    org_kind(OrgKind) {
        OrgKind::Community => "社区" / "community",
        OrgKind::Office => "科室(中心)" / "office or centre",
        OrgKind::Committee => "街道党工委" / "Party working committee",
        OrgKind::Unit => "辖区单位" / "unit in the area",
        OrgKind::Body => "责任主体" / "responsible body",
    }
}

words! {
    /// A stage's name.
    stage(Stage) {
        Stage::Unreported => "待受理" / "not reported",
        Stage::Received => "已受理" / "received",
        Stage::Consulting => "协商中" / "consulting",
        Stage::Agreed => "已商定" / "agreed",
        Stage::Acting => "办理中" / "acting",
        Stage::Done => "已办结" / "done",
        Stage::Reopened => "再次协商" / "reopened",
        Stage::HandedOver => "提级转办中" / "handed over",
        Stage::Closed => "已结案" / "closed",
        Stage::Withdrawn => "已撤回" / "withdrawn",
        Stage::Merged => "已并案" / "merged",
    }
}

words! {
    /// How a concern came in.
    channel(Channel) {
        Channel::Phone => "来电" / "by phone",
        Channel::Letter => "来信" / "by letter",
        Channel::InPerson => "来人" / "in person",
        Channel::Visit => "走访发现" / "found on a visit",
        Channel::Hotline => "12345热线" / "12345 hotline",
    }
}

words! {
    /// The four forms of a consultation.
    form(Form) {
        Form::AtHome => "入户商" / "at home",
        Form::Roadside => "路边商" / "at the roadside",
        Form::OnSite => "现场商" / "on site",
        Form::MeetingRoom => "议事室商" / "in the meeting room",
    }
}

words! {
    /// The five grades.
    grade(Grade) {
        Grade::VeryDissatisfied => "很不满意" / "very dissatisfied",
        Grade::Dissatisfied => "不满意" / "dissatisfied",
        Grade::Fair => "一般" / "fair",
        Grade::Satisfied => "满意" / "satisfied",
        Grade::VerySatisfied => "很满意" / "very satisfied",
    }
}

words! {
    /// How a party was asked.
    asked(Asked) {
        Asked::InPerson => "当面" / "in person",
        Asked::ByPhone => "电话" / "by phone",
        Asked::InWriting => "书面" / "in writing",
    }
}

words! {
    /// Why a case may be raised.
    ground(&Ground) {
        Ground::NoAgreement => "协商未果" / "no agreement reached",
        Ground::BeyondPowers => "超出社区职权" / "beyond the community's powers",
    }
}

words! {
    /// Kinds of dispute the law treats apart.
    dispute(DisputeKind) {
        DisputeKind::Ordinary => "一般纠纷" / "ordinary",
        DisputeKind::PersonalStatus => "婚姻、收养、继承等人身关系" / "personal status",
        DisputeKind::UtilityCutOff => "停止供水、供热、供气" / "stopping a utility",
    }
}

words! {
    /// What happened at a door.
    door(Door) {
        Door::Met => "见到" / "met",
        Door::NobodyHome => "无人" / "nobody home",
        Door::Refused => "谢绝" / "refused",
    }
}

/// A standing's name.
pub const fn standing_name(standing: &Standing, lang: Lang) -> &'static str {
    match standing {
        Standing::Effective => lang.pick("有效", "effective"),
        Standing::Overtaken { .. } => lang.pick("已被取代", "overtaken"),
        Standing::Contested { .. } => lang.pick("有争议", "contested"),
    }
}

/// One of the 5W, by its code.
pub fn element(code: &str, lang: Lang) -> Option<&'static str> {
    Some(match code {
        "who" => lang.pick("何人参与", "who sat at the table"),
        "what" => lang.pick("协商何事", "what was at issue"),
        "when" => lang.pick("何时", "when"),
        "where" => lang.pick("何地", "where"),
        "why" => lang.pick("依据何在", "what it rests on"),
        _ => return None,
    })
}

/// A field of a form, by its code.
pub fn field(code: &str, lang: Lang) -> Option<&'static str> {
    Some(match code {
        "title" => lang.pick("标题", "title"),
        "account" => lang.pick("情况", "account"),
        "minutes" => lang.pick("记录", "minutes"),
        "draft" => lang.pick("草稿", "draft"),
        "category" => lang.pick("类别", "category"),
        "place" => lang.pick("地点", "place"),
        "reporter" => lang.pick("反映人", "reporter"),
        "phone" => lang.pick("电话", "phone"),
        "reason" => lang.pick("理由", "reason"),
        "tried" => lang.pick("已做的工作", "what was tried"),
        "parties" => lang.pick("当事人", "parties"),
        "facts" => lang.pick("事实", "facts"),
        "terms" => lang.pick("协议内容", "terms"),
        "commitments" => lang.pick("约定事项", "commitments"),
        "check_number" => lang.pick("核验码", "check number"),
        "witness" => lang.pick("见证人", "witness"),
        "seen" => lang.pick("现场情况", "what was seen"),
        "asked" => lang.pick("诉求", "what was asked for"),
        "words" => lang.pick("说明", "words"),
        "party" => lang.pick("当事人", "party"),
        "text" => lang.pick("内容", "text"),
        "media" => lang.pick("附件类型", "media type"),
        "caption" => lang.pick("附件说明", "caption"),
        "result" => lang.pick("办理结果", "result"),
        "departments" => lang.pick("部门", "departments"),
        "task" => lang.pick("任务", "task"),
        "with" => lang.pick("对方经办人", "who agreed there"),
        "how" => lang.pick("方式", "how"),
        "name" => lang.pick("姓名", "name"),
        "relation" => lang.pick("与户主关系", "relation"),
        "born" => lang.pick("出生年份", "year of birth"),
        "tag" => lang.pick("关爱标签", "care tag"),
        "residents" => lang.pick("住户人员", "residents"),
        "to" => lang.pick("去向", "where to"),
        "on" => lang.pick("日期", "day"),
        _ => return element(code, lang),
    })
}

/// An event kind's name, by its permanent name; none for kinds of a newer version.
pub fn event_kind(kind: &str, lang: Lang) -> Option<&'static str> {
    Some(match kind {
        "reported" => lang.pick("受理", "reported"),
        "assigned" => lang.pick("分派", "assigned"),
        "consultation_opened" => lang.pick("开始协商", "consultation opened"),
        "consultation_concluded" => lang.pick("协商结束", "consultation concluded"),
        "agreement_drafted" => lang.pick("起草协议", "agreement drafted"),
        "agreement_sealed" => lang.pick("签署协议", "agreement signed and sealed"),
        "agreement_oral" => lang.pick("口头协议", "oral agreement"),
        "agreement_on_paper" => lang.pick("纸质签署", "signed on paper"),
        "agreement_stamped" => lang.pick("调委会盖章", "stamped by the committee"),
        "agreement_confirmed" => lang.pick("司法确认", "confirmed by a court"),
        "commitment_fulfilled" => lang.pick("履行", "commitment fulfilled"),
        "commitment_extended" => lang.pick("延期", "commitment extended"),
        "commitment_defaulted" => lang.pick("未履行", "commitment defaulted"),
        "commitment_waived" => lang.pick("免除", "commitment waived"),
        "completed" => lang.pick("办结", "completed"),
        "effect_checked" => lang.pick("现场问效", "effect checked"),
        "feedback_given" => lang.pick("评价", "feedback"),
        "feedback_tried" => lang.pick("回访未果", "not reached"),
        "closed" => lang.pick("结案", "closed"),
        "raised" => lang.pick("提级", "raised"),
        "transferred" => lang.pick("转办", "transferred"),
        "handover_accepted" => lang.pick("接收", "accepted"),
        "handover_returned" => lang.pick("退回", "returned"),
        "handover_settled" => lang.pick("办复", "settled"),
        "handover_recalled" => lang.pick("收回", "recalled"),
        "departments_convened" => lang.pick("召集部门", "departments convened"),
        "withdrawn" => lang.pick("撤回", "withdrawn"),
        "merged_into" => lang.pick("并案", "merged"),
        "noted" => lang.pick("备注", "noted"),
        "attached" => lang.pick("附件", "attached"),
        "contest_settled" => lang.pick("争议认定", "contest settled"),
        "visited" => lang.pick("走访", "visited"),
        "case_opened" => lang.pick("立案", "case opened"),
        "added" => lang.pick("补记", "added"),
        "registered" => lang.pick("建档", "registered"),
        "readdressed" => lang.pick("更正地址", "address corrected"),
        "resident_recorded" => lang.pick("登记人员", "resident recorded"),
        "resident_left" => lang.pick("人员离开", "resident left"),
        "tag_set" => lang.pick("加标签", "tag set"),
        "tag_cleared" => lang.pick("去标签", "tag cleared"),
        "struck" => lang.pick("注销户档", "struck off"),
        "restored" => lang.pick("恢复户档", "restored"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_event_has_its_words() {
        let kinds = crate::case::Event::KINDS.iter().chain(crate::visit::Event::KINDS);
        for kind in kinds.chain(crate::household::Event::KINDS) {
            for lang in [Lang::Zh, Lang::En] {
                assert!(event_kind(kind, lang).is_some_and(|words| !words.is_empty()), "{kind}");
            }
        }
    }
}
