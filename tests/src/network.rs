//! The way between a phone and the server: real HTTP, and what can happen to a request on it.
//!
//! Faults come one by one as a test sets them ([`Network::next`]), or by chance from a seed ([`Weather`]). No time
//! passes in reality: waiting moves the world's clock.

use std::collections::VecDeque;
use std::io::{self, Cursor, Read};
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorstep_core::environment::{Request, Response, Transport, TransportError};
use doorstep_core::host::{HttpOptions, HttpTransport};

use crate::clock::WorldClock;
use crate::seed::Seeded;
use crate::server::Server;

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It never reaches the server.
    Lost,
    /// The server acts on it; its answer never comes.
    AnswerLost,
    /// The answer's body breaks off after so many bytes (plain ones, after decompression).
    Cut(usize),
    /// The same, and nobody can tell: the answer ends there as if that were all of it.
    CutUnseen(usize),
    /// It arrives twice, and the first answer comes.
    TwiceFirst,
    /// It arrives twice, and the second answer comes.
    TwiceSecond,
    /// It arrives, and a copy of it once more behind the next request.
    Echo,
    /// It takes a minute.
    Slow,
    /// The server acts on it and is killed before it can answer; another one starts on what the files hold.
    Killed,
    /// The server is killed while it acts on it, before anything of it is durable.
    KilledWithin,
    /// Nobody answers; the request is held up somewhere and arrives when [`Network::deliver_late`] says so.
    Late,
    /// The phone dies before the request leaves it ([`PhoneDied`] unwinds through the sync).
    PhoneDiesBefore,
    /// The phone dies while the server acts on it.
    PhoneDiesAfter,
}

/// What unwinds through a sync when the phone dies in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneDied;

/// What happens in the world just before a request, in the middle of a sync.
pub type Meanwhile = Box<dyn FnOnce() + Send>;

/// How bad the network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Every request arrives, every answer comes.
    Fair,
    /// So many of a hundred requests meet a fault.
    Stormy(u64),
    /// There is none.
    Offline,
}

/// A request that was made, and what became of it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The request as the phone made it.
    pub request: Request,
    /// What happened to it.
    pub fault: Fault,
    /// The answer's status, if the phone got one.
    pub status: Option<u16>,
    /// The answer's body as far as the phone got it, plain.
    pub body: Vec<u8>,
    /// Whether the body broke off before its end.
    pub broken: bool,
    /// Whether what happens meanwhile had happened before it.
    pub afterwards: bool,
}

impl Sent {
    /// Method and path without the query.
    pub fn what(&self) -> String {
        let path = self.request.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.request.method)
    }
}

/// One phone's way to the server.
pub struct Network {
    server: Arc<Server>,
    clock: WorldClock,
    chance: Seeded,
    state: Mutex<State>,
}

struct State {
    weather: Weather,
    script: VecDeque<Fault>,
    wire: Option<(SocketAddr, Arc<HttpTransport>)>,
    echo: Option<Request>,
    /// Requests held up on their way.
    late: Vec<Request>,
    /// What happens before the request that comes after so many others.
    meanwhile: Option<(usize, Meanwhile)>,
    /// Whether it did.
    happened: bool,
    sent: Vec<Sent>,
    /// What earlier connections carried, up and down.
    carried: (u64, u64),
}

impl Network {
    /// To this server, fair to begin with.
    pub fn new(server: Arc<Server>, clock: WorldClock, chance: Seeded) -> Self {
        let state = State {
            weather: Weather::Fair,
            script: VecDeque::new(),
            wire: None,
            echo: None,
            late: Vec::new(),
            meanwhile: None,
            happened: false,
            sent: Vec::new(),
            carried: (0, 0),
        };
        Self { server, clock, chance, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it is from now on.
    pub fn weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// What happens to the next requests, one after another; then the weather counts again.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().script.extend(faults);
    }

    /// Nothing is set any more, and the weather is fair.
    pub fn clear(&self) {
        let mut state = self.state();
        state.script.clear();
        state.echo = None;
        state.meanwhile = None;
        state.weather = Weather::Fair;
    }

    /// Does something in the world before the request that follows after `requests` others.
    pub fn meanwhile(&self, requests: usize, what: Meanwhile) {
        let mut state = self.state();
        state.meanwhile = Some((requests, what));
        state.happened = false;
    }

    /// Whether something of the script, or what was to happen meanwhile, has not come about yet; forgets it.
    pub fn is_left_over(&self) -> bool {
        let mut state = self.state();
        let left = !state.script.is_empty() || state.meanwhile.is_some();
        state.script.clear();
        state.meanwhile = None;
        state.happened = false;
        left
    }

    /// Whether a request since [`Network::sent`] was last asked met this.
    pub fn sent_any_of(&self, fault: Fault) -> bool {
        self.state().sent.iter().any(|sent| sent.fault == fault)
    }

    /// What was held up arrives now, the last first; its answers go nowhere. How many they were.
    pub fn deliver_late(&self) -> usize {
        let late = std::mem::take(&mut self.state().late);
        late.iter().rev().for_each(|request| {
            let _ = self.exchange(request);
        });
        late.len()
    }

    fn what_happens_meanwhile(&self) {
        let now = {
            let mut state = self.state();
            match &mut state.meanwhile {
                Some((0, _)) => state.meanwhile.take(),
                Some((others, _)) => {
                    *others -= 1;
                    None
                }
                None => None,
            }
        };
        if let Some((_, what)) = now {
            what();
            self.state().happened = true;
        }
    }

    /// What was sent since this was last asked.
    pub fn sent(&self) -> Vec<Sent> {
        std::mem::take(&mut self.state().sent)
    }

    fn fault(&self) -> Fault {
        let mut state = self.state();
        if let Some(fault) = state.script.pop_front() {
            return fault;
        }
        match state.weather {
            Weather::Offline => Fault::Lost,
            Weather::Stormy(percent) if self.chance.percent(percent) => match self.chance.below(8) {
                0 | 1 => Fault::Lost,
                2 | 3 => Fault::AnswerLost,
                4 => Fault::Cut(self.chance.below(6_000)),
                5 => Fault::TwiceFirst,
                6 => Fault::TwiceSecond,
                _ => *self.chance.pick(&[Fault::Echo, Fault::Slow]),
            },
            Weather::Fair | Weather::Stormy(_) => Fault::None,
        }
    }

    /// The client for where the server is now.
    fn wire(&self) -> Result<Arc<HttpTransport>, TransportError> {
        let address = self.server.address().ok_or(TransportError::Unreachable)?;
        let mut state = self.state();
        if let Some((at, wire)) = &state.wire
            && *at == address
        {
            return Ok(wire.clone());
        }
        if let Some((_, old)) = state.wire.take() {
            let (up, down) = old.on_wire().unwrap_or_default();
            state.carried = (state.carried.0 + up, state.carried.1 + down);
        }
        let wire = HttpTransport::new(&format!("http://{address}"), &HttpOptions::default()).expect("a loopback address");
        let wire = Arc::new(wire);
        state.wire = Some((address, wire.clone()));
        Ok(wire)
    }

    /// Sends it and reads the whole answer.
    fn exchange(&self, request: &Request) -> Result<Answer, TransportError> {
        let Response { status, headers, mut body } = self.wire()?.send(request)?;
        let mut bytes = Vec::new();
        let broken = body.read_to_end(&mut bytes).is_err();
        Ok(Answer { status, headers, bytes, broken })
    }

    fn deliver(&self, request: &Request, fault: Fault) -> Result<Answer, TransportError> {
        match fault {
            Fault::Lost => Err(TransportError::Unreachable),
            Fault::AnswerLost => {
                let _ = self.exchange(request);
                Err(TransportError::Timeout)
            }
            Fault::Killed => {
                let _ = self.exchange(request);
                self.server.kill();
                self.server.start();
                Err(TransportError::Unreachable)
            }
            Fault::KilledWithin => {
                let before = self.server.files_now();
                let _ = self.exchange(request);
                self.server.put_back(&before);
                Err(TransportError::Unreachable)
            }
            Fault::Late => {
                self.state().late.push(request.clone());
                Err(TransportError::Timeout)
            }
            Fault::PhoneDiesBefore => resume_unwind(Box::new(PhoneDied)),
            Fault::PhoneDiesAfter => {
                let answer = self.exchange(request);
                self.note(request, fault, &answer);
                resume_unwind(Box::new(PhoneDied))
            }
            Fault::TwiceFirst => {
                let first = self.exchange(request);
                let _ = self.exchange(request);
                first
            }
            Fault::TwiceSecond => {
                let _ = self.exchange(request);
                self.exchange(request)
            }
            Fault::Slow => {
                self.clock.pass(60_000);
                self.exchange(request)
            }
            Fault::Cut(at) | Fault::CutUnseen(at) => {
                let mut answer = self.exchange(request)?;
                if at < answer.bytes.len() {
                    answer.bytes.truncate(at);
                    answer.broken = matches!(fault, Fault::Cut(_));
                }
                Ok(answer)
            }
            Fault::None | Fault::Echo => self.exchange(request),
        }
    }
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    bytes: Vec<u8>,
    broken: bool,
}

impl Network {
    fn note(&self, request: &Request, fault: Fault, answer: &Result<Answer, TransportError>) {
        let (status, body) = match answer {
            Ok(answer) => (Some(answer.status), answer.bytes.clone()),
            Err(_) => (None, Vec::new()),
        };
        let broken = answer.as_ref().is_ok_and(|answer| answer.broken);
        let mut state = self.state();
        let afterwards = state.happened;
        state.sent.push(Sent { request: request.clone(), fault, status, body, broken, afterwards });
    }
}

impl Transport for Network {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        self.what_happens_meanwhile();
        let fault = self.fault();
        let answer = self.deliver(request, fault);
        let echo = self.state().echo.take();
        if let Some(old) = echo {
            let _ = self.exchange(&old);
        }
        if fault == Fault::Echo {
            self.state().echo = Some(request.clone());
        }
        self.note(request, fault, &answer);
        let Answer { status, headers, bytes, broken } = answer?;
        Ok(Response { status, headers, body: Box::new(Body { bytes: Cursor::new(bytes), broken }) })
    }

    fn pause(&self, ms: u64) {
        self.clock.pass(i64::try_from(ms).unwrap_or(i64::MAX));
    }

    fn on_wire(&self) -> Option<(u64, u64)> {
        let state = self.state();
        let (up, down) = state.wire.as_ref().and_then(|(_, wire)| wire.on_wire()).unwrap_or_default();
        Some((state.carried.0 + up, state.carried.1 + down))
    }
}

/// A body that may break off.
struct Body {
    bytes: Cursor<Vec<u8>>,
    broken: bool,
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.bytes.read(into)? {
            0 if self.broken => Err(io::ErrorKind::ConnectionReset.into()),
            count => Ok(count),
        }
    }
}
