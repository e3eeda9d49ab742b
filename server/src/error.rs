//! Every error the server answers with: one stable code, one status, one sentence in Chinese and in English that says
//! what the caller can do.
//!
//! Knows nothing of causes' details: a cause goes to the log, never to the phone. The body's form (JSON, or CBOR where
//! the caller asked for it) is chosen later, by [`crate::router`], which knows the request.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorstep_core::sync::wire::ErrorAnswer;

use crate::store::StoreError;

/// Longest place in a request that an error repeats, bytes: it may hold a caller's own field name.
const AT_MAX: usize = 120;
/// Seconds after which to try again where the database was busy: the store has itself waited for that long.
const STORE_RETRY_S: u32 = 5;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal, $zh:literal, $en:literal;)*) => {
        /// What went wrong, as callers may switch on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// One sentence in Chinese.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$name => $zh,)* }
            }

            /// One sentence in English.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

codes! {
    /// No such path.
    NotFound = 404 "not_found", "没有这个地址，请检查服务器地址和程序版本。", "There is nothing at this address; check the server's address and the app's version.";
    /// The path is there, the method is not.
    Method = 405 "method", "这个地址不接受这种请求方法，请更新程序。", "This address does not take this method; update the app.";
    /// The body is longer than the cap.
    BodyTooLarge = 413 "body_too_large", "请求内容超过上限，请分批发送。", "The request is larger than the server takes; send it in smaller batches.";
    /// The body is longer than the cap once decompressed.
    InflatedTooLarge = 413 "inflated_too_large", "请求内容解压后超过上限，请分批发送。", "The request is larger than the server takes once decompressed; send it in smaller batches.";
    /// More changes than one push may hold.
    TooManyChanges = 413 "too_many_changes", "一次推送的变更过多，请分批发送。", "There are too many changes in one push; send them in smaller batches.";
    /// The body stopped coming.
    Slow = 408 "slow", "内容传输中断或过慢，请在网络好转后重试。", "The request came too slowly or stopped; try again on a better connection.";
    /// The connection broke inside the body.
    Broken = 400 "broken", "请求内容不完整，请重试。", "The request's body broke off; send it again.";
    /// Not CBOR.
    MediaType = 415 "media_type", "请求内容须为 application/cbor。", "The request's body must be application/cbor.";
    /// A content encoding other than zstd.
    Encoding = 415 "encoding", "请求内容只能不压缩，或用 zstd 压缩。", "The request's body may be plain or zstd, nothing else.";
    /// The zstd stream is damaged.
    Compression = 400 "compression", "压缩内容已损坏，请重新发送。", "The compressed body is damaged; send it again.";
    /// The record can't be read; `at` says where.
    Malformed = 400 "malformed", "请求内容无法读取，请更新程序后重试。", "The request can't be read; update the app and try again.";
    /// Another version of the protocol.
    Version = 400 "version", "协议版本不受支持，请更新程序。", "This version of the protocol is not supported; update the app.";
    /// The signature's headers are missing or unreadable.
    Unsigned = 401 "unsigned", "请求须由设备签名。", "The request must be signed by a device.";
    /// The nonce is unknown, too old or used.
    Nonce = 401 "nonce", "随机数未知、过期或已用过，请用本次回答中的新随机数重新签名。", "The nonce is unknown, too old or used; sign again with the fresh one in this answer.";
    /// The signature does not fit.
    Signature = 401 "signature", "签名与请求不符，请重新签名发送。", "The signature does not fit the request; sign and send it again.";
    /// No such device.
    DeviceUnknown = 401 "device_unknown", "服务器不认识这台设备，请重新登记。", "The server does not know this device; enrol it again.";
    /// The device was revoked.
    DeviceRevoked = 403 "device_revoked", "这台设备已被停用，请联系管理员。", "This device has been revoked; ask your administrator.";
    /// The device is another person's.
    Person = 403 "person", "这台设备不属于该人员，请用登记的人员登录。", "This device was enrolled for another person; switch to that person.";
    /// No such token.
    Token = 401 "token", "令牌无效，请签名领取新令牌。", "The token is not valid; get a new one with a signed request.";
    /// The token's time is over.
    TokenExpired = 401 "token_expired", "令牌已过期，请签名领取新令牌。", "The token has expired; get a new one with a signed request.";
    /// No such enrolment code.
    CodeWrong = 403 "code_wrong", "登记码不对，请核对后重新输入。", "The enrolment code is wrong; check it and type it again.";
    /// The enrolment code's time is over.
    CodeExpired = 403 "code_expired", "登记码已过期，请向管理员要一个新的。", "The enrolment code has expired; ask your administrator for a new one.";
    /// The enrolment code was used.
    CodeUsed = 403 "code_used", "登记码已被使用，请向管理员要一个新的。", "The enrolment code was used already; ask your administrator for a new one.";
    /// The enrolment code was tried too often.
    CodeTries = 403 "code_tries", "登记码试错次数过多，已作废，请向管理员要一个新的。", "The enrolment code was tried too often and is void; ask your administrator for a new one.";
    /// The public key is not a point of P-256.
    Key = 400 "key", "设备公钥无法读取，请更新程序。", "The device's public key can't be read; update the app.";
    /// The cursor is not one of this server's.
    Cursor = 400 "cursor", "同步位置无法读取，请从头拉取。", "The cursor can't be read; pull without one.";
    /// No such bundle in this person's sight.
    BundleUnknown = 404 "bundle_unknown", "没有这份协议，或您无权查看。", "There is no such agreement, or you may not see it.";
    /// No such attachment in this person's sight.
    AttachmentUnknown = 404 "attachment_unknown", "没有这个附件，或您无权查看。", "There is no such attachment, or you may not see it.";
    /// The case names it; its bytes are still on the phone of whoever attached it.
    AttachmentAbsent = 404 "attachment_absent", "附件还没有上传完，请稍后再试。", "The attachment has not come up yet; try again later.";
    /// The server had its bytes and lost them.
    AttachmentMissing = 404 "attachment_missing", "服务器上的附件已损坏或丢失，存有原件的手机下次同步时会补传。", "The server's copy of the attachment is damaged or gone; a phone that has it will send it again with its next sync.";
    /// Not accepted, or not what it is said to be.
    AttachmentType = 422 "attachment_type", "不接受这种附件，或内容与类型不符。", "Attachments of this kind are not accepted, or it is not what it is said to be.";
    /// More than policy takes of its kind.
    AttachmentTooLarge = 413 "attachment_too_large", "附件超过上限，仍留在手机上。", "The attachment is larger than is accepted; it stays on the phone.";
    /// Another length than the case says.
    AttachmentLength = 422 "attachment_length", "附件长度与记录不符，仍留在手机上。", "The attachment has another length than its record says; it stays on the phone.";
    /// Another digest than its name.
    AttachmentHash = 422 "attachment_hash", "附件内容与记录的摘要不符，没有收下。", "The attachment's bytes do not have the digest of its record; they were not taken.";
    /// No such part of it.
    AttachmentRange = 416 "attachment_range", "附件没有这一段，请从头下载。", "The attachment has no such part; fetch it from its beginning.";
    /// Too much to do at once.
    Overloaded = 503 "overloaded", "服务器繁忙，请稍后自动重试。", "The server is busy; try again after the time it names.";
    /// The server's disk is full.
    StorageFull = 503 "storage_full", "服务器存储空间不足，记录仍在手机上，请通知管理员。", "The server's disk is full; your records stay on the phone; tell your administrator.";
    /// Anything else; the cause is in the server's log.
    Internal = 500 "internal", "服务器出错，记录仍在手机上，请稍后重试。", "The server failed; your records stay on the phone; try again later.";
}

/// An error on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    code: Code,
    at: Option<String>,
    retry_after_s: Option<u32>,
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self { code, at: None, retry_after_s: None }
    }
}

impl ApiError {
    /// The code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// With the place in the request. What is not plain ASCII punctuation, letters or digits becomes `?`: the place may
    /// hold a caller's own field name, and answers end up in logs and on screens.
    #[must_use]
    pub fn at(mut self, place: &str) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-[]? ".contains(c) { c } else { '?' };
        self.at = Some(place.chars().take(AT_MAX).map(plain).collect());
        self
    }

    /// Turned away for now: come back after `seconds`.
    pub fn overloaded(seconds: u32) -> Self {
        Self { retry_after_s: Some(seconds), ..Code::Overloaded.into() }
    }

    /// The server's own fault: the cause goes to the log, fixed words to the caller.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(target: "doorstep::fault", %cause, "a request failed");
        Code::Internal.into()
    }

    /// The record that travels.
    pub fn answer(&self) -> ErrorAnswer {
        ErrorAnswer { code: self.code.name().into(), zh: self.code.zh().into(), en: self.code.en().into(), at: self.at.clone() }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Code::StorageFull.into(),
            // Somebody held the database for long; soon they won't.
            StoreError::Busy => Self::overloaded(STORE_RETRY_S),
            other => Self::internal(&other.code()),
        }
    }
}

impl IntoResponse for ApiError {
    /// An empty answer that carries the error as an extension; [`crate::router`] writes its body.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // What is left of a body that was not read to its end would be taken for the next request.
        if matches!(self.code, Code::Slow | Code::Broken | Code::BodyTooLarge) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_its_own_and_has_words_in_both_languages() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.zh().ends_with('。') && code.en().ends_with('.'), "{code:?} is a sentence");
            assert!((400..600).contains(&code.status()));
        }
    }

    #[test]
    fn a_place_never_carries_more_than_plain_characters() {
        let error = ApiError::from(Code::Malformed).at("changes[3].<王敏>\n");
        assert_eq!(error.answer().at.as_deref(), Some("changes[3].?????"));
        assert_eq!(ApiError::from(Code::Malformed).at(&"a".repeat(999)).answer().at.map(|at| at.len()), Some(AT_MAX));
    }
}
