//! The cast: a server, a clock, and a phone for each person; what they do is told as they do it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_core::case::{Command, Standing};
use doorstep_core::device::{Device, DeviceError, Host, SyncReport};
use doorstep_core::environment::{Entropy, Signer, Transport};
use doorstep_core::host::{Folder, HttpOptions, HttpTransport, SoftwareSigner, SystemEntropy};
use doorstep_core::id::{DocId, PersonId};
use doorstep_core::store::{Options as StoreOptions, Store as PhoneStore};
use doorstep_core::sync::Outcome;
use doorstep_core::time::Date;
use doorstep_core::view::CaseView;
use doorstep_core::words;

use super::clock::DemoClock;
use super::server::ServerProcess;
use super::voice::{Ink, Voice};
use crate::config::ServerEntropy;
use crate::enrol::{Minted, digest};
use crate::store::{NewCode, Store};
use crate::words::{Lang, Said};

/// A phone, and what it cost on the wire.
pub(super) struct Phone {
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) dir: PathBuf,
    pub(super) installation: [u8; 16],
    device: Option<Device>,
    pub(super) up: u64,
    pub(super) down: u64,
    pub(super) requests: u64,
}

/// Everything on stage.
pub(super) struct World {
    pub(super) dir: PathBuf,
    pub(super) clock: Arc<DemoClock>,
    pub(super) server: ServerProcess,
    phones: BTreeMap<&'static str, Phone>,
    /// Check number and bundle of the signed agreement.
    pub(super) agreement: Option<(String, Vec<u8>)>,
    voice: Voice,
    entropy: SystemEntropy,
}

/// Who has a phone in the story, by the sample's ids.
const CAST: [&str; 17] = [
    "w-ncg-1",
    "w-ncg-2",
    "head-ncg-1-a",
    "lead-ncg",
    "w-lg-1",
    "lead-lg",
    "w-ncj-1",
    "lead-ncj",
    "w-ghj-1",
    "lead-ghj",
    "clerk-affairs",
    "clerk-service",
    "coordinator",
    "contact-telecom",
    "contact-property",
    "contact-builder",
    "contact-civil",
];

/// A failure that ends the demo, as what is said of it.
pub(super) fn stopped(zh: &str, en: &str, cause: &dyn std::fmt::Display) -> Said {
    Said::new(format!("{zh}：{cause}"), format!("{en}: {cause}"))
}

impl World {
    /// Sets the stage: sub-district, server, phones, each enrolled with a code of its own.
    pub(super) fn begin(dir: &Path, lang: Lang, to_stderr: bool) -> Result<Self, Said> {
        let cannot = |cause: &dyn std::fmt::Display| stopped("无法准备演示", "can't set the stage", cause);
        let entropy = SystemEntropy::new().map_err(|cause| cannot(&cause))?;
        let directory = crate::admin::sample().map_err(|cause| cannot(&cause))?;
        let clock = DemoClock::begin(&dir.join("clock"), directory.calendar.clone()).map_err(|cause| cannot(&cause))?;
        let clock = Arc::new(clock);
        let now = doorstep_core::environment::Clock::now(&*clock);
        let data = dir.join("server");
        let store = Store::create(&data, &directory, &ServerEntropy, now).map_err(|cause| cannot(&cause))?;
        drop(store);
        let server = ServerProcess::start(dir)?;
        let mut world = Self {
            dir: dir.to_owned(),
            clock,
            server,
            phones: BTreeMap::new(),
            agreement: None,
            voice: Voice::new(lang, to_stderr),
            entropy,
        };
        let address = world.server.address();
        world.say(
            &format!("{}：服务器已在 {address} 启动，{} 部手机逐一登记", directory.name, CAST.len()),
            &format!("{}: the server is up at {address}; {} phones enrol", directory.name, CAST.len()),
        );
        world.say(
            "手机都是离线的，只在 ⇅ 处联网（↑ 上传的改动，↓ 收到的更新）；✗ 手机当场拒绝；§ 办法里的规矩",
            "every phone is offline but where ⇅ stands (↑ changes sent, ↓ updates received); ✗ its phone refuses; § the law of the method",
        );
        for id in CAST {
            world.enrol(id)?;
        }
        Ok(world)
    }

    fn enrol(&mut self, id: &'static str) -> Result<(), Said> {
        let cannot = |cause: &dyn std::fmt::Display| stopped("手机登记失败", "a phone could not enrol", cause);
        let person: PersonId = id.parse().map_err(|cause| cannot(&cause))?;
        let dir = self.dir.join("phones").join(id);
        std::fs::create_dir_all(&dir).map_err(|cause| cannot(&cause))?;
        let mut installation = [0; 16];
        self.entropy.fill(&mut installation);
        let store = Store::open(&self.dir.join("server")).map_err(|cause| cannot(&cause))?;
        let minted = Minted::new(&ServerEntropy);
        let (Some(hash_long), Some(hash_short)) = (digest(&minted.secret), digest(&minted.typed)) else {
            return Err(Said::new("无法生成登记码。", "no code could be made."));
        };
        let now = doorstep_core::environment::Clock::now(&*self.clock);
        let code = NewCode { hash_long, hash_short, person: person.clone(), expires: now.plus_ms(crate::enrol::CODE_MS) };
        store.put_code(code, now).map_err(|cause| cannot(&cause))?;
        let known = store.directory().map_err(|cause| cannot(&cause))?;
        let role = known.person(&person).and_then(|person| person.posts().next()).map(|post| post.role);
        let mut phone = Phone {
            name: known.person_name(&person).to_owned(),
            role: role.map_or("", |role| words::role(role, self.lang())),
            person,
            dir,
            installation,
            device: None,
            up: 0,
            down: 0,
            requests: 0,
        };
        let device = self.open(&phone)?;
        let transport = self.transport()?;
        let address = self.server.address();
        device.enrol(&transport, &minted.typed, &address, "demo").map_err(|cause| cannot(&cause))?;
        phone.device = Some(device);
        self.phones.insert(id, phone);
        self.sync(id)
    }

    fn open(&self, phone: &Phone) -> Result<Device, Said> {
        let cannot = |cause: &dyn std::fmt::Display| stopped("无法打开手机数据库", "can't open a phone's database", cause);
        let signer = SoftwareSigner::load_or_create(&phone.dir.join("key"), &self.entropy).map_err(|cause| cannot(&cause))?;
        let host = Host {
            clock: Arc::clone(&self.clock) as _,
            entropy: Arc::new(self.entropy),
            signer: Arc::new(signer) as Arc<dyn Signer>,
            installation: phone.installation,
            lang: self.lang(),
        };
        let key = Folder::open(&phone.dir).and_then(|folder| folder.attachment_key(&self.entropy));
        let options = StoreOptions { attachment_key: Some(key.map_err(|cause| cannot(&cause))?), ..StoreOptions::default() };
        Device::open(&phone.dir.join("phone.db"), options, host).map_err(|cause| cannot(&cause))
    }

    pub(super) fn transport(&self) -> Result<HttpTransport, Said> {
        HttpTransport::new(&self.server.address(), &HttpOptions::default())
            .map_err(|cause| stopped("无法连接服务器", "can't reach the server", &cause))
    }

    /// Takes a phone out of its owner's hand: its database is closed until [`World::hand_back`].
    pub(super) fn take(&mut self, id: &str) -> Result<(), Said> {
        self.phone_mut(id)?.device = None;
        Ok(())
    }

    /// The phone is switched on again.
    pub(super) fn hand_back(&mut self, id: &str) -> Result<(), Said> {
        let device = self.open(self.phone(id)?)?;
        self.phone_mut(id)?.device = Some(device);
        Ok(())
    }

    pub(super) fn phone(&self, id: &str) -> Result<&Phone, Said> {
        self.phones.get(id).ok_or_else(|| Said::new(format!("没有 {id} 的手机"), format!("{id} has no phone")))
    }

    fn phone_mut(&mut self, id: &str) -> Result<&mut Phone, Said> {
        self.phones.get_mut(id).ok_or_else(|| Said::new(format!("没有 {id} 的手机"), format!("{id} has no phone")))
    }

    /// A phone that is on. One that has not met the server for two weeks is locked: its owner lets it sync before anything else.
    pub(super) fn device(&self, id: &str) -> Result<&Device, Said> {
        let off = || Said::new("手机已关机", "the phone is off");
        let device = self.phone(id)?.device.as_ref().ok_or_else(off)?;
        if matches!(device.day(0), Err(DeviceError::LeaseOver)) {
            device.sync(&self.transport()?).map_err(|error| self.unexpected(id, &error))?;
        }
        Ok(device)
    }

    pub(super) fn phones(&self) -> impl Iterator<Item = &Phone> {
        self.phones.values()
    }

    /// Does something on a phone, which is offline, and tells it.
    pub(super) fn tap(&mut self, id: &str, case: DocId, command: &Command) -> Result<CaseView, Said> {
        let view = self.device(id)?.run(case, command).map_err(|error| self.unexpected(id, &error))?;
        self.clock.minutes(7).map_err(|cause| stopped("时钟", "clock", &cause))?;
        // Typing makes no line of its own in the history.
        if !matches!(command, Command::EditText { .. }) {
            self.tell_last(id, &view);
        }
        Ok(view)
    }

    /// Tells the newest line of a case's history.
    pub(super) fn tell_last(&self, id: &str, view: &CaseView) {
        if let Some(line) = view.history.iter().max_by_key(|line| line.stamp) {
            self.tell(id, &line.text);
        }
    }

    /// What somebody did on their phone.
    pub(super) fn tell(&self, id: &str, what: &str) {
        let now = doorstep_core::environment::Clock::now(&*self.clock);
        let (hour, minute) = now.clock();
        let (who, role) = self.phones.get(id).map_or((id, ""), |phone| (phone.name.as_str(), phone.role));
        let (_, month, day) = now.date().ymd();
        self.voice.deed(&format!("  {month:>2}-{day:02} {hour:02}:{minute:02}  "), &format!("{role} {who}"), what);
    }

    /// Tells what of a case does not plainly count, and why.
    pub(super) fn tell_standings(&self, id: &str, case: DocId) -> Result<(), Said> {
        for line in self.case(id, case)?.history {
            let reason = match &line.standing {
                Standing::Effective => continue,
                Standing::Overtaken { why, .. } => words::code_sentence(*why, self.lang()),
                Standing::Contested { .. } => "",
            };
            let (name, by) = (words::standing_name(&line.standing, self.lang()), line.by_name);
            let after = if reason.is_empty() { "" } else { " · " };
            self.tell(id, &format!("⚠ {name} · {by} · {}{after}{reason}", line.text));
        }
        Ok(())
    }

    /// Something that a phone refused, as it should: what its screen said.
    pub(super) fn refused(&self, id: &str, case: DocId, command: &Command) -> Result<(), Said> {
        match self.device(id)?.run(case, command) {
            Err(error @ DeviceError::Refused(_)) => {
                let tried = words::command(command.kind(), self.lang());
                let (colon, words, code) = (self.pick("：", ": "), error.sentence(self.lang()), error.code());
                self.tell(id, &format!("✗ {tried}{colon}{words} [{code}]"));
                Ok(())
            }
            Err(error) => Err(self.unexpected(id, &error)),
            Ok(_) => Err(Said::new("本应被拒绝的操作通过了", "something was allowed that must be refused")),
        }
    }

    #[expect(clippy::unused_self, reason = "a sentence of this world, called like its others")]
    pub(super) fn unexpected(&self, id: &str, error: &DeviceError) -> Said {
        let sentence = |lang| error.sentence(lang);
        Said::new(
            format!("{id}：{} [{}]", sentence(Lang::Zh), error.code()),
            format!("{id}: {} [{}]", sentence(Lang::En), error.code()),
        )
    }

    /// A phone has a network for a moment.
    /// Puts what came after the sealing, receipt and stamp, beside the agreement that was signed: this phone fetches them.
    pub(super) fn keep_beside(&mut self, id: &str) -> Result<(), Said> {
        let Some((number, bytes)) = self.agreement.take() else { return Ok(()) };
        let transport = self.transport()?;
        let digest = doorstep_core::agreement::bundle_digest(&bytes);
        let device = self.device(id)?;
        device.sync_evidence(&transport).map_err(|error| self.unexpected(id, &error))?;
        let file = device.agreement_file(&digest).map_err(|error| self.unexpected(id, &error))?;
        self.agreement = Some((number, file.unwrap_or(bytes)));
        Ok(())
    }

    pub(super) fn sync(&mut self, id: &str) -> Result<(), Said> {
        let transport = self.transport()?;
        let report = self.sync_through(id, &transport)?;
        match report.outcome {
            Outcome::Done => Ok(()),
            other => Err(stopped("同步未完成", "a sync did not finish", &other.code())),
        }
    }

    pub(super) fn sync_through(&mut self, id: &str, transport: &dyn Transport) -> Result<SyncReport, Said> {
        let report = self.device(id)?.sync(transport).map_err(|error| self.unexpected(id, &error))?;
        self.count(id, &report)?;
        Ok(report)
    }

    /// Adds a sync to what a phone has cost.
    pub(super) fn count(&mut self, id: &str, report: &SyncReport) -> Result<(), Said> {
        let phone = self.phone_mut(id)?;
        if let Some(wire) = report.wire {
            phone.up += wire.up;
            phone.down += wire.down;
        }
        phone.requests += u64::from(report.requests);
        Ok(())
    }

    /// A phone and the server at once, for who kills one under the other.
    pub(super) fn with_server<T>(&mut self, id: &str, work: impl FnOnce(&Device, &mut ServerProcess) -> T) -> Result<T, Said> {
        let off = || Said::new("手机已关机", "the phone is off");
        let device = self.phone_mut(id)?.device.take().ok_or_else(off)?;
        let done = work(&device, &mut self.server);
        self.phone_mut(id)?.device = Some(device);
        Ok(done)
    }

    /// These phones sync, and the story says what that moved.
    pub(super) fn meet(&mut self, ids: &[&str]) -> Result<(), Said> {
        let (mut sent, mut came) = (0, 0);
        for id in ids {
            let transport = self.transport()?;
            let report = self.sync_through(id, &transport)?;
            if report.outcome != Outcome::Done {
                return Err(stopped("同步未完成", "a sync did not finish", &report.outcome.code()));
            }
            sent += report.verdicts.stored;
            came += report.documents + report.changes;
        }
        let names: Vec<&str> = ids.iter().filter_map(|id| self.phones.get(id)).map(|phone| phone.name.as_str()).collect();
        let names = names.join(self.pick("、", ", "));
        self.voice.beside(Ink::Faint, '⇅', &format!("{names}  ↑{sent} ↓{came}"));
        Ok(())
    }

    /// Makes sure that phones which have the same changes show the same state.
    pub(super) fn same(&self, case: DocId, ids: &[&str]) -> Result<(), Said> {
        let mut digests = Vec::new();
        for id in ids {
            digests.push(self.device(id)?.digest(case).map_err(|error| self.unexpected(id, &error))?);
        }
        digests.dedup();
        if digests.len() == 1 {
            Ok(())
        } else {
            Err(Said::new("两部手机的内容不一致", "two phones show different states"))
        }
    }

    pub(super) fn case(&self, id: &str, case: DocId) -> Result<CaseView, Said> {
        self.device(id)?.case(case).map_err(|error| self.unexpected(id, &error))
    }

    /// The day so many days from now, or the next working day.
    pub(super) fn day_in(&self, days: i32) -> Date {
        self.clock.day_in(days)
    }

    /// Lets days pass; the story goes on that morning.
    pub(super) fn days(&self, days: i32) -> Result<(), Said> {
        self.clock.days(days).map_err(|cause| stopped("时钟", "clock", &cause))
    }

    pub(super) fn minutes(&self, minutes: i64) -> Result<(), Said> {
        self.clock.minutes(minutes).map_err(|cause| stopped("时钟", "clock", &cause))
    }

    pub(super) fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang().pick(zh, en)
    }

    pub(super) fn heading(&self, zh: &str, en: &str) {
        self.voice.line(Ink::Plain, "");
        self.voice.tell(Ink::Bold, &format!("── {}", self.pick(zh, en)));
    }

    pub(super) fn say(&self, zh: &str, en: &str) {
        self.voice.tell(Ink::Plain, self.pick(zh, en));
    }

    /// What the law of the method decides here, in one sentence.
    pub(super) fn law(&self, zh: &str, en: &str) {
        self.voice.beside(Ink::Law, '§', self.pick(zh, en));
    }

    /// How things stand, where a reader must know it.
    pub(super) fn aside(&self, zh: &str, en: &str) {
        self.beside(self.pick(zh, en));
    }

    /// What a screen shows.
    pub(super) fn beside(&self, text: &str) {
        self.voice.beside(Ink::Faint, '…', text);
    }

    /// A line as it is: of a table, or one that somebody copies.
    pub(super) fn line(&self, ink: Ink, text: &str) {
        self.voice.line(ink, text);
    }

    pub(super) fn server_address(&self) -> String {
        self.server.address()
    }

    pub(super) fn wait_for_server(&mut self) {
        self.server.wait();
    }

    pub(super) const fn lang(&self) -> Lang {
        self.voice.lang()
    }
}

/// What a phone's database holds, read without its owner: for the story after a kill.
pub(super) fn look_into(phone: &Phone) -> Result<u64, Said> {
    let cannot = |cause: &dyn std::fmt::Display| stopped("无法打开手机数据库", "can't open a phone's database", cause);
    let store = PhoneStore::open(&phone.dir.join("phone.db"), StoreOptions::default()).map_err(|cause| cannot(&cause))?;
    store.check().map_err(|cause| cannot(&cause))?;
    Ok(store.counts().map_err(|cause| cannot(&cause))?.waiting)
}
