//! The phone that a command works on: its folder, its device, and which record a typed id means.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use doorstep_core::case::Command;
use doorstep_core::device::{AttachmentKey, Device, DeviceError, Host, Options as StoreOptions};
use doorstep_core::environment::{Clock, Signer};
use doorstep_core::host::{Folder, HttpOptions, HttpTransport, SoftwareSigner, SystemClock, SystemEntropy};
use doorstep_core::id::{DocId, DocKind};
use doorstep_core::time::{Date, Timestamp};
use doorstep_core::view::CaseView;

use super::{choice, fail, packets};
use crate::config::ServerClock;
use crate::words::{Lang, Said};

/// Characters of an id that lists show: with ten thousand records one in three thousand shares them with another.
pub(super) const SHORT: usize = 6;
/// Fewest characters by which a record may be called: fewer would soon mean another one.
const SHORTEST: usize = 3;
/// Records kept in mind for `last`.
const REMEMBERED: usize = 3;
/// Which records were last touched, a line each, the newest first.
const LAST: &str = "last";

/// What every command of the phone takes.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// 手机目录，缺省为 $DOORSTEP_HOME 或 ~/.local/share/doorstep/phone · The phone's folder; $DOORSTEP_HOME or ~/.local/share/doorstep/phone if not given.
    #[arg(long, global = true, value_name = "DIR", help_heading = "各命令通用 · For every command", display_order = 990)]
    home: Option<PathBuf>,
    /// 同一部手机上的另一人，各有各的数据库和密钥 · Another person on the same phone, with a database and a key of their own.
    #[arg(long, global = true, value_name = "NAME", help_heading = "各命令通用 · For every command", display_order = 990)]
    person: Option<String>,
    /// 以 JSON 输出 · Print records for programs; errors too.
    #[arg(long, global = true, help_heading = "各命令通用 · For every command", display_order = 991)]
    pub(super) json: bool,
    /// Milliseconds since 1970 as text, read at every use: time as a demo or a test wants it.
    #[arg(long, global = true, value_name = "FILE", hide = true)]
    clock_file: Option<PathBuf>,
}

impl Common {
    /// Where the phone is: `--home`, else `$DOORSTEP_HOME`, else `$XDG_DATA_HOME/doorstep/phone`, else
    /// `~/.local/share/doorstep/phone`.
    pub(super) fn home(&self) -> Result<PathBuf, Said> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let data = || set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
        let found = self.home.clone().or_else(|| set("DOORSTEP_HOME")).or_else(|| Some(data()?.join("doorstep/phone")));
        let home = found.ok_or_else(|| {
            Said::usage(
                "home_unknown",
                "不知道手机目录在哪里，请用 --home 指定。",
                "there is no telling where the phone's folder is: give it with --home.",
            )
        })?;
        let Some(person) = &self.person else { return Ok(home) };
        let folder = Folder::open(&home).and_then(|phone| phone.of_person(person));
        folder.map(|folder| folder.path().to_owned()).map_err(|cause| match cause.kind() {
            std::io::ErrorKind::InvalidInput => Said::usage(
                "wrong_person",
                "--person 只能用小写字母、数字和连字符，可用人员编号。",
                "--person takes small letters, digits and hyphens: a person's id will do.",
            ),
            _ => fail::file(&home, &cause),
        })
    }
}

/// A phone at the desk.
pub(super) struct Phone {
    pub(super) device: Device,
    pub(super) folder: Folder,
    pub(super) lang: Lang,
    pub(super) json: bool,
}

impl Phone {
    /// The phone in its folder; a folder without one is left as it is.
    pub(super) fn open(common: &Common, lang: Lang) -> Result<Self, Said> {
        let home = common.home()?;
        if !home.join("phone.db").exists() {
            let at = home.display();
            return Err(Said::coded(
                "no_phone",
                format!("{at} 里没有手机。用 doorstep phone enrol 登记一部，或用 --home 指定别的目录。"),
                format!("there is no phone in {at}: enrol one with doorstep phone enrol, or give another folder with --home."),
            ));
        }
        let phone = Self::make(common, lang)?;
        match phone.device.enrolled() {
            Some(_) => Ok(phone),
            None => Err(fail::told(&DeviceError::NotEnrolled)),
        }
    }

    /// The phone in its folder, made if there is none. A damaged database is set aside, and what is unsent of it rescued.
    pub(super) fn make(common: &Common, lang: Lang) -> Result<Self, Said> {
        let (folder, host) = Self::host(common, lang)?;
        let key = Self::attachment_key(&folder, &host)?;
        let options = || StoreOptions { attachment_key: Some(key), ..StoreOptions::default() };
        let opened = Device::open_or_rescue(&folder.store(), options, host);
        let (device, rescued) = opened.map_err(|error| fail::told(&error))?;
        if let Some(rescued) = rescued {
            packets::rescued(&rescued, lang);
        }
        if device.wipe_ordered() {
            // Ordered before, and cut off before it was done.
            drop(device);
            return Err(wiped(&folder));
        }
        Ok(Self { device, folder, lang, json: common.json })
    }

    /// The same phone on a new database, with what can be read of the present one.
    pub(super) fn rescue(self, common: &Common, lang: Lang) -> Result<Self, Said> {
        let Self { device, folder, json, .. } = self;
        drop(device);
        let (_, host) = Self::host(common, lang)?;
        let attachment_key = Some(Self::attachment_key(&folder, &host)?);
        let rescued = Device::rescue(&folder.store(), StoreOptions { attachment_key, ..StoreOptions::default() }, host);
        let (device, rescued) = rescued.map_err(|error| fail::told(&error))?;
        packets::rescued(&rescued, lang);
        Ok(Self { device, folder, lang, json })
    }

    fn attachment_key(folder: &Folder, host: &Host) -> Result<AttachmentKey, Said> {
        folder.attachment_key(&*host.entropy).map_err(|cause| fail::file(folder.path(), &cause))
    }

    fn host(common: &Common, lang: Lang) -> Result<(Folder, Host), Said> {
        let home = common.home()?;
        let unusable = |cause: std::io::Error| fail::file(&home, &cause);
        let folder = Folder::open(&home).map_err(unusable)?;
        let entropy = SystemEntropy::new().map_err(fail::host)?;
        let signer = SoftwareSigner::load_or_create(&folder.key(), &entropy).map_err(fail::key)?;
        let clock: Arc<dyn Clock> = match &common.clock_file {
            None => Arc::new(SystemClock),
            Some(path) => Arc::new(ServerClock::file(path).map_err(|cause| fail::file(path, &cause))?),
        };
        let host = Host {
            clock,
            installation: folder.installation(&entropy).map_err(unusable)?,
            entropy: Arc::new(entropy),
            signer: Arc::new(signer) as Arc<dyn Signer>,
            lang,
        };
        Ok((folder, host))
    }

    /// The way to the phone's server.
    pub(super) fn transport(&self) -> Result<HttpTransport, Said> {
        let enrolled = self.device.enrolled();
        let enrolled = enrolled.ok_or_else(|| fail::told(&DeviceError::NotEnrolled))?;
        self.way_to(&enrolled.server)
    }

    /// The way to a server, trusting what the folder says is to be trusted.
    pub(super) fn way_to(&self, server: &str) -> Result<HttpTransport, Said> {
        let roots_pem = self.folder.roots().map_err(|cause| fail::file(self.folder.path(), &cause))?;
        HttpTransport::new(server, &HttpOptions { roots_pem, ..HttpOptions::default() }).map_err(fail::host)
    }

    /// Today, in China.
    pub(super) fn today(&self) -> Date {
        self.device.now().date()
    }

    /// Now.
    pub(super) fn now(&self) -> Timestamp {
        self.device.now()
    }

    /// One of two texts.
    pub(super) const fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(zh, en)
    }

    /// The case that was typed: its id, the beginning of it, or `last`.
    pub(super) fn case(&self, typed: &str) -> Result<DocId, Said> {
        self.of_kind(typed, DocKind::Case)
    }

    /// The record of this kind that was typed.
    pub(super) fn of_kind(&self, typed: &str, kind: DocKind) -> Result<DocId, Said> {
        if typed == LAST {
            return self.last(Some(kind));
        }
        let (id, found) = self.any(typed)?;
        if found == kind {
            return Ok(id);
        }
        let word = |kind, lang| choice::kind_words(kind, lang);
        Err(Said::coded(
            "wrong_kind",
            format!("{} 是{}，不是{}。", short(id), word(found, Lang::Zh), word(kind, Lang::Zh)),
            format!("{} is a {}, not a {}.", short(id), word(found, Lang::En), word(kind, Lang::En)),
        ))
    }

    /// The record that was typed, whatever it is.
    pub(super) fn any(&self, typed: &str) -> Result<(DocId, DocKind), Said> {
        if typed == LAST {
            let id = self.last(None)?;
            return self.any(&id.to_string());
        }
        let found = self.device.beginning_with(typed, 5).map_err(|error| fail::told(&error))?;
        which(typed, found)
    }

    fn last(&self, kind: Option<DocKind>) -> Result<DocId, Said> {
        let mut touched = self.remembered().into_iter();
        let found = touched.find(|(known, _)| kind.is_none_or(|kind| kind == *known));
        found.map(|(_, id)| id).ok_or_else(|| {
            Said::coded("no_last", "还没有动过任何记录，请写出编号。", "nothing was touched here yet: give an id.")
        })
    }

    fn remembered(&self) -> Vec<(DocKind, DocId)> {
        let text = std::fs::read_to_string(self.folder.path().join(LAST)).unwrap_or_default();
        let line = |line: &str| {
            let (kind, id) = line.split_once(' ')?;
            Some((DocKind::from_name(kind)?, id.parse().ok()?))
        };
        text.lines().take(REMEMBERED).filter_map(line).collect()
    }

    /// Remembers what was touched, for `last`. Forgetting it costs a few characters, so nothing fails over it.
    pub(super) fn touched(&self, kind: DocKind, id: DocId) {
        let mut all = self.remembered();
        all.retain(|(known, _)| *known != kind);
        all.insert(0, (kind, id));
        let lines: Vec<String> = all.iter().map(|(kind, id)| format!("{} {id}\n", kind.name())).collect();
        // Whole or not at all: a kill in between leaves what was remembered before.
        let (last, beside) = (self.folder.path().join(LAST), self.folder.path().join(format!("{LAST}.new")));
        let _ = std::fs::write(&beside, lines.concat()).and_then(|()| std::fs::rename(beside, last));
    }

    /// Does something to a case, and remembers it.
    pub(super) fn run(&self, id: DocId, command: &Command) -> Result<CaseView, Said> {
        let view = self.device.run(id, command).map_err(|error| fail::told(&error))?;
        self.touched(DocKind::Case, id);
        Ok(view)
    }
}

/// Destroys what is in a revoked phone's folder, and says so.
pub(super) fn wiped(folder: &Folder) -> Said {
    match folder.wipe() {
        Ok(()) => Said::coded(
            "wiped",
            "这部手机已被停用；未上传的内容已交给服务器，本机数据已清除。",
            "this phone was revoked: what was unsent is with the server, and what was here has been destroyed.",
        ),
        Err(cause) => fail::file(folder.path(), &cause),
    }
}

/// Which record a beginning means, of those that begin so.
pub(super) fn which(typed: &str, found: Option<Vec<(DocId, DocKind)>>) -> Result<(DocId, DocKind), Said> {
    let Some(found) = found else {
        return Err(Said::usage(
            "not_an_id",
            format!("“{typed}”不是编号。编号由数字和小写字母组成，见列表的第一列；last 是最近动过的一件。"),
            format!(
                "'{typed}' is no id. Ids are digits and small letters, the first column of a list; last is what was last touched."
            ),
        ));
    };
    if typed.len() < SHORTEST {
        return Err(Said::usage(
            "id_too_short",
            format!("编号至少写前 {SHORTEST} 个字符。"),
            format!("give at least the first {SHORTEST} characters of an id."),
        ));
    }
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Said::coded(
            "not_found",
            format!("没有编号以 {typed} 开头的记录。"),
            format!("there is no record whose id begins with {typed}."),
        )),
        several => {
            let longer = |(id, _): &(DocId, DocKind)| id.to_string().chars().take(typed.len() + 4).collect::<String>();
            let ids: Vec<String> = several.iter().map(longer).collect();
            Err(Said::coded(
                "ambiguous_id",
                format!("几份记录的编号都以 {typed} 开头，请多写几位：{}。", ids.join("、")),
                format!("several ids begin with {typed}; give more of it: {}.", ids.join(", ")),
            ))
        }
    }
}

/// An id as lists show it.
pub(super) fn short(id: DocId) -> String {
    id.to_string().chars().take(SHORT).collect()
}

/// A text from a file, or from standard input for `-`.
pub(super) fn read(path: &Path) -> Result<String, Said> {
    use std::io::Read as _;
    /// Most bytes of a file that is read as text: far above any agreement or ink.
    const MOST: u64 = 4 << 20;
    let mut bytes = Vec::new();
    let reading = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
    };
    reading.map_err(|cause| fail::file(path, &cause))?;
    if bytes.len() as u64 > MOST {
        return Err(Said::coded("file_too_large", "文件过大。", "the file is too large."));
    }
    // A file saved by Windows begins with a mark that no format wants.
    let text = String::from_utf8(bytes)
        .map_err(|_| Said::coded("file_not_text", "文件不是 UTF-8 文本。", "the file is no UTF-8 text."))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A record in a file, TOML or JSON; a mistake is told with its place.
pub(super) fn record<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Said> {
    let text = read(path)?;
    let wrong = |mistake: String| {
        let path = path.display();
        Said::coded("file_wrong", format!("{path} 里有错误：{mistake}"), format!("{path} has a mistake: {mistake}"))
    };
    if text.trim_start().starts_with(['{', '[']) && !text.trim_start().starts_with("[[") {
        let mut read = serde_json::Deserializer::from_str(&text);
        serde_path_to_error::deserialize(&mut read).map_err(|error| wrong(format!("{}: {}", error.path(), error.inner())))
    } else {
        toml::from_str(&text).map_err(|error| wrong(format!("\n{error}")))
    }
}

/// Writes a file that was not there; `-` is standard output.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Said> {
    use std::io::Write as _;
    if path.as_os_str() == "-" {
        let _ = std::io::stdout().lock().write_all(bytes);
        return Ok(());
    }
    let written = std::fs::File::create_new(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AlreadyExists => Said::coded(
            "file_exists",
            format!("{} 已存在，没有覆盖它。", path.display()),
            format!("{} is there already; it was left as it is.", path.display()),
        ),
        _ => fail::file(path, &cause),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(first: u8) -> (DocId, DocKind) {
        let mut bytes = [0; 16];
        bytes[0] = first;
        (DocId::from_bytes(bytes), DocKind::Case)
    }

    #[test]
    fn a_beginning_must_mean_one_record() {
        let code = |typed: &str, found: Option<Vec<_>>| which(typed, found).map_err(|said| said.code().to_owned());
        assert_eq!(code("abc", Some(vec![id(1)])), Ok(id(1)));
        assert_eq!(code("abc", Some(vec![])), Err("not_found".into()));
        assert_eq!(code("abc", Some(vec![id(1), id(2)])), Err("ambiguous_id".into()));
        assert_eq!(code("ab", Some(vec![id(1)])), Err("id_too_short".into()));
        assert_eq!(code("私装", None), Err("not_an_id".into()));
    }

    #[test]
    fn a_record_is_toml_or_json_and_a_mistake_has_its_place() {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct One {
            title: String,
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one");
        for text in ["\u{feff}title = \"停水\"\n", "{\"title\": \"停水\"}"] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(record::<One>(&path).unwrap().title, "停水");
        }
        std::fs::write(&path, "{\"title\": 3}").unwrap();
        assert!(record::<One>(&path).err().unwrap().text(Lang::En).contains("title"));
        assert_eq!(write(&path, b"x").unwrap_err().code(), "file_exists");
        assert_eq!(read(&folder.path().join("none")).unwrap_err().code(), "file");
    }
}
