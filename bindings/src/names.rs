//! Plain names: enums that are the same here and in the core. Their permanent texts are the core's.

use doorstep_core::{agreement, case, id, people, visit, words};

/// An enum of plain names, the same here and in the core.
macro_rules! mirror {
    ($(#[$doc:meta])* $name:ident = $core:ty { $($(#[$variant_doc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl From<$name> for $core {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant,)* }
            }
        }

        impl From<$core> for $name {
            fn from(value: $core) -> Self {
                type Core = $core;
                match value { $(Core::$variant => Self::$variant,)* }
            }
        }
    };
}

mirror!(
    /// A language of the interface.
    Lang = words::Lang {
        /// 简体中文.
        Zh,
        /// English.
        En,
    }
);
mirror!(
    /// What a document is.
    DocKind = id::DocKind {
        /// 事项.
        Case,
        /// 走访.
        Visit,
        /// 户档.
        Household,
    }
);
mirror!(
    /// How a concern came in.
    Channel = case::Channel {
        /// 来电.
        Phone,
        /// 来信.
        Letter,
        /// 来人.
        InPerson,
        /// 走访发现.
        Visit,
        /// 12345.
        Hotline,
    }
);
mirror!(
    /// The four forms of a consultation.
    Form = case::Form {
        /// 入户商.
        AtHome,
        /// 路边商.
        Roadside,
        /// 现场商.
        OnSite,
        /// 议事室商.
        MeetingRoom,
    }
);
mirror!(
    /// Kinds of dispute that the law treats apart.
    DisputeKind = case::DisputeKind {
        /// May be signed on a screen.
        Ordinary,
        /// Marriage, adoption, inheritance: wet ink only.
        PersonalStatus,
        /// Stopping water, heat or gas supply: wet ink only.
        UtilityCutOff,
    }
);
mirror!(
    /// Five grades of satisfaction; the two lowest set the table again.
    Grade = case::Grade {
        /// 很不满意.
        VeryDissatisfied,
        /// 不满意.
        Dissatisfied,
        /// 一般.
        Fair,
        /// 满意.
        Satisfied,
        /// 很满意.
        VerySatisfied,
    }
);
mirror!(
    /// How a party was asked.
    Asked = case::Asked {
        /// Face to face.
        InPerson,
        /// By telephone.
        ByPhone,
        /// By letter or message.
        InWriting,
    }
);
mirror!(
    /// Why a case may be raised.
    Ground = case::Ground {
        /// Consultation ended without agreement.
        NoAgreement,
        /// It lies beyond the community's powers.
        BeyondPowers,
    }
);
mirror!(
    /// What happened at a door.
    Door = visit::Door {
        /// 见到.
        Met,
        /// 无人.
        NobodyHome,
        /// 谢绝.
        Refused,
    }
);
mirror!(
    /// The texts of a case that several people may type in at once.
    TextName = case::TextName {
        /// The account of what happened, as it grows.
        Account,
        /// Minutes of the consultations.
        Minutes,
        /// Terms being drafted.
        Draft,
    }
);
mirror!(
    /// In what role somebody signs; in this order.
    SignerRole = agreement::SignerRole {
        /// 当事人.
        Party,
        /// 见证人.
        Witness,
        /// 人民调解员.
        Mediator,
    }
);
mirror!(
    /// How it was made sure who signs.
    Identity = agreement::Identity {
        /// The worker knows them.
        Known,
        /// They showed an identity card.
        CardShown,
        /// Somebody present whom the worker knows vouched for them.
        VouchedFor,
        /// A work pass or a letter of authority.
        PassShown,
    }
);
mirror!(
    /// A case's stage.
    Stage = case::Stage {
        /// No readable report yet.
        Unreported,
        /// 已受理.
        Received,
        /// 协商中.
        Consulting,
        /// 已商定.
        Agreed,
        /// 办理中.
        Acting,
        /// 已办结.
        Done,
        /// 再次协商.
        Reopened,
        /// 已提级/转办.
        HandedOver,
        /// 已办结归档.
        Closed,
        /// 已撤回.
        Withdrawn,
        /// 已并案.
        Merged,
    }
);
mirror!(
    /// What a person does in an org.
    Role = people::Role {
        /// 网格员.
        GridWorker,
        /// 楼院长.
        BuildingHead,
        /// 社区负责人.
        CommunityLead,
        /// 科室经办人.
        OfficeClerk,
        /// 党工委协调人.
        CommitteeCoordinator,
        /// 单位联系人.
        UnitContact,
        /// 督查.
        Supervisor,
        /// 管理员.
        Administrator,
    }
);
mirror!(
    /// What an org is to the method.
    OrgKind = people::OrgKind {
        /// 社区.
        Community,
        /// One of the sub-district's offices and centres.
        Office,
        /// 街道党工委.
        Committee,
        /// 辖区单位.
        Unit,
        /// 责任主体.
        Body,
    }
);
