//! `doorstep serve`: from the command line to a listening server and its end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use doorstep_core::environment::Clock;
use tokio::net::TcpListener;

use crate::app::App;
use crate::blobs::{Blobs, s3};
use crate::config::{Limits, ServerClock, ServerEntropy, Workers};
use crate::edge::{self, Listener, tls};
use crate::store::Store;
use crate::words::{Lang, Said, say};
#[cfg(unix)]
use crate::worker::Trials;
use crate::{admin, logs};

/// What `doorstep serve` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// 数据目录 · The data directory, made by `doorstep admin init`.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 监听地址 · Address and port; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// 证书链 · Certificate chain, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key", conflicts_with_all = ["self_signed", "plain"])]
    tls_cert: Option<PathBuf>,
    /// 证书私钥 · The certificate's private key, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// 自签名证书（仅供试用） · Make a certificate for a trial on a local network and keep it in the data directory.
    #[arg(long, conflicts_with = "plain")]
    self_signed: bool,
    /// 不加密（仅在有加密代理时使用） · No encryption beyond this computer: only behind a proxy that encrypts.
    #[arg(long)]
    plain: bool,
    /// 附件存放处，不写则在数据目录里；密钥从环境变量 AWS_… 读取 · Where attachments are kept: a bucket, by S3's protocol. Without
    /// it, the data directory. Keys are read from the environment, as below.
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    blobs: Option<String>,
    /// 端口写入文件 · Write the port to this file once the server listens.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
    /// Milliseconds since 1970 as text, read at every use: time as a demo or a test wants it.
    #[arg(long, value_name = "FILE", hide = true)]
    clock_file: Option<PathBuf>,
}

const EXAMPLES: &str = "\
示例 · Examples:
  doorstep serve --data ./data
      on this computer only, without encryption
  doorstep serve --data ./data --listen 0.0.0.0:8443 --self-signed
      for phones on the local network; prints the certificate's fingerprint
  doorstep serve --data ./data --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem
  AWS_ENDPOINT=https://s3.example.cn AWS_REGION=cn-1 AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… \
  doorstep serve --data ./data --blobs s3://doorstep/guangwumen
      attachments in a bucket; also AWS_SESSION_TOKEN, AWS_VIRTUAL_HOSTED_STYLE_REQUEST, AWS_ALLOW_HTTP=true for a store
      on a network of one's own
  RUST_LOG=debug doorstep serve --data ./data
      more lines in the log (standard error); nothing personal in any of them

Ctrl-C 或 SIGTERM 后先完成进行中的请求 · Ctrl-C or SIGTERM: requests in flight finish first, ten seconds at most.";

/// Serves until told to stop.
pub fn run(options: &Options, lang: Lang) -> Result<(), Said> {
    if !options.listen.ip().is_loopback() && options.tls_cert.is_none() && !options.self_signed && !options.plain {
        return Err(Said::new(
            "对外监听必须加密：请用 --tls-cert 和 --tls-key，试用可用 --self-signed；若前面已有加密代理，用 --plain。",
            "beyond this computer the server must encrypt: give --tls-cert and --tls-key, or --self-signed for a trial; \
             behind a proxy that encrypts, --plain",
        ));
    }
    logs::start();
    let store = admin::open(&options.data)?;
    // Before anybody can pull one: phones take rows as they are sent. A thousand documents take about a second.
    crate::ingest::renew_rows(&store).map_err(|error| admin::failed(&error))?;
    crate::ingest::record_possession(&store).map_err(|error| admin::failed(&error))?;
    let clock: Arc<dyn Clock> = match &options.clock_file {
        None => Arc::new(ServerClock::System),
        Some(path) => Arc::new(ServerClock::file(path).map_err(|cause| unusable(path, &cause))?),
    };
    let tls = match (&options.tls_cert, &options.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::configure(certificate, key).map_err(|error| tls_said(&error))?),
        _ if options.self_signed => {
            let (config, fingerprint) =
                tls::self_signed(&options.data, names(options.listen)).map_err(|error| tls_said(&error))?;
            say!("{} {fingerprint}", lang.pick("证书指纹 (SHA-256)：", "certificate fingerprint (SHA-256):"));
            Some(config)
        }
        _ => None,
    };
    let blobs = blobs(options.blobs.as_deref(), &store)?;
    let reached = options.blobs.is_some().then(|| blobs.clone());
    let limits = Limits { workers: workers()?, ..Limits::default() };
    let app = App::with_blobs(store, blobs, clock, Arc::new(ServerEntropy), limits);
    #[cfg(unix)]
    if let Trials::Workers(pool) = app.trials() {
        pool.check().map_err(|cause| no_workers(&cause))?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|cause| failed(&cause))?;
    let served = runtime.block_on(async {
        let tcp = TcpListener::bind(options.listen).await.map_err(|cause| {
            let at = options.listen;
            Said::new(
                format!("无法监听 {at}：{cause}。端口可能被占用，可用 --listen 换一个。"),
                format!("can't listen on {at}: {cause}; the port may be taken, choose another with --listen"),
            )
        })?;
        let address = tcp.local_addr().map_err(|cause| failed(&cause))?;
        let stop = stop_signal().map_err(|cause| failed(&cause))?;
        if let Some(path) = &options.port_file {
            write_whole(path, &format!("{}\n", address.port())).map_err(|cause| unusable(path, &cause))?;
        }
        let scheme = if tls.is_some() { "https" } else { "http" };
        say!("{} {scheme}://{address}", lang.pick("服务器已启动：", "serving on"));
        // Cases don't wait for photos, nor does the server for their store: the operator is told, phones try again.
        let reached = match reached {
            Some(blobs) => tokio::task::spawn_blocking(move || blobs.reach()).await.unwrap_or(Ok(())),
            None => Ok(()),
        };
        if let Err(cause) = reached {
            tracing::warn!(%cause, "attachments' store");
            say!(
                "{} {cause}",
                lang.pick(
                    "附件存放处现在无法访问，手机会稍后再传：",
                    "the attachments' store can't be reached now, phones will try again:"
                )
            );
        }
        let listener = match tls {
            None => Listener::from(tcp),
            Some(config) => Listener::encrypted(tcp, config),
        };
        edge::serve(listener, app, stop).await.map_err(|cause| failed(&cause))
    });
    // Blocking work that outlived the drain belongs to requests that were cut off: nobody waits for it.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    served?;
    say!("{}", lang.pick("服务器已停止。", "stopped"));
    Ok(())
}

/// Where attachments are kept.
pub(crate) fn blobs(bucket: Option<&str>, store: &Store) -> Result<Blobs, Said> {
    let Some(bucket) = bucket else { return Ok(Blobs::local(store.dir())) };
    let settings = std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
    let whole = s3::bucket(bucket, settings).map_err(|error| {
        Said::coded(
            "bucket_unusable",
            format!("附件存放处 {bucket} 无法使用：{error}"),
            format!("can't keep attachments in {bucket}: {error}"),
        )
    })?;
    Ok(Blobs::over(whole, store.dir()))
}

/// Processes in which changes are tried: this same program.
#[cfg(unix)]
pub(crate) fn workers() -> Result<Option<Workers>, Said> {
    Workers::this_program().map(Some).map_err(|cause| no_workers(&cause))
}

/// Without processes under limits, changes are tried in this one.
#[cfg(not(unix))]
pub(crate) fn workers() -> Result<Option<Workers>, Said> {
    Ok(None)
}

#[cfg(unix)]
fn no_workers(cause: &std::io::Error) -> Said {
    Said::new(format!("无法启动检查进程：{cause}"), format!("can't start a process that checks changes: {cause}"))
}

/// What a self-signed certificate is for: this computer under its usual names, and the address it listens on.
fn names(listen: SocketAddr) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let ip = listen.ip();
    if !ip.is_unspecified() && !ip.is_loopback() {
        names.push(ip.to_string());
    } else if ip.is_unspecified() {
        names.extend(own_address());
    }
    names
}

/// The address that other computers on the network see, if there is one. Connecting a UDP socket sends nothing; it only
/// asks the system which way it would send. The target is a documentation address (RFC 5737).
fn own_address() -> Option<String> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip().to_string())
}

/// Ends at the first SIGTERM or SIGINT.
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Who waits for the file never sees half of it.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, text)?;
    std::fs::rename(&part, path)
}

fn unusable(path: &Path, cause: &std::io::Error) -> Said {
    let path = path.display();
    Said::new(format!("无法使用 {path}：{cause}"), format!("can't use {path}: {cause}"))
}

fn failed(cause: &std::io::Error) -> Said {
    Said::new(format!("系统出错：{cause}"), format!("the system failed: {cause}"))
}

fn tls_said(error: &tls::TlsError) -> Said {
    Said::new(format!("证书无法使用：{error}"), error.to_string())
}
