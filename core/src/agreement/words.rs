//! One sentence in Chinese and English for everything that can be found or refused here. Codes are permanent; these are not.

use super::ceremony_error::CeremonyError;
use super::drawing::DrawingError;
use super::freeze::FreezeError;
use super::report::{CheckName, Finding, Part};
use super::seal::SealError;
use super::{Missing, SignerRole};

fn part_zh(part: Part) -> String {
    match part {
        Part::Bundle => "协议文件".into(),
        Part::Body => "协议正文".into(),
        Part::Act(at) => format!("第{}个签署记录", at + 1),
        Part::Drawing(at) => format!("第{}个签名的笔迹", at + 1),
        Part::Seal => "设备封印".into(),
        Part::File => "协议文件外层".into(),
        Part::Certificate => "设备证书".into(),
        Part::Checkpoint => "封印所带的登记簿检查点".into(),
        Part::Receipt => "登记回执".into(),
        Part::Stamp => "调解委员会印章".into(),
        Part::CounterSignature(at) => format!("第{}个副署", at + 1),
    }
}

fn part_en(part: Part) -> String {
    match part {
        Part::Bundle => "The file".into(),
        Part::Body => "The body".into(),
        Part::Act(at) => format!("Act {}", at + 1),
        Part::Drawing(at) => format!("The drawing of act {}", at + 1),
        Part::Seal => "The seal".into(),
        Part::File => "The file around the bundle".into(),
        Part::Certificate => "The device's certificate".into(),
        Part::Checkpoint => "The log checkpoint in the seal".into(),
        Part::Receipt => "The receipt".into(),
        Part::Stamp => "The committee's stamp".into(),
        Part::CounterSignature(at) => format!("Counter-signature {}", at + 1),
    }
}

impl SignerRole {
    /// In Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Party => "当事人",
            Self::Witness => "见证人",
            Self::Mediator => "人民调解员",
        }
    }
}

impl Finding {
    /// One sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::TooLarge => "文件超过协议文件的大小上限。".into(),
            Self::Truncated(part) => format!("{}不完整，后面的内容缺失。", part_zh(*part)),
            Self::Unreadable(part) => format!("{}无法读取。", part_zh(*part)),
            Self::Newer(part) => format!("{}由更新版本的软件生成，请用新版本核验。", part_zh(*part)),
            Self::NotCanonical(part) => format!("{}的编码不规范，不是原始文件。", part_zh(*part)),
            Self::BadSeal => "设备封印无效。".into(),
            Self::BodyAltered => "协议正文与签署时不一致，已被改动。".into(),
            Self::TextDiffersFromTerms => "显示的协议文字与协议条款内容不一致。".into(),
            Self::NotFreezable(FreezeError::WetInkOnly) => "此类纠纷依法不得以电子方式签署。".into(),
            Self::NotFreezable(error) => format!("协议正文不合要求：{}", error.zh()),
            Self::ActListAltered => "签署记录被增删、替换或调换了顺序。".into(),
            Self::ActOfOtherBody(at) => format!("第{}个签名签的不是这份协议。", at + 1),
            Self::BadActSignature(at) => format!("第{}个签署记录的数字签名无效。", at + 1),
            Self::WrongKey(at) => format!("第{}个签署记录使用了不该使用的密钥。", at + 1),
            Self::StatementAltered(at) => format!("第{}个签署人的声明或核验码不符。", at + 1),
            Self::DrawingAltered(at) => format!("第{}个签名的笔迹已被改动。", at + 1),
            Self::DynamicsAltered(at) => format!("第{}个签名的书写过程数据不符。", at + 1),
            Self::InkReused(at) => format!("第{}个签名的笔迹与前面的签名完全相同。", at + 1),
            Self::ClockBackwards(at) => format!("第{}步的时间早于前一步，请核实设备时钟。", at + 1),
            Self::MissingSigner(role, name) => format!("缺少签名：{}{}。", role.zh(), name.as_deref().unwrap_or_default()),
            Self::UnexpectedSigner(at) => format!("第{}个签署人不应在此签名。", at + 1),
            Self::WitnessIsParty(at) => format!("第{}个签署人是当事人一方，不能作见证人。", at + 1),
            Self::MediatorIsParty(at) => format!("第{}个签署人是当事人一方，不能作调解员。", at + 1),
            Self::NotCertified => "未核对封印设备的证书，请比对设备密钥指纹。".into(),
            Self::NotRegistered => "已封印，未登记：没有服务器登记回执。".into(),
            Self::CertificateOfOther => "封印所带的设备证书不是这台设备的。".into(),
            Self::BadCertificate => "设备证书不是由所信任的街道根密钥签发的。".into(),
            Self::ReceiptOfOther => "登记回执不是这份协议的。".into(),
            Self::NotInLog => "登记回执的证明不成立，登记簿中没有这份协议。".into(),
            Self::BadCheckpoint(part) => format!("{}不是由登记簿的密钥签名的。", part_zh(*part)),
            Self::LogBackwards => "登记簿的时间或条数前后矛盾。".into(),
            Self::LogUnknown => "回执本身相符，但没有登记簿公钥，无法核对由谁出具。".into(),
            Self::OutsideLogTime => "封存时间与登记簿的时间不符，请核实设备时钟。".into(),
            Self::NotStamped => "未附调解委员会印章。".into(),
            Self::StampOfOther => "所附印章不是盖在这份协议上的。".into(),
            Self::BadStamp => "印章不是由所信任的街道根密钥签发的。".into(),
            Self::StampUnchecked => "印章与协议相符，但没有根密钥，无法核对由谁出具。".into(),
            Self::BadCounterSignature(at) => format!("第{}个副署无效，或不是对这份协议的。", at + 1),
            Self::CounterSignerUnknown(at) => format!("第{}个副署与协议相符，但没有公钥，无法核对由谁出具。", at + 1),
            Self::CounterSignatureUnknown(at) => format!("第{}个副署的种类未知，未作核对。", at + 1),
        }
    }

    /// One sentence in English.
    pub fn en(&self) -> String {
        match self {
            Self::TooLarge => "The file is larger than any agreement.".into(),
            Self::Truncated(part) => format!("{} ends too early.", part_en(*part)),
            Self::Unreadable(part) => format!("{} cannot be read.", part_en(*part)),
            Self::Newer(part) => format!("{} was made by a later version; verify it with that one.", part_en(*part)),
            Self::NotCanonical(part) => format!("{} is not in its canonical encoding.", part_en(*part)),
            Self::BadSeal => "The device's seal is not valid.".into(),
            Self::BodyAltered => "The body is not the one that was signed: it was altered.".into(),
            Self::TextDiffersFromTerms => "The displayed text is not what the terms say.".into(),
            Self::NotFreezable(FreezeError::WetInkOnly) => "The law asks for wet ink in this kind of dispute.".into(),
            Self::NotFreezable(error) => format!("The body is not one that can be signed: {}", error.en()),
            Self::ActListAltered => "Acts were added, removed, replaced or reordered.".into(),
            Self::ActOfOtherBody(at) => format!("Act {} signs another agreement.", at + 1),
            Self::BadActSignature(at) => format!("The digital signature of act {} is not valid.", at + 1),
            Self::WrongKey(at) => format!("Act {} was signed with a key that is not for it.", at + 1),
            Self::StatementAltered(at) => format!("The statement or number in act {} does not fit.", at + 1),
            Self::DrawingAltered(at) => format!("The drawing of act {} was altered.", at + 1),
            Self::DynamicsAltered(at) => format!("The handwriting dynamics are not those of act {}.", at + 1),
            Self::InkReused(at) => format!("The ink of act {} is that of an earlier act.", at + 1),
            Self::ClockBackwards(at) => format!("A clock ran backwards before step {}.", at + 1),
            Self::MissingSigner(role, Some(name)) => format!("The {} {name} has not signed.", role.name()),
            Self::MissingSigner(role, None) => format!("No {} has signed.", role.name()),
            Self::UnexpectedSigner(at) => format!("The signer of act {} has no place there.", at + 1),
            Self::WitnessIsParty(at) => format!("The witness of act {} is on a party's side.", at + 1),
            Self::MediatorIsParty(at) => format!("The mediator of act {} is on a party's side.", at + 1),
            Self::NotCertified => "Whose device sealed it was not checked: compare the key's fingerprint.".into(),
            Self::NotRegistered => "Sealed, not registered: there is no receipt of the server's log.".into(),
            Self::CertificateOfOther => "The certificate in the seal is another device's.".into(),
            Self::BadCertificate => "The certificate is by none of the roots that are trusted.".into(),
            Self::ReceiptOfOther => "The receipt is another agreement's.".into(),
            Self::NotInLog => "The receipt's proof does not hold: the log does not have this agreement.".into(),
            Self::BadCheckpoint(part) => format!("{}: its checkpoint is not signed by the log.", part_en(*part)),
            Self::LogBackwards => "The log's times or sizes contradict each other.".into(),
            Self::LogUnknown => "The receipt agrees with itself; no key of the log was given to check whose it is.".into(),
            Self::OutsideLogTime => "The time of the seal does not fit the log's: look at the device's clock.".into(),
            Self::NotStamped => "There is no stamp of the committee beside it.".into(),
            Self::StampOfOther => "The stamp is not for this agreement.".into(),
            Self::BadStamp => "The stamp is by none of the roots that are trusted.".into(),
            Self::StampUnchecked => "The stamp is for this agreement; no root was given to check whose it is.".into(),
            Self::BadCounterSignature(at) => {
                format!("Counter-signature {} is not valid, or not over this agreement.", at + 1)
            }
            Self::CounterSignerUnknown(at) => {
                format!("Counter-signature {} is over this agreement; no key was given to check whose it is.", at + 1)
            }
            Self::CounterSignatureUnknown(at) => {
                format!("Counter-signature {} is of an unknown kind and was not checked.", at + 1)
            }
        }
    }
}

fn field_zh(field: &str) -> &str {
    match field {
        "party" => "当事人姓名",
        "parties" => "当事人",
        "facts" => "纠纷事实",
        "terms" => "协议内容",
        "deed" => "履行事项",
        "commitments" => "履行事项数量",
        "tenant" => "街道名称",
        "community" => "社区名称",
        "committee" => "调解委员会名称",
        "number" => "编号",
        "reporter" => "反映人",
        "mediator" => "人民调解员",
        "heads" => "文档版本",
        "id_numbers" => "身份证号凭证",
        "name" => "签署人姓名",
        "by" => "代签人姓名",
        "capacity" => "见证人身份",
        other => other,
    }
}

impl FreezeError {
    /// One sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::WetInkOnly => "此类纠纷依法须在纸上签名，请打印后签署并拍照。".into(),
            Self::Missing(field) => format!("请填写{}。", field_zh(field)),
            Self::PartyTwice => "同一当事人出现了两次。".into(),
            Self::UnknownParty => "有事项所写的义务人不在当事人之中。".into(),
            Self::MediatorIsParty => "人民调解员不能是当事人。".into(),
            Self::TooLong(field) => format!("{}过长。", field_zh(field)),
            Self::Unprintable(field) => format!("{}中有不可见字符，请重新输入。", field_zh(field)),
            Self::NoGlyph(which) => {
                format!("这些字打印不出来：{}（{}）。请换成能打印的写法。", which.characters(), which.code_points())
            }
        }
    }

    /// One sentence in English.
    pub fn en(&self) -> String {
        match self {
            Self::WetInkOnly => "The law asks for wet ink here: print it, have it signed, take a photo.".into(),
            Self::Missing(field) => format!("Fill in: {field}."),
            Self::PartyTwice => "A party stands twice.".into(),
            Self::UnknownParty => "A commitment names somebody who is no party.".into(),
            Self::MediatorIsParty => "The mediator cannot be a party.".into(),
            Self::TooLong(field) => format!("Too long: {field}."),
            Self::Unprintable(field) => format!("Characters that do not show stand in: {field}. Type it again."),
            Self::NoGlyph(which) => {
                format!("These can't be printed: {} ({}). Write it another way.", which.characters(), which.code_points())
            }
        }
    }
}

fn list_zh(missing: &[Missing]) -> String {
    let names = missing.iter().map(|one| format!("{}{}", one.role.zh(), one.name.as_deref().unwrap_or_default()));
    names.collect::<Vec<_>>().join("、")
}

fn list_en(missing: &[Missing]) -> String {
    let names = missing.iter().map(|one| match &one.name {
        Some(name) => format!("{} {name}", one.role.name()),
        None => format!("a {}", one.role.name()),
    });
    names.collect::<Vec<_>>().join(", ")
}

impl CeremonyError {
    /// One sentence in Chinese, for the worker's own screen: it may name people.
    pub fn zh(&self) -> String {
        match self {
            Self::Cancelled => "本次签署已取消。".into(),
            Self::UnknownParty => "协议中没有这位当事人。".into(),
            Self::SignedAlready => "此人已签名；如需重签请选择“重签”。".into(),
            Self::NotSigned => "此人尚未签名。".into(),
            Self::OutOfTurn(first) if first.is_empty() => "后面的人已签名，不能再插入。".into(),
            Self::OutOfTurn(first) => format!("请先由{}签名。", list_zh(first)),
            Self::WitnessIsParty => "见证人不能是当事人或其代签人。".into(),
            Self::MediatorIsParty => "人民调解员不能是当事人或其代签人。".into(),
            Self::OtherMediator => "协议中写的是另一位人民调解员。".into(),
            Self::TooManyWitnesses => "见证人已满。".into(),
            Self::Missing(field) => format!("请填写{}。", field_zh(field)),
            Self::Unprintable(field) => format!("{}过长或含不可见字符。", field_zh(field)),
            Self::NoGlyph(which) => {
                format!("这些字打印不出来：{}（{}）。请换成能打印的写法。", which.characters(), which.code_points())
            }
            Self::InkReused => "笔迹与已有签名完全相同，请亲笔重签。".into(),
            Self::NoConsent => "签名人没有单独同意留存书写动态数据，不能留存。".into(),
            Self::KeyNotAllowed => "当事人签名只能使用一次性密钥。".into(),
            Self::KeyFailed => "密钥未能签署，请重试。".into(),
            Self::SignatureMissing(missing) => format!("还缺签名：{}。", list_zh(missing)),
        }
    }

    /// One sentence in English, for the worker's own screen: it may name people.
    pub fn en(&self) -> String {
        match self {
            Self::Cancelled => "This ceremony was cancelled.".into(),
            Self::UnknownParty => "The agreement has no such party.".into(),
            Self::SignedAlready => "They have signed; choose to sign again.".into(),
            Self::NotSigned => "They have not signed yet.".into(),
            Self::OutOfTurn(first) if first.is_empty() => "Somebody later in the order has signed already.".into(),
            Self::OutOfTurn(first) => format!("First come: {}.", list_en(first)),
            Self::WitnessIsParty => "A witness cannot be a party or hold a party's pen.".into(),
            Self::MediatorIsParty => "The mediator cannot be a party or hold a party's pen.".into(),
            Self::OtherMediator => "The agreement names another mediator.".into(),
            Self::TooManyWitnesses => "There are witnesses enough.".into(),
            Self::Missing(field) => format!("Fill in: {field}."),
            Self::Unprintable(field) => format!("Too long, or with characters that do not show: {field}."),
            Self::NoGlyph(which) => {
                format!("These can't be printed: {} ({}). Write it another way.", which.characters(), which.code_points())
            }
            Self::InkReused => "This is the ink of another signature; sign by hand again.".into(),
            Self::NoConsent => "The signer did not agree, apart from the agreement, that how they write is kept.".into(),
            Self::KeyNotAllowed => "A party signs with a one-time key only.".into(),
            Self::KeyFailed => "The key did not sign; try again.".into(),
            Self::SignatureMissing(missing) => format!("Signatures are missing: {}.", list_en(missing)),
        }
    }
}

impl SealError {
    /// One sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Ceremony(error) => error.zh(),
            Self::KeyFailed => "设备密钥未能封印，请重试。".into(),
            Self::TooLarge => "协议文件过大，无法封印。".into(),
        }
    }

    /// One sentence in English.
    pub fn en(&self) -> String {
        match self {
            Self::Ceremony(error) => error.en(),
            Self::KeyFailed => "The device's key did not seal; try again.".into(),
            Self::TooLarge => "The agreement is too large to be sealed.".into(),
        }
    }
}

impl DrawingError {
    /// One sentence in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Empty => "还没有签名，请在方框内书写。",
            Self::Canvas => "签名区域尺寸无效。",
            Self::Outside => "笔迹超出签名区域。",
            Self::TooMany => "笔画过多，请重新书写。",
        }
    }

    /// One sentence in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Empty => "Nothing is drawn yet: write in the box.",
            Self::Canvas => "The pad has no usable size.",
            Self::Outside => "The drawing leaves the pad.",
            Self::TooMany => "Too many strokes: write it again.",
        }
    }
}

impl CheckName {
    /// What is checked, in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Form => "文件完整，编码规范",
            Self::Certificate => "设备密钥属于本街道",
            Self::Seal => "设备封印有效",
            Self::Body => "正文与签署、封存时一致",
            Self::Text => "显示的文字与条款一致，可电子签署",
            Self::Acts => "签署记录完整，前后相连",
            Self::Signatures => "每个签署记录的数字签名有效",
            Self::Statements => "签署声明与核验码相符",
            Self::Drawings => "笔迹未被改动，没有重复使用",
            Self::Clocks => "时间先后合理",
            Self::Signers => "应签的人都已签，见证人不是当事人",
            Self::Receipt => "已在服务器登记",
            Self::Stamp => "调解委员会已盖章",
            Self::CounterSignatures => "副署有效",
        }
    }

    /// What is checked, in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Form => "the file is whole and canonical",
            Self::Certificate => "the device's key belongs to the sub-district",
            Self::Seal => "the device's seal is good",
            Self::Body => "the body is the one signed and sealed",
            Self::Text => "the text shown is what the terms say, and may be signed on a screen",
            Self::Acts => "the acts are complete and form a chain",
            Self::Signatures => "every act is signed by its key",
            Self::Statements => "statements and check numbers agree",
            Self::Drawings => "the drawings are unaltered, no ink twice",
            Self::Clocks => "no clock ran backwards",
            Self::Signers => "everyone who must has signed; the witness is no party",
            Self::Receipt => "the server's log has it",
            Self::Stamp => "the committee has stamped it",
            Self::CounterSignatures => "counter-signatures are over this agreement",
        }
    }
}
