//! `POST /v1/aside`, signed: what revoked devices pushed, for the leads who may read and decide it; decisions in, the rest out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use doorstep_core::sync::aside::{ASIDE_MAX, AsideAnswer, AsideRecord, AsideRequest, Decided, Decision, WHY_MAX};
use doorstep_core::sync::wire;
use doorstep_core::words::Lang;

use crate::answer::{self, Form};
use crate::app::App;
use crate::audit::Who;
use crate::auth::Signed;
use crate::error::{ApiError, Code};
use crate::ingest::{self, Adopted, Reviewer};
use crate::store::SetAside;

/// Changes looked at for one answer: what others may decide is passed over.
const LOOKED_AT: u64 = 2_000;

pub(crate) async fn decide(State(app): State<Arc<App>>, headers: HeaderMap, signed: Signed) -> Result<Response, ApiError> {
    answer::expect_cbor(&headers)?;
    let request: AsideRequest = answer::decode(&signed.body)?;
    if request.version != wire::VERSION {
        return Err(Code::Version.into());
    }
    if request.decisions.len() > ASIDE_MAX || request.decisions.iter().any(|one| one.why.chars().count() > WHY_MAX) {
        return Err(Code::TooManyChanges.into());
    }
    let found = app.blocking(move |app| review(app, &signed, request)).await?;
    Form::of_answer(&headers).answer(&found)
}

fn review(app: &App, signed: &Signed, request: AsideRequest) -> Result<AsideAnswer, ApiError> {
    let who = Who::Device(signed.device, signed.person.clone());
    let lang = if request.lang == "en" { Lang::En } else { Lang::Zh };
    let mut answer = AsideAnswer::default();
    for decision in request.decisions {
        let n = decision.n;
        answer.decided.push(Decided { n, code: carry_out(app, signed, &who, decision)? });
    }
    let directory = app.store().directory()?;
    let mut docs = Vec::new();
    for aside in app.store().undecided(0, LOOKED_AT)? {
        if answer.aside.len() >= ASIDE_MAX {
            break;
        }
        let readable = ingest::readable(app.store(), &aside, &directory, lang)?;
        if !Reviewer::Person(&signed.person).may(&directory, &readable) {
            continue;
        }
        docs.push(aside.kept.doc);
        let SetAside { n, kept, person, received_at, .. } = aside;
        let (title, lines) = (readable.title, readable.lines);
        let (doc, kind, hash) = (kept.doc, kept.kind, kept.hash);
        answer.aside.push(AsideRecord { n, doc, kind, title, hash, person, received: received_at, lines });
    }
    docs.dedup();
    if !docs.is_empty() {
        app.store().look_at_aside(docs, who, app.now())?;
    }
    Ok(answer)
}

/// One decision: empty if it was carried out, else why not.
fn carry_out(app: &App, signed: &Signed, who: &Who, decision: Decision) -> Result<String, ApiError> {
    let directory = app.store().directory()?;
    let found = app.store().in_quarantine(decision.n)?;
    // Who may not decide learns no more than who asks for what is not there.
    let Some((aside, decided)) = found else { return Ok("not_found".into()) };
    let readable = ingest::readable(app.store(), &aside, &directory, Lang::Zh)?;
    if !Reviewer::Person(&signed.person).may(&directory, &readable) {
        return Ok("not_found".into());
    }
    if decided.is_some() {
        return Ok("decided_before".into());
    }
    if !decision.adopt {
        let done = app.store().dismiss_aside(&aside, who.clone(), decision.why, app.now())?;
        return Ok(if done { String::new() } else { "decided_before".into() });
    }
    Ok(match ingest::adopt(app.trials(), app.store(), &aside, who, &decision.why, app.now())? {
        Adopted::Stored(_) => String::new(),
        Adopted::Refused(code) => code,
    })
}
