//! `doorstep admin enrol`: a QR code for a person's phone, and ten characters for who can't scan.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use clap::Args;
use doorstep_core::id::PersonId;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use super::{DataDir, failed, now};
use crate::config::ServerEntropy;
use crate::enrol::{CODE_MS, Minted, digest};
use crate::store::{NewCode, StoreError};
use crate::words::{Lang, Said, say};

/// Longest a code may wait, milliseconds: a day. Longer ones lie about on paper.
const VALID_MAX_MS: i64 = 24 * 3_600_000;
/// Shortest, milliseconds: a minute, the time to pick up a phone.
const VALID_MIN_MS: i64 = 60_000;

#[derive(Debug, Args)]
#[command(after_help = "示例 · Examples:
  doorstep admin enrol w-ncg-1 --data ./data --server https://192.168.1.10:8443
  doorstep admin enrol w-ncg-1 --data ./data --valid 1h

二维码只能用一次 · The code works once; make another for each phone.")]
pub(super) struct Options {
    /// 人员编号 · The person's id.
    person: PersonId,
    /// 手机访问服务器的地址 · The server's address as phones reach it.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8443", value_parser = server)]
    server: String,
    /// 有效时间，如 15m、1h · How long the code works, such as 15m or 1h; a day at most.
    #[arg(long, value_name = "TIME", value_parser = span)]
    valid: Option<i64>,
    #[command(flatten)]
    dir: DataDir,
}

pub(super) fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    let store = options.dir.open()?;
    let minted = Minted::new(&ServerEntropy);
    let (Some(hash_long), Some(hash_short)) = (digest(&minted.secret), digest(&minted.typed)) else {
        return Err(Said::new("无法生成登记码。", "no code could be made"));
    };
    let at = now();
    let expires = at.plus_ms(options.valid.unwrap_or(CODE_MS));
    let code = NewCode { hash_long, hash_short, person: options.person.clone(), expires };
    store.put_code(code, at).map_err(|error| match error {
        StoreError::UnknownPerson => Said::new(
            format!("名录里没有 {}，请用 doorstep admin list 查看。", options.person),
            format!("the directory has no {}; see: doorstep admin list", options.person),
        ),
        other => failed(&other),
    })?;
    let link = link(&options.server, &minted.secret);
    let qr = QrCode::with_error_correction_level(&link, EcLevel::L)
        .map_err(|_| Said::new("地址太长，放不进二维码。", "the address is too long for a QR code"))?;
    say!("{}", draw(&qr, std::io::stdout().is_terminal()));
    let (hour, minute) = expires.clock();
    match lang {
        Lang::Zh => {
            say!("扫码登记 {}，{hour:02}:{minute:02} 前有效，只能用一次。", options.person);
            say!("链接：{link}");
            say!("不能扫码时，输入：{}    服务器：{}", minted.spoken(), options.server);
        }
        Lang::En => {
            say!("scan to enrol {}; works once, until {hour:02}:{minute:02} (China time)", options.person);
            say!("link: {link}");
            say!("who can't scan types: {}    server: {}", minted.spoken(), options.server);
        }
    }
    Ok(())
}

/// What the QR code says.
fn link(server: &str, code: &str) -> String {
    let mut escaped = String::new();
    for byte in server.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    format!("doorstep://enrol?server={escaped}&code={code}")
}

/// Two modules a character. On a terminal the colours are set, so that it scans on light and dark backgrounds alike;
/// in a file it is drawn for a dark one.
fn draw(qr: &QrCode, colours: bool) -> String {
    if !colours {
        return qr.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    }
    let plain = qr.render::<Dense1x2>().build();
    plain.lines().map(|line| format!("\u{1b}[38;5;16;48;5;231m{line}\u{1b}[0m")).collect::<Vec<_>>().join("\n")
}

fn server(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic()) => Ok(text.trim_end_matches('/').into()),
        _ => Err("an address such as https://192.168.1.10:8443".into()),
    }
}

fn span(text: &str) -> Result<i64, String> {
    let wrong = || "a time from 1m to 24h, such as 15m or 1h".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let unit = match unit {
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    let ms = number.parse::<u16>().map_err(|_| wrong()).map(|number| i64::from(number) * unit)?;
    if (VALID_MIN_MS..=VALID_MAX_MS).contains(&ms) { Ok(ms) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_between_a_minute_and_a_day() {
        assert_eq!((span("15m"), span("1h"), span("24h")), (Ok(900_000), Ok(3_600_000), Ok(86_400_000)));
        for text in ["", "m", "0m", "25h", "15", "-1m", "1d", "分"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_link_escapes_the_server() {
        assert_eq!(link("https://10.0.0.1:8443", "abc"), "doorstep://enrol?server=https%3A%2F%2F10.0.0.1%3A8443&code=abc");
    }

    #[test]
    fn only_web_addresses_are_servers() {
        assert_eq!(server("https://a.example/").as_deref(), Ok("https://a.example"));
        assert!(server("ftp://a").is_err() && server("https://").is_err() && server("https://a b").is_err());
    }
}
