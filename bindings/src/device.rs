//! The device: open, enrol, sync, lists. One line over the core each; the rest of it is in `commands` and `signing`.

use std::sync::{Arc, Mutex};

use doorstep_core::case::RefusalCode;
use doorstep_core::device::{self, DeviceError, Host};
use doorstep_core::device::{EnrolError, Filter, Invitation, Options, Order, PAGE_MAX, Position, Query};
use doorstep_core::environment;
use doorstep_core::host::{Folder, HttpOptions, HttpTransport as ReadyClient, SystemClock, SystemEntropy};
use doorstep_core::id::DocId;
use doorstep_core::row::Row as CoreRow;
use doorstep_core::time::{Date, Hlc};
use doorstep_core::words::{self, Lang as CoreLang};

use crate::carrying::{Carrier, Client, Tale};
use crate::clock::ForeignClock;
use crate::errors::{DoorstepError, read, read_some};
use crate::keys::{self, Secrets};
use crate::lent::{ANSWER_WITHIN, Lent, SECRET_WITHIN, TIME_WITHIN};
use crate::lists::{Pending, Row, SyncReport};
use crate::names::{DocKind, Lang, Stage, TextName};
use crate::opening::Opening;
use crate::options::DeviceOptions;
use crate::packets::Rescue;
use crate::place::{Directory, Enrolled};
use crate::sentences;
use crate::signer::{ForeignSigner, NoKey, SignerTrouble};
use crate::transport::HttpTransport;
use crate::views::{CaseView, VisitView};
use crate::watching::{Hub, Listener, News, Observation, Post, ProgressListener, SyncPhase, ToTheEnd};
use crate::work::{Cancellation, Stop, locked, off_thread, on_a_thread};

/// A person's phone: their documents, what is waiting to be sent, their key. Every call is durable when it returns.
#[derive(uniffi::Object)]
pub struct Device {
    pub(crate) inner: device::Device,
    pub(crate) lang: CoreLang,
    folder: Folder,
    /// The ready client, kept for its connection; a device is enrolled once, so it has one server.
    client: Mutex<Option<Arc<ReadyClient>>>,
    /// The host's client, if it brought one.
    transport: Option<Arc<Lent<dyn HttpTransport>>>,
    signer_trouble: SignerTrouble,
    hub: Arc<Hub>,
    rescued: Option<device::Rescued>,
}

/// Which rows of which list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RowQuery {
    /// Cases or visits.
    pub kind: DocKind,
    /// In this stage, or with this result.
    #[uniffi(default = None)]
    pub stage: Option<String>,
    /// In this community.
    #[uniffi(default = None)]
    pub community: Option<String>,
    /// In this grid.
    #[uniffi(default = None)]
    pub grid: Option<String>,
    /// With this org now.
    #[uniffi(default = None)]
    pub holder: Option<String>,
    /// Assigned to this person.
    #[uniffi(default = None)]
    pub assignee: Option<String>,
    /// Only what wants a look.
    #[uniffi(default = false)]
    pub look: bool,
    /// Due on this day or before.
    #[uniffi(default = None)]
    pub due_until: Option<String>,
    /// With this text in the title.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// Visits to this household.
    #[uniffi(default = None)]
    pub household: Option<String>,
    /// Households with this care tag.
    #[uniffi(default = None)]
    pub tag: Option<String>,
    /// What is due first comes first, and what has no date is left out; else what changed last comes first.
    #[uniffi(default = false)]
    pub by_due: bool,
    /// Where the page before ended ([`RowPage::next`]); none for the first.
    #[uniffi(default = None)]
    pub after: Option<String>,
    /// Most rows, 500 at most.
    #[uniffi(default = 50)]
    pub limit: u32,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RowPage {
    /// The rows.
    pub rows: Vec<Row>,
    /// Where the page ended, for the next one; none: this was the last.
    pub next: Option<String>,
}

#[uniffi::export]
impl Device {
    /// Opens the device in this folder, or makes one: its database, its key, its installation's nonce. `lang` is the
    /// language of everything shown; Chinese by default. `options`: what the host brings along. One object at a time: another one,
    /// here or in another process, gets `store_busy`.
    ///
    /// The database is encrypted under the key store's `database-key`; one that was plain is encrypted now. Under another key it is refused,
    /// `store_wrong_key`, or without one, `store_locked`, and left as it is. A damaged one is set aside: see [`Device::rescued`].
    ///
    /// It takes as long as the host's key store and key need to answer, and a database of an older version is brought up to date first.
    /// Who stops waiting lets go of the device as soon as it is open.
    #[uniffi::constructor(default(lang = None, options = None))]
    pub async fn open(dir: String, lang: Option<Lang>, options: Option<DeviceOptions>) -> Result<Arc<Self>, DoorstepError> {
        let lang = lang.map_or_else(CoreLang::default, Into::into);
        off_thread(lang, move |_| {
            let _alone = Opening::begin(&dir);
            Self::open_now(dir, lang, options)
        })
        .await
    }
}

impl Device {
    /// Opens it on this thread.
    fn open_now(dir: String, lang: CoreLang, options: Option<DeviceOptions>) -> Result<Arc<Self>, DoorstepError> {
        let options = options.unwrap_or_default();
        let folder = Folder::open(&dir).map_err(|_| DoorstepError::file(lang))?;
        let entropy = SystemEntropy::new().map_err(|error| DoorstepError::system(error, lang))?;
        let (hub, signer_trouble) = (Arc::<Hub>::default(), SignerTrouble::default());
        let clock: Arc<dyn environment::Clock> = match &options.clock {
            Some(clock) => {
                let clock = ForeignClock::new(options.lend(clock, TIME_WITHIN), Arc::clone(&hub));
                Arc::new(clock.map_err(|code| DoorstepError::host(code, "clock", lang))?)
            }
            None => Arc::new(SystemClock),
        };
        let secrets = options.key_store.as_ref().map(|store| Secrets::new(options.lend(store, SECRET_WITHIN), lang));
        let signer: Arc<dyn environment::Signer> = match &options.signer {
            Some(signer) => {
                let signer = ForeignSigner::new(options.lend(signer, SECRET_WITHIN), Arc::clone(&signer_trouble));
                Arc::new(signer.map_err(|error| match error {
                    NoKey::NotSigned => DoorstepError::of(&DeviceError::Key, lang),
                    NoKey::Host(code) => DoorstepError::host(code, "signer", lang),
                })?)
            }
            None => keys::software_signer(secrets.as_ref(), &folder, &entropy, lang)?,
        };
        let installation = folder.installation(&entropy).map_err(|_| DoorstepError::file(lang))?;
        let attachment_key = keys::attachment_key(secrets.as_ref(), &folder, &entropy, lang)?;
        let host = Host { clock, entropy: Arc::new(entropy), signer, installation, lang };
        let database_key = keys::database_key(secrets.as_ref(), &folder, &entropy, lang)?;
        let kept = || Options { database_key, attachment_key: Some(attachment_key), ..Options::default() };
        let opened = device::Device::open_or_rescue(&folder.store(), kept, host);
        let (inner, rescued) = opened.map_err(|error| DoorstepError::of(&error, lang))?;
        let notes = Arc::clone(&hub);
        inner.watch(Arc::new(move |doc| notes.changed(doc)));
        let transport = options.transport.as_ref().map(|transport| Arc::new(options.lend(transport, ANSWER_WITHIN)));
        Ok(Arc::new(Self { inner, lang, folder, rescued, client: Mutex::new(None), transport, signer_trouble, hub }))
    }
}

#[uniffi::export]
impl Device {
    /// Who the device is, once it is enrolled.
    pub fn enrolled(&self) -> Option<Enrolled> {
        self.inner.enrolled().map(Into::into)
    }

    /// What came of a database that was damaged when the device was opened; none: it was sound. To be told to its worker.
    pub fn rescued(&self) -> Option<Rescue> {
        self.rescued.as_ref().map(Into::into)
    }

    /// Enrols with a code: the text of the QR, or the ten characters typed, for which `server` is needed. `label` is what
    /// people call the device. `roots_pem`: certificates to trust instead of the web's from now on, for a trial with a
    /// self-signed one; a client of the host's trusts what it trusts.
    #[uniffi::method(default(server = None, roots_pem = None))]
    pub async fn enrol(
        self: Arc<Self>,
        code: String,
        label: String,
        server: Option<String>,
        roots_pem: Option<String>,
    ) -> Result<Enrolled, DoorstepError> {
        off_thread(self.lang, move |stop| self.enrol_now(&code, &label, server, roots_pem, stop)).await
    }

    /// Pushes everything unsent, then pulls everything new. Safe to call at any time and to lose at any time; taps go on
    /// meanwhile. A server that can't be reached is no error: see [`SyncReport::code`]. `progress` hears how far it is.
    /// `cancellation` ends it at its next request: then the report says `cancelled`. What was done stays.
    #[uniffi::method(default(progress = None, cancellation = None))]
    pub async fn sync(
        self: Arc<Self>,
        progress: Option<Arc<dyn ProgressListener>>,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<SyncReport, DoorstepError> {
        let stop = cancellation.map(|cancellation| cancellation.stop()).unwrap_or_default();
        on_a_thread(stop, self.lang, move |stop| self.sync_now(progress, stop)).await
    }

    /// From now on `listener` hears what changes here and how syncs go, until what this returns is ended or let go of. It is called on a
    /// thread of its own; however long it takes and whatever it throws, nothing here waits for it.
    pub fn observe(&self, listener: Arc<dyn Listener>) -> Result<Arc<Observation>, DoorstepError> {
        let post = Post::begin(move |news| listener.heard(news)).ok_or_else(|| DoorstepError::internal(self.lang))?;
        self.hub.add(&post);
        Ok(Observation::new(post))
    }

    /// What is not on the server, and why.
    pub fn pending(&self) -> Result<Pending, DoorstepError> {
        self.inner.pending().map(Into::into).map_err(|error| self.error(&error))
    }

    /// The directory as last pulled; empty before the first sync.
    pub fn directory(&self) -> Directory {
        Directory::of(&self.inner.directory(), self.lang)
    }

    /// A case.
    pub fn case_view(&self, case_id: String) -> Result<CaseView, DoorstepError> {
        self.inner.case(self.doc(&case_id)?).map(Into::into).map_err(|error| self.error(&error))
    }

    /// A visit.
    pub fn visit_view(&self, visit_id: String) -> Result<VisitView, DoorstepError> {
        self.inner.visit(self.doc(&visit_id)?).map(Into::into).map_err(|error| self.error(&error))
    }

    /// One page of a list; no document is loaded for it.
    pub fn rows(&self, query: RowQuery) -> Result<RowPage, DoorstepError> {
        let lang = self.lang;
        let community = read_some(query.community.as_deref(), lang)?;
        let grid = read_some(query.grid.as_deref(), lang)?;
        let holder = read_some(query.holder.as_deref(), lang)?;
        let assignee = read_some(query.assignee.as_deref(), lang)?;
        let household = read_some(query.household.as_deref(), lang)?;
        let order = if query.by_due { Order::Due } else { Order::Newest };
        let filter = Filter {
            stage: query.stage.as_deref(),
            community: community.as_ref(),
            grid: grid.as_ref(),
            holder: holder.as_ref(),
            assignee: assignee.as_ref(),
            look: query.look,
            due_until: read_some(query.due_until.as_deref(), lang)?,
            text: query.text.as_deref(),
            household: household.as_ref(),
            tag: query.tag.as_deref(),
        };
        let after = match &query.after {
            Some(place) => Some(position(place, order).ok_or_else(|| DoorstepError::not("place in a list", lang))?),
            None => None,
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX).min(PAGE_MAX);
        let query = Query { kind: query.kind.into(), order, filter, after, limit };
        let rows = self.inner.rows(&query).map_err(|error| self.error(&error))?;
        let next = rows.last().filter(|_| rows.len() == limit).map(place);
        Ok(RowPage { rows: rows.into_iter().map(Into::into).collect(), next })
    }

    /// SHA-256 of what a document says: equal on devices that have the same changes.
    pub fn digest(&self, id: String) -> Result<String, DoorstepError> {
        self.inner.digest(self.doc(&id)?).map(|digest| digest.to_string()).map_err(|error| self.error(&error))
    }

    /// One of a case's shared texts.
    pub fn text(&self, case_id: String, name: TextName) -> Result<String, DoorstepError> {
        self.inner.text(self.doc(&case_id)?, name.into()).map_err(|error| self.error(&error))
    }

    /// The time, corrected by the server's clock where it is known, milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.inner.now().0
    }

    /// Whether every page of the database is sound; slow, for when somebody asks.
    pub async fn check(self: Arc<Self>) -> Result<(), DoorstepError> {
        off_thread(self.lang, move |_| self.inner.check().map_err(|error| self.error(&error))).await
    }

    /// Lets the store put its log in order; for a moment when nobody taps.
    pub async fn tidy(self: Arc<Self>) -> Result<(), DoorstepError> {
        off_thread(self.lang, move |_| self.inner.tidy().map_err(|error| self.error(&error))).await
    }
}

impl Device {
    fn enrol_now(
        &self,
        code: &str,
        label: &str,
        server: Option<String>,
        roots_pem: Option<String>,
        stop: &Stop,
    ) -> Result<Enrolled, DoorstepError> {
        let server = self.server_for(code, server)?;
        // Tried first, so that a certificate that is none is never remembered; and what is no address for one client is none for
        // another.
        let ready = self.connect(&server, roots_pem.clone().map(String::into_bytes))?;
        self.folder.set_roots(roots_pem.as_deref().map(str::as_bytes)).map_err(|_| DoorstepError::file(self.lang))?;
        let client = match &self.transport {
            Some(host) => Client::Host(Arc::clone(host), server.clone()),
            None => Client::Ready(Arc::clone(&ready)),
        };
        let carrier = Carrier::new(client, stop);
        let enrolled = self.inner.enrol(&carrier, code, &server, label).map_err(|error| self.carried(&carrier, &error))?;
        *locked(&self.client) = Some(ready);
        Ok(enrolled.into())
    }

    fn sync_now(
        self: &Arc<Self>,
        progress: Option<Arc<dyn ProgressListener>>,
        stop: &Stop,
    ) -> Result<SyncReport, DoorstepError> {
        let carrier = self.carrier(stop)?;
        let told = progress.and_then(|listener| {
            Post::begin(move |news| match news {
                News::Progress { progress } => listener.progress(progress),
                _ => Ok(()),
            })
        });
        // However this ends: the listener hears what is left to be heard, and no more.
        let told = told.map(ToTheEnd);
        let posts = (told.as_ref().map(|told| Arc::clone(&told.0)), Arc::clone(&self.hub));
        let tell = move |progress| {
            if let Some(post) = &posts.0 {
                post.progress(progress);
            }
            posts.1.progress(progress);
        };
        let (device, before) = (Arc::clone(self), self.hub.documents());
        let counts = move || {
            let waiting = device.inner.pending().map(|pending| {
                device.hub.set_aside(pending.counts.set_aside);
                pending.counts.waiting
            });
            (waiting.unwrap_or_default(), device.hub.documents().saturating_sub(before))
        };
        let tale = Tale::new(tell, counts);
        let carrier = carrier.telling(&tale);
        let report = self.inner.sync(&carrier);
        tale.at(SyncPhase::Ended, |_| ());
        let report = report.map_err(|error| self.carried(&carrier, &error))?;
        Ok(SyncReport::of(&report, self.instead(&carrier, report.outcome.code()), self.lang))
    }

    /// The core's error in the device's language.
    pub(crate) fn error(&self, error: &DeviceError) -> DoorstepError {
        let trouble = matches!(error, DeviceError::Key).then(|| locked(&self.signer_trouble).take()).flatten();
        match trouble {
            Some(code) => DoorstepError::host(code, "signer", self.lang),
            None => DoorstepError::of(error, self.lang),
        }
    }

    /// The same for work that sent something: the host's own client may be at fault.
    pub(crate) fn carried(&self, carrier: &Carrier, error: &DeviceError) -> DoorstepError {
        match (error, carrier.trouble()) {
            (DeviceError::Transport(_), Some(code)) => DoorstepError::host(code, "transport", self.lang),
            _ => self.error(error),
        }
    }

    /// What a report says instead of the code that its session ended with, if anything.
    pub(crate) fn instead(&self, carrier: &Carrier, code: &str) -> Option<&'static str> {
        match code {
            "done" => None,
            "key" => locked(&self.signer_trouble).take(),
            _ => carrier.instead(),
        }
    }

    /// A document's id.
    pub(crate) fn doc(&self, id: &str) -> Result<DocId, DoorstepError> {
        read(id, self.lang)
    }

    /// The server that a code is for.
    fn server_for(&self, code: &str, server: Option<String>) -> Result<String, DoorstepError> {
        let invitation = Invitation::read(code).map_err(|error| self.error(&error.into()))?;
        let none = || self.error(&EnrolError::NoServer.into());
        invitation.server.or(server).ok_or_else(none)
    }

    fn connect(&self, server: &str, roots_pem: Option<Vec<u8>>) -> Result<Arc<ReadyClient>, DoorstepError> {
        let options = HttpOptions { roots_pem, ..HttpOptions::default() };
        let client = ReadyClient::new(server, &options).map_err(|error| DoorstepError::system(error, self.lang))?;
        Ok(Arc::new(client))
    }

    /// The way to the server that the device is enrolled with: by the host's client, or by the ready one, with its connection if
    /// there is one.
    pub(crate) fn carrier(&self, stop: &Stop) -> Result<Carrier, DoorstepError> {
        let server = self.inner.enrolled().ok_or_else(|| self.error(&DeviceError::NotEnrolled))?.server;
        if let Some(host) = &self.transport {
            return Ok(Carrier::new(Client::Host(Arc::clone(host), server), stop));
        }
        let mut kept = locked(&self.client);
        if let Some(client) = &*kept {
            return Ok(Carrier::new(Client::Ready(Arc::clone(client)), stop));
        }
        let roots = self.folder.roots().map_err(|_| DoorstepError::file(self.lang))?;
        let client = self.connect(&server, roots)?;
        *kept = Some(Arc::clone(&client));
        Ok(Carrier::new(Client::Ready(client), stop))
    }
}

/// Where a row stands in its list, as text that only [`position`] reads.
fn place(row: &CoreRow) -> String {
    let due = row.due.map(|day| day.to_string()).unwrap_or_default();
    format!("{:x}/{due}/{}", row.updated.0, row.doc)
}

/// The place behind the row that a text stands for.
fn position(text: &str, order: Order) -> Option<Position> {
    let mut parts = text.splitn(3, '/');
    let updated = Hlc(u64::from_str_radix(parts.next()?, 16).ok()?);
    let due: Option<Date> = Some(parts.next()?).filter(|day| !day.is_empty()).map(str::parse).transpose().ok()?;
    let doc: DocId = parts.next()?.parse().ok()?;
    // A position asks a row for nothing but these.
    let row = CoreRow { updated, due, ..CoreRow::unreadable(doc, doorstep_core::id::DocKind::Case) };
    Position::after(&row, order)
}

/// A stage in words.
#[uniffi::export]
pub fn stage_name(stage: Stage, lang: Lang) -> String {
    words::stage(stage.into(), lang.into()).into()
}

/// One sentence for a code, whether a refusal's or a device's; empty for a code this version doesn't know.
#[uniffi::export]
pub fn sentence_for(code: String, lang: Lang) -> String {
    match RefusalCode::from_code(&code) {
        Some(code) => words::code_sentence(code, lang.into()).into(),
        None => sentences::sentence(&code, lang.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::{Signer, SignerFailure};
    use crate::work::wait;

    #[test]
    fn a_place_in_a_list_reads_back_as_the_same_position() {
        let doc = DocId::from_bytes([5; 16]);
        let day = "2026-05-08".parse().unwrap();
        let row =
            CoreRow { updated: Hlc(0xabc_def0), due: Some(day), ..CoreRow::unreadable(doc, doorstep_core::id::DocKind::Visit) };
        for order in [Order::Newest, Order::Due] {
            assert_eq!(position(&place(&row), order), Position::after(&row, order));
        }
        assert_eq!(position("7//nonsense", Order::Newest), None);
        assert_eq!(position(&place(&CoreRow { due: None, ..row }), Order::Due), None, "the order leaves it out");
    }

    fn open(folder: &tempfile::TempDir, options: Option<DeviceOptions>) -> Result<Arc<Device>, DoorstepError> {
        wait(Device::open(folder.path().to_str().unwrap().into(), Some(Lang::En), options))
    }

    fn phone() -> (tempfile::TempDir, Arc<Device>) {
        let folder = tempfile::tempdir().unwrap();
        let device = open(&folder, None).unwrap();
        (folder, device)
    }

    #[test]
    fn a_new_device_is_nobodys_and_says_so() {
        let (_folder, device) = phone();
        assert_eq!(device.enrolled(), None);
        assert_eq!(wait(device.sync(None, None)).unwrap_err().code(), "not_enrolled");
        let (_folder, device) = phone();
        assert_eq!(device.directory().people, []);
        assert_eq!(device.pending().unwrap().waiting, 0);
    }

    #[test]
    fn a_typed_code_needs_a_server_and_nonsense_is_no_code() {
        let (_folder, device) = phone();
        let enrol = |code: &str, server: Option<&str>| {
            let enrolling = Arc::clone(&device).enrol(code.into(), "phone".into(), server.map(Into::into), None);
            wait(enrolling).unwrap_err().code().to_owned()
        };
        assert_eq!(enrol("hello", None), "enrol_not_a_code");
        assert_eq!(enrol("0123456789", None), "enrol_no_server");
        assert_eq!(enrol("0123456789", Some("http://somewhere.example")), "plain_http");
    }

    #[test]
    fn a_device_keeps_its_key_and_nonce_when_it_is_opened_again() {
        let (folder, device) = phone();
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        let before = (read("key"), read("installation"));
        drop(device);
        let _again = open(&folder, None).unwrap();
        assert_eq!((read("key"), read("installation")), before);
    }

    struct Locked;

    impl Signer for Locked {
        fn public_key(&self) -> Result<Vec<u8>, SignerFailure> {
            Err(SignerFailure::NotSigned)
        }

        fn sign(&self, _: Vec<u8>) -> Result<Vec<u8>, SignerFailure> {
            Err(SignerFailure::NotSigned)
        }
    }

    #[test]
    fn a_platform_key_that_is_locked_opens_nothing_and_makes_no_key_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let options = DeviceOptions { signer: Some(Arc::new(Locked)), ..DeviceOptions::default() };
        let opened = open(&folder, Some(options));
        assert_eq!(opened.err().unwrap().code(), "key");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_second_open_is_refused_until_the_first_is_let_go_of() {
        let (folder, device) = phone();
        let again = || open(&folder, None);
        let refused = again().err().unwrap();
        assert_eq!((refused.code(), refused.retry()), ("store_busy", true));
        drop(device);
        assert!(again().is_ok());
    }

    #[test]
    fn a_code_of_either_kind_has_its_sentence() {
        assert!(!sentence_for("elements_missing".into(), Lang::Zh).is_empty());
        assert!(!sentence_for("unreachable".into(), Lang::En).is_empty());
        assert_eq!(sentence_for("from_a_later_version".into(), Lang::En), "");
    }
}
