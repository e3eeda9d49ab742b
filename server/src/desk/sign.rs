//! `phone sign`, `phone strokes`: the signing ceremony with what hands drew in a file.
//!
//! The file says who signs in which role, how it was made sure who they are, and the strokes of the pad. Everything else is
//! the ceremony of [`doorstep_core::device::Device`]: freeze, each signs in turn, seal. When a step is refused, nothing was
//! signed and the draft is as it was.

use std::path::PathBuf;

use clap::Args;
use doorstep_core::agreement::{Drawing, Identity, SignerRole, Signing};
use doorstep_core::device::{Pad, Terms};
use doorstep_core::id::DocId;
use serde::{Deserialize, Serialize};

use super::phone::{Phone, record, write};
use super::print::{json, paragraph};
use super::{Which, done, fail, ink};
use crate::words::{Lang, Said, say};

/// Milliseconds that a text stands before somebody in trial ink: the time to read a page aloud.
const TRIAL_SHOWN_MS: u64 = 40_000;

/// The file of a signing.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InkFile {
    /// What the file is; said again when it is filler.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    notice: String,
    /// Whether these are nobody's strokes.
    #[serde(default)]
    filler: bool,
    /// The dossier number (编号), where one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// Everybody who signs, in the order in which they sign.
    signers: Vec<SignerFile>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignerFile {
    /// `party`, `witness`, `mediator`.
    role: String,
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    capacity: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// `known`, `card_shown`, `vouched_for`, `pass_shown`.
    identity: String,
    #[serde(default)]
    shown_ms: u64,
    #[serde(default)]
    read_aloud: bool,
    /// The pad, in its own units.
    width: u16,
    height: u16,
    /// Strokes of points, x to the right, y downwards.
    strokes: Vec<Vec<(f64, f64)>>,
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone sign last --read                       先看并朗读将要签的文本 · what will be signed, to be read aloud
  doorstep phone sign last --strokes ink.json           各方、见证人依次签名，封存 · all sign in turn; it is sealed
  doorstep phone strokes 张建国 李秀英 --witness 陈志强=片区民警 --out ink.json    试用的笔迹 · ink for a trial

文件的字段 · Fields of the file:
  {\"signers\":[{\"role\":\"party|witness|mediator\",\"name\":\"…\",\"capacity\":\"…\",\"by\":\"…\",\"read_aloud\":true,\"shown_ms\":40000,
    \"identity\":\"known|card_shown|vouched_for|pass_shown\",\"width\":900,\"height\":300,\"strokes\":[[[x,y],…],…]}],\"number\":\"…\"}")]
pub(super) struct Sign {
    #[command(flatten)]
    which: Which,
    /// 笔迹文件（JSON），- 为标准输入 · The file of strokes, JSON; - is standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "read")]
    strokes: Option<PathBuf>,
    /// 只显示将要签署的文本和核验码 · Only show the text that would be signed, and its check number.
    #[arg(long, conflicts_with = "strokes")]
    read: bool,
}

pub(super) fn sign(phone: &Phone, options: &Sign) -> Result<(), Said> {
    let id = phone.case(&options.which.id)?;
    let view = phone.device.case(id).map_err(|error| fail::told(&error))?;
    if let Some(replaced) = view.replaces {
        // The new text names the one it takes the place of, read from that agreement itself.
        super::agreement::bundle(phone, &replaced)?;
    }
    let Some(path) = &options.strokes else { return read(phone, id) };
    let file = record::<InkFile>(path)?;
    let signings = file.signers.iter().map(|signer| signing(phone, signer)).collect::<Result<Vec<_>, _>>()?;
    let mediator = file.signers.iter().find(|signer| signer.role == SignerRole::Mediator.name());
    let terms = Terms { number: file.number.clone(), mediator: mediator.map(|signer| signer.name.clone()) };
    if file.filler {
        eprintln!("{}", phone.pick("注意：这是试用的笔迹，不是任何人的签名。", "note: this is trial ink, nobody's signature."));
    }
    let pad = phone.device.freeze(id, terms).map_err(|error| fail::told(&error))?;
    if !phone.json {
        say!("{} {}", phone.pick("定稿，核验码", "frozen, check number"), pad.check_number);
    }
    match all_sign(phone, id, signings) {
        Ok(()) => {}
        Err(said) => {
            // Nothing half signed stays behind; that it can't be cancelled would be the lesser news.
            let _ = phone.device.cancel_signing(id);
            return Err(said);
        }
    }
    let sealed = phone.device.seal(id).map_err(|error| fail::told(&error))?;
    phone.touched(doorstep_core::id::DocKind::Case, id);
    done(phone, &sealed.case)
}

fn all_sign(phone: &Phone, id: DocId, signings: Vec<Signing>) -> Result<(), Said> {
    let me = phone.device.enrolled().map(|enrolled| enrolled.person);
    let directory = phone.device.directory();
    let my_name = me.as_ref().map(|me| directory.person_name(me));
    let mut missing = Vec::new();
    for signing in signings {
        let (role, name) = (signing.role, signing.name.clone());
        // Who has an enrolled key and signs as a witness or mediator signs with it.
        let own_key = role != SignerRole::Party && my_name == Some(name.as_str());
        let signing = Signing { at: phone.device.moment(), ..signing };
        let pad = phone.device.sign(id, signing, own_key).map_err(|error| fail::told(&error))?;
        if !phone.json {
            say!("  ✍ {} {name}", phone.lang.pick(role.zh(), role.name()));
        }
        missing = pad.missing;
    }
    if missing.is_empty() {
        return Ok(());
    }
    let of = |lang: Lang| {
        let one = |missing: &doorstep_core::agreement::Missing| {
            let role = lang.pick(missing.role.zh(), missing.role.name());
            missing.name.as_ref().map_or_else(|| role.to_owned(), |name| format!("{role} {name}"))
        };
        missing.iter().map(one).collect::<Vec<_>>().join(lang.pick("、", ", "))
    };
    Err(Said::coded(
        "signature_missing",
        format!("还缺签名：{}。没有封存，草稿原样保留。", of(Lang::Zh)),
        format!("signatures are missing: {}. Nothing was sealed; the draft is as it was.", of(Lang::En)),
    ))
}

fn signing(phone: &Phone, signer: &SignerFile) -> Result<Signing, Said> {
    let wrong = |field: &str, found: &str, valid: &str| {
        Said::coded(
            "file_wrong",
            format!("笔迹文件里 {field} 不能是“{found}”，可以是：{valid}。"),
            format!("in the file of strokes {field} can't be '{found}'. It can be: {valid}."),
        )
    };
    let roles = [SignerRole::Party, SignerRole::Witness, SignerRole::Mediator];
    let role = roles.into_iter().find(|role| role.name() == signer.role);
    let role = role.ok_or_else(|| wrong("role", &signer.role, "party, witness, mediator"))?;
    let identity = Identity::ALL.into_iter().find(|identity| identity.name() == signer.identity);
    let valid = Identity::ALL.map(Identity::name).join(", ");
    let identity = identity.ok_or_else(|| wrong("identity", &signer.identity, &valid))?;
    let drawing = Drawing::from_raw(signer.width, signer.height, &signer.strokes).map_err(|error| {
        Said::coded(
            error.code(),
            format!("{} 的笔迹不能用：{error}", signer.name),
            format!("the strokes of {} can't be used: {error}", signer.name),
        )
    })?;
    Ok(Signing {
        role,
        name: signer.name.clone(),
        capacity: signer.capacity.clone(),
        by: signer.by.clone(),
        identity,
        shown_ms: signer.shown_ms,
        read_aloud: signer.read_aloud,
        at: phone.device.moment(),
        drawing,
        dynamics: None,
        dynamics_consent: false,
        photo: None,
    })
}

/// The text as it would be frozen now. Nothing is left under way.
fn read(phone: &Phone, id: DocId) -> Result<(), Said> {
    let pad: Pad = phone.device.freeze(id, Terms::default()).map_err(|error| fail::told(&error))?;
    phone.device.cancel_signing(id).map_err(|error| fail::told(&error))?;
    if phone.json {
        let missing: Vec<_> =
            pad.missing.iter().map(|one| serde_json::json!({ "role": one.role.name(), "name": one.name })).collect();
        json(&serde_json::json!({ "text": pad.text, "check_number": pad.check_number, "missing": missing }));
        return Ok(());
    }
    paragraph("", &pad.text);
    say!("\n{} {}", phone.pick("核验码", "check number"), pad.check_number);
    say!("{}", phone.pick("签署时会重新定稿，核验码随之改变。", "signing freezes it anew, under another check number."));
    Ok(())
}

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep phone strokes 张建国 李秀英 --witness 陈志强=片区民警 --mediator 王敏 --out ink.json
  doorstep phone strokes --case last --witness 陈志强=片区民警 > ink.json      当事人取自草稿 · parties of the draft

笔迹来自随附的笔画数据，仅供试用，文件里注明 · The strokes are from shipped data, for trials; the file says so.
随附的字 · Characters there are: 张建国李秀英王敏陈志强刘洋赵庆魏某周丽孙伟马淑芬杨光何静")]
pub(super) struct Strokes {
    /// 当事人姓名 · Names of parties.
    #[arg(value_name = "NAME", required_unless_present = "case")]
    names: Vec<String>,
    /// 当事人取自这件事项的草稿 · The parties of this case's draft.
    #[arg(long, value_name = "ID")]
    case: Option<String>,
    /// 见证人，“姓名=身份” · A witness, NAME=CAPACITY.
    #[arg(long, value_name = "NAME=CAPACITY")]
    witness: Vec<String>,
    /// 人民调解员 · The mediator.
    #[arg(long, value_name = "NAME")]
    mediator: Option<String>,
    /// 写入文件；缺省为标准输出 · Where to write it; standard output if not given.
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    out: PathBuf,
}

/// Writes a file of trial ink. Needs a phone only for the parties of a case.
pub(super) fn strokes(open: impl FnOnce() -> Result<Phone, Said>, options: &Strokes) -> Result<(), Said> {
    let mut names = options.names.clone();
    if let Some(typed) = &options.case {
        let phone = open()?;
        let id = phone.case(typed)?;
        let whole = phone.device.whole_case(id).map_err(|error| fail::told(&error))?;
        let draft = whole.state.draft().ok_or_else(|| {
            fail::told(&doorstep_core::device::DeviceError::Refused(doorstep_core::case::Refusal::new(
                doorstep_core::case::RefusalCode::NoDraft,
            )))
        })?;
        names.extend(draft.content.parties.iter().map(|party| party.name.clone()));
    }
    let mut signers = Vec::new();
    let mut add = |role: SignerRole, typed: &str, identity: Identity| {
        let hand = signers.len() as u64 + 1;
        let (name, capacity) = super::pair(typed);
        let drawing = ink::draw(&name, hand).map_err(|said| match said.code() {
            "no_strokes" => said.and(
                &format!("可以画的字：{}。", ink::characters().unwrap_or_default()),
                &format!("There are: {}.", ink::characters().unwrap_or_default()),
            ),
            _ => said,
        })?;
        let point = |point: &doorstep_core::agreement::Point| (f64::from(point.x), f64::from(point.y));
        signers.push(SignerFile {
            role: role.name().into(),
            name,
            capacity,
            by: None,
            identity: identity.name().into(),
            shown_ms: TRIAL_SHOWN_MS,
            read_aloud: true,
            width: drawing.width(),
            height: drawing.height(),
            strokes: drawing.strokes().iter().map(|stroke| stroke.iter().map(point).collect()).collect(),
        });
        Ok::<(), Said>(())
    };
    for name in &names {
        add(SignerRole::Party, name, Identity::CardShown)?;
    }
    for witness in &options.witness {
        add(SignerRole::Witness, witness, Identity::PassShown)?;
    }
    if let Some(mediator) = &options.mediator {
        add(SignerRole::Mediator, mediator, Identity::Known)?;
    }
    let notice = "filler 试用笔迹：取自 hanzi-writer-data 的笔画中线（Arphic Public License），不是任何人的签名。".to_owned();
    let file = InkFile { notice, filler: true, number: None, signers };
    let text = serde_json::to_string(&file).map_err(|_| Said::new("无法写出笔迹。", "the strokes can't be written."))?;
    write(&options.out, format!("{text}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trial_ink_is_marked_as_filler_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("ink.json");
        let options = Strokes {
            names: vec!["张建国".into(), "李秀英".into()],
            case: None,
            witness: vec!["陈志强=片区民警".into()],
            mediator: Some("王敏".into()),
            out: out.clone(),
        };
        strokes(|| Err(Said::new("", "")), &options).unwrap();
        let file: InkFile = record(&out).unwrap();
        assert!(file.filler && file.notice.contains("filler"));
        let roles: Vec<&str> = file.signers.iter().map(|signer| signer.role.as_str()).collect();
        assert_eq!(roles, ["party", "party", "witness", "mediator"]);
        assert_eq!(file.signers[2].capacity, "片区民警");
        for signer in &file.signers {
            let again = Drawing::from_raw(signer.width, signer.height, &signer.strokes).unwrap();
            assert_eq!(again.strokes().len(), signer.strokes.len());
        }
    }

    #[test]
    fn a_name_without_strokes_says_which_there_are() {
        let options =
            Strokes { names: vec!["司马".into()], case: None, witness: vec![], mediator: None, out: PathBuf::from("-") };
        let said = strokes(|| Err(Said::new("", "")), &options).unwrap_err();
        assert!(said.code() == "no_strokes" && said.text(Lang::Zh).contains('张'), "{said}");
    }
}
