//! Carrying: what lies between the core's sessions and whichever client sends for them. It stops where it is asked to, says how far
//! it is, and remembers whether the host's own client was at fault.
//!
//! Stopping is a link that dropped, which every session knows how to end with; nothing of a session is known here.

use std::io::{self, Read};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorstep_core::environment::{Request, Response, Transport, TransportError};
use doorstep_core::host::HttpTransport as ReadyClient;

use crate::lent::{Lent, Trouble};
use crate::sentences::CANCELLED;
use crate::transport::{self, HttpTransport, TransportFailure};
use crate::watching::{SyncPhase, SyncProgress};
use crate::work::{Stop, locked};

/// Where a sync sends what was done here; the wire's paths are permanent, and what is another path is a greeting.
const PATH_PUSH: &str = "/v1/sync/push";
/// Where it receives what others did.
const PATH_PULL: &str = "/v1/sync/pull";

/// Who sends.
#[derive(Clone)]
pub(crate) enum Client {
    /// The ready client.
    Ready(Arc<ReadyClient>),
    /// The host's, and the server's address.
    Host(Arc<Lent<dyn HttpTransport>>, String),
}

/// How far a sync is, and who hears it.
pub(crate) struct Tale {
    now: Mutex<SyncProgress>,
    tell: Box<dyn Fn(SyncProgress) + Send + Sync>,
    /// Changes that wait, documents that changed.
    counts: Box<dyn Fn() -> (u64, u64) + Send + Sync>,
}

impl Tale {
    pub(crate) fn new(
        tell: impl Fn(SyncProgress) + Send + Sync + 'static,
        counts: impl Fn() -> (u64, u64) + Send + Sync + 'static,
    ) -> Arc<Self> {
        let phase = SyncPhase::Greeting;
        let (waiting, documents) = counts();
        let begun = SyncProgress { phase, requests: 0, waiting, documents, bytes_up: 0, bytes_down: 0 };
        Arc::new(Self { now: Mutex::new(begun), tell: Box::new(tell), counts: Box::new(counts) })
    }

    fn goes_on(&self, change: impl FnOnce(&mut SyncProgress)) {
        let mut now = locked(&self.now);
        change(&mut now);
        let now = *now;
        (self.tell)(now);
    }

    /// Counts anew what is waiting and what came, and says so.
    pub(crate) fn at(&self, phase: SyncPhase, change: impl FnOnce(&mut SyncProgress)) {
        let (waiting, documents) = (self.counts)();
        self.goes_on(|now| {
            *now = SyncProgress { phase, waiting, documents, ..*now };
            change(now);
        });
    }
}

/// One piece of long work's way to the server.
pub(crate) struct Carrier {
    client: Client,
    stop: Stop,
    tale: Option<Arc<Tale>>,
    /// The code of the host's fault, if the last request failed by one.
    trouble: Mutex<Option<&'static str>>,
}

impl Carrier {
    pub(crate) fn new(client: Client, stop: &Stop) -> Self {
        Self { client, stop: stop.clone(), tale: None, trouble: Mutex::new(None) }
    }

    /// The same, and it says how far it is.
    pub(crate) fn telling(self, tale: &Arc<Tale>) -> Self {
        Self { tale: Some(Arc::clone(tale)), ..self }
    }

    /// The code of the host's fault, where that is why a request failed.
    pub(crate) fn trouble(&self) -> Option<&'static str> {
        *locked(&self.trouble)
    }

    /// What a report that did not come to its end says instead of its own code: that it was called off, or that it was the host's.
    pub(crate) fn instead(&self) -> Option<&'static str> {
        if self.stop.is_set() { Some(CANCELLED) } else { self.trouble() }
    }

    fn by_host(&self, host: &Lent<dyn HttpTransport>, server: &str, request: &Request) -> Result<Response, TransportError> {
        let asked = transport::request(server, request);
        let answered = host.ask(Some(&self.stop), move |host| host.send(asked));
        *locked(&self.trouble) = match &answered {
            Ok(Err(TransportFailure::Failed)) => Some(Trouble::Failed.code()),
            Ok(_) => None,
            Err(trouble) => Some(trouble.code()),
        };
        match answered {
            Ok(answer) => answer.map(transport::response).map_err(TransportError::from),
            Err(Trouble::Hung) => Err(TransportError::Timeout),
            Err(_) => Err(TransportError::Unreachable),
        }
    }
}

impl Transport for Carrier {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        if self.stop.is_set() {
            return Err(TransportError::Unreachable);
        }
        if let Some(tale) = &self.tale {
            let phase = match request.path.as_str() {
                PATH_PUSH => SyncPhase::Sending,
                PATH_PULL => SyncPhase::Receiving,
                _ => SyncPhase::Greeting,
            };
            tale.at(phase, |now| {
                now.requests = now.requests.saturating_add(1);
                now.bytes_up = now.bytes_up.saturating_add(request.body.len() as u64);
            });
        }
        let answer = match &self.client {
            Client::Ready(client) => client.send(request),
            Client::Host(host, server) => self.by_host(host, server, request),
        }?;
        let body = Passing { body: answer.body, stop: self.stop.clone(), tale: self.tale.clone() };
        Ok(Response { body: Box::new(body), ..answer })
    }

    fn pause(&self, ms: u64) {
        if let Some(tale) = &self.tale {
            tale.at(SyncPhase::Waiting, |_| ());
        }
        self.stop.pause(Duration::from_millis(ms));
    }

    fn on_wire(&self) -> Option<(u64, u64)> {
        match &self.client {
            Client::Ready(client) => client.on_wire(),
            Client::Host(..) => None,
        }
    }
}

/// An answer's body on its way.
struct Passing {
    body: Box<dyn Read + Send>,
    stop: Stop,
    tale: Option<Arc<Tale>>,
}

impl Read for Passing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_set() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let read = self.body.read(buffer)?;
        if let Some(tale) = self.tale.as_ref().filter(|_| read > 0) {
            tale.goes_on(|now| now.bytes_down = now.bytes_down.saturating_add(read as u64));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lent::ANSWER_WITHIN;
    use crate::transport::{HttpRequest, HttpResponse};

    struct Canned(Result<(), TransportFailure>);

    impl HttpTransport for Canned {
        fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportFailure> {
            self.0.map(|()| HttpResponse { status: 200, headers: Vec::new(), body: vec![7; 10], whole: true })
        }
    }

    fn carrier(answers: Result<(), TransportFailure>, stop: &Stop) -> Carrier {
        let host: Arc<dyn HttpTransport> = Arc::new(Canned(answers));
        let client = Client::Host(Arc::new(Lent::new(host, ANSWER_WITHIN)), "http://127.0.0.1:1".into());
        let tale = Tale::new(|_| (), || (3, 0));
        Carrier::new(client, stop).telling(&tale)
    }

    fn request() -> Request {
        Request { method: "POST", path: PATH_PUSH.into(), headers: Vec::new(), body: vec![0; 4] }
    }

    #[test]
    fn a_stop_ends_requests_answers_and_pauses_as_a_dropped_link_does() {
        let stop = Stop::default();
        let carrier = carrier(Ok(()), &stop);
        let mut answer = carrier.send(&request()).unwrap();
        assert_eq!(answer.body.read(&mut [0; 4]).unwrap(), 4);
        stop.set();
        assert!(answer.body.read(&mut [0; 4]).is_err());
        carrier.pause(u64::MAX >> 1);
        assert_eq!(carrier.send(&request()).err(), Some(TransportError::Unreachable));
        assert_eq!(carrier.instead(), Some(CANCELLED));
    }

    #[test]
    fn progress_counts_requests_and_bytes_in_the_phase_they_belong_to() {
        let carrier = carrier(Ok(()), &Stop::default());
        carrier.send(&request()).unwrap().body.read_to_end(&mut Vec::new()).unwrap();
        let now = *locked(&carrier.tale.as_ref().unwrap().now);
        let wanted =
            SyncProgress { phase: SyncPhase::Sending, requests: 1, waiting: 3, documents: 0, bytes_up: 4, bytes_down: 10 };
        assert_eq!(now, wanted);
    }

    #[test]
    fn only_a_fault_of_the_hosts_own_is_told_as_one() {
        for (answers, instead) in [
            (TransportFailure::Unreachable, None),
            (TransportFailure::Timeout, None),
            (TransportFailure::Failed, Some("host_failed")),
        ] {
            let carrier = carrier(Err(answers), &Stop::default());
            assert!(carrier.send(&request()).is_err());
            assert_eq!(carrier.instead(), instead);
        }
    }
}
