//! A sub-district's server on a loopback port, with a clock that tests move, and phones with keys.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use data_encoding::BASE64URL_NOPAD;
use doorstep_core::directory::Directory;
use doorstep_core::environment::{Clock, Entropy, random};
use doorstep_core::id::{DeviceId, Digest, PersonId};
use doorstep_core::people::{Org, OrgKind, Person, Post, Role};
use doorstep_core::sync::wire::{self, EnrolAnswer, EnrolRequest, PushRequest};
use doorstep_core::time::Timestamp;
use doorstep_server::app::App;
use doorstep_server::config::{Limits, ServerEntropy};
use doorstep_server::edge::Background;
use doorstep_server::enrol::{self, Minted};
use doorstep_server::store::{NewCode, Store};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_bytes::ByteBuf;
use sha2::{Digest as _, Sha256};

use crate::client::{self, Answer};

pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> (u64, u64) {
        (1, self.0.load(Ordering::Relaxed).unsigned_abs())
    }
}

pub struct World {
    pub server: Background,
    pub store: Store,
    pub clock: Arc<TestClock>,
    _dir: tempfile::TempDir,
}

pub fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

fn directory() -> Directory {
    let lead = |id: &str| Person {
        id: person(id),
        name: "某某".into(),
        posts: vec![Post {
            role: Role::CommunityLead,
            org: "ncg".parse().unwrap(),
            grids: vec![],
            buildings: vec![],
            ended: None,
        }],
    };
    Directory {
        name: "广武门街道".into(),
        orgs: vec![Org { id: "ncg".parse().unwrap(), kind: OrgKind::Community, name: "南城根社区".into() }],
        people: vec![lead("lead-ncg"), lead("other")],
        ..Directory::default()
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(Limits::default())
    }

    pub fn with(limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(1_778_000_000_000)));
        let store = Store::create(dir.path(), &directory(), &ServerEntropy, clock.now()).unwrap();
        let app = App::new(store.clone(), clock.clone(), Arc::new(ServerEntropy), limits);
        let server = Background::start(app, "127.0.0.1:0".parse().unwrap(), None).unwrap();
        Self { server, store, clock, _dir: dir }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub fn nonce(&self) -> String {
        client::get(self.address(), "/v1/nonce", &[]).header("doorstep-nonce").unwrap().to_owned()
    }

    pub fn mint(&self, who: &str) -> Minted {
        let minted = Minted::new(&ServerEntropy);
        let code = NewCode {
            hash_long: enrol::digest(&minted.secret).unwrap(),
            hash_short: enrol::digest(&minted.typed).unwrap(),
            person: person(who),
            expires: self.clock.now().plus_ms(enrol::CODE_MS),
        };
        self.store.put_code(code, self.clock.now()).unwrap();
        minted
    }

    pub fn enrol(&self, key: &Key, code: &str) -> Answer {
        let request = key.enrolment(code, &self.nonce());
        self.post_enrolment(&request)
    }

    pub fn post_enrolment(&self, request: &EnrolRequest) -> Answer {
        let body = minicbor_serde::to_vec(request).unwrap();
        client::send(self.address(), "POST", "/v1/enrol", &[("content-type", wire::CBOR)], &body)
    }

    pub fn phone(&self, who: &str) -> Phone {
        let key = Key::new();
        let answer = self.enrol(&key, &self.mint(who).secret);
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer: EnrolAnswer = minicbor_serde::from_slice(&answer.body).unwrap();
        assert_eq!((answer.person.as_str(), answer.tenant.as_str()), (who, "广武门街道"));
        Phone { key, device: answer.device, person: answer.person }
    }
}

pub struct Key(SigningKey);

impl Key {
    pub fn new() -> Self {
        loop {
            let mut bytes = [0; 32];
            ServerEntropy.fill(&mut bytes);
            if let Ok(key) = SigningKey::from_slice(&bytes) {
                return Self(key);
            }
        }
    }

    pub fn public(&self) -> [u8; 33] {
        self.0.verifying_key().to_sec1_point(true).as_bytes().try_into().unwrap()
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature: Signature = self.0.sign(message);
        signature.normalize_s().to_bytes().into()
    }

    pub fn enrolment(&self, code: &str, nonce: &str) -> EnrolRequest {
        EnrolRequest {
            version: wire::VERSION,
            code: code.into(),
            public_key: ByteBuf::from(self.public()),
            label: "一部手机".into(),
            nonce: nonce.into(),
            signature: ByteBuf::from(self.sign(&wire::enrol_input(code, &self.public(), nonce))),
        }
    }
}

pub struct Phone {
    pub key: Key,
    pub device: DeviceId,
    pub person: PersonId,
}

impl Phone {
    /// Headers of a request signed over `body`.
    pub fn headers(&self, path: &str, body: &[u8], nonce: &str) -> Vec<(&'static str, String)> {
        let digest = Digest::from_bytes(Sha256::digest(body).into());
        let input = wire::signing_input("POST", path, &digest, &self.device, &self.person, nonce);
        vec![
            (wire::HEADER_DEVICE, self.device.to_string()),
            (wire::HEADER_PERSON, self.person.to_string()),
            (wire::HEADER_NONCE, nonce.to_owned()),
            (wire::HEADER_SIGNATURE, BASE64URL_NOPAD.encode(&self.key.sign(&input))),
            ("content-type", wire::CBOR.to_owned()),
        ]
    }

    pub fn post(&self, world: &World, path: &str, body: &[u8]) -> Answer {
        send(world, path, &self.headers(path, body, &world.nonce()), body)
    }

    pub fn push(&self, world: &World, request: &PushRequest) -> Answer {
        self.post(world, "/v1/sync/push", &minicbor_serde::to_vec(request).unwrap())
    }

    pub fn token(&self, world: &World) -> String {
        let answer = self.post(world, "/v1/token", &[]);
        assert_eq!(answer.status, 204, "{answer:?}");
        answer.header(wire::HEADER_TOKEN).unwrap().to_owned()
    }
}

pub fn send(world: &World, path: &str, headers: &[(&'static str, String)], body: &[u8]) -> Answer {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    client::send(world.address(), "POST", path, &headers, body)
}

pub fn pull(world: &World, token: &str) -> Answer {
    client::get(world.address(), "/v1/sync/pull", &[("authorization", &format!("Bearer {token}"))])
}

/// A push of one change that is no change at all: the store keeps it aside.
pub fn nonsense() -> PushRequest {
    let change = wire::PushedChange {
        doc: doorstep_core::id::DocId::from_bytes(random(&ServerEntropy)),
        kind: doorstep_core::id::DocKind::Case,
        hash: doorstep_core::id::ChangeHash::from_bytes(random(&ServerEntropy)),
        bytes: ByteBuf::from(vec![7; 100]),
    };
    PushRequest { version: wire::VERSION, changes: vec![change], bundles: vec![] }
}

/// A push that changes nothing.
pub fn empty() -> PushRequest {
    PushRequest { version: wire::VERSION, changes: vec![], bundles: vec![] }
}
