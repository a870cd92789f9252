//! For the official JavaScript client's own test suite.

use std::time::{Duration, SystemTime};

use greenroom::prelude::*;
use serde_json::json;

/// An ISO 8601 date, as JavaScript prints one.
fn now() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // Howard Hinnant's civil_from_days, for years after 1970.
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", since.subsec_millis())
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let options = Options::new()
        .keep_headers(true)
        .ping_interval(Duration::from_secs(2))
        .ping_timeout(Duration::from_secs(20))
        .connection_state_recovery(Recovery::new().skip_middlewares(true));
    let io = Greenroom::builder(options)
        .allow_request(|_| async {
            actix_web::rt::time::sleep(Duration::from_millis(10)).await;
            Ok(())
        })
        .build()
        .map_err(std::io::Error::other)?;
    io.wrap(|socket: Socket| match socket.handshake().query("fail") {
        Some(fail) if !fail.is_empty() => Err(Refuse::because("Auth failed (main namespace)")),
        _ => Ok(()),
    });
    io.on_connection(|socket| {
        simple(&socket);
        values(&socket);
        binary(&socket);
    });
    io.of("/foo").on_connection(|socket| {
        socket.on("getId", |socket: Socket| socket.id());
    });
    io.of("/abc").on_connection(|socket| drop(socket.emit("handshake", socket.handshake())));
    for name in ["/timeout_socket", "/valid", "/asd"] {
        let _ = io.of(name);
    }
    io.of("/no").wrap(|_: Socket| Err::<(), _>(Refuse::because("Auth failed (custom namespace)")));
    greenroom_servers::serve(io).await
}

fn simple(socket: &Socket) {
    socket.on("hi", |socket: Socket| drop(socket.emit("hi", ())));
    socket.on("echo", |_: Socket, value: Value, ack: AckFn| ack.send((value,)));
    socket.on_concurrent("ack", async |socket: Socket| {
        let Ok((five, object)) = socket.emit_with_ack::<Value>("ack", ()).rest().await.map(two) else {
            return;
        };
        if five.as_f64() == Some(5.0) && object.get("test") == Some(&Value::Bool(true)) {
            socket.emit("got it", ());
        }
    });
    socket.on("getHandshake", |socket: Socket, ack: AckFn| ack.send(socket.handshake()));
    socket.on("getId", |socket: Socket, ack: AckFn| ack.send(socket.id()));
}

fn two(args: Rest<Value>) -> (Value, Value) {
    let mut args = args.0.into_iter();
    (args.next().unwrap_or_default(), args.next().unwrap_or_default())
}

fn values(socket: &Socket) {
    socket.on("getAckDate", |_: Socket, _: Value, ack: AckFn| ack.send(now()));
    socket.on("getDate", |socket: Socket| drop(socket.emit("takeDate", now())));
    socket.on("getDateObj", |socket: Socket| drop(socket.emit("takeDateObj", json!({ "date": now() }))));
    socket.on("getUtf8", |socket: Socket| {
        for text in ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"]
        {
            socket.emit("takeUtf8", text);
        }
    });
    socket.on("false", |socket: Socket| drop(socket.emit("false", false)));
}

/// What of a sequence of parts has come.
#[derive(Clone, Default)]
struct Came(Vec<&'static str>);

fn came(socket: &Socket, part: &'static str) {
    socket.update(|came: &mut Came| came.0.push(part));
}

fn has_come(socket: &Socket, parts: &[&str]) -> bool {
    socket.get::<Came>().unwrap_or_default().0.ends_with(parts)
}

fn binary(socket: &Socket) {
    socket.on("doge", |socket: Socket| drop(socket.emit("doge", Binary::from(&b"asdfasdf"[..]))));
    socket.on("getbin", |socket: Socket| drop(socket.emit("takebin", Binary::from(&b"asdfasdf"[..]))));
    socket.on("buffa", |socket: Socket, _: Binary| drop(socket.emit("buffack", ())));
    socket.on("blob", |socket: Socket, _: Binary| drop(socket.emit("back", ())));
    for (event, answer) in [("jsonbuff", "jsonbuff-ack"), ("jsonblob", "jsonblob-ack")] {
        socket.on(event, move |socket: Socket, value: Value| {
            let is = |key: &str, text: &str| value.get(key).and_then(Value::as_str) == Some(text);
            if is("hello", "lol")
                && is("goodbye", "gotcha")
                && value.get("message").is_some_and(|m| m.as_binary().is_some())
            {
                socket.emit(answer, ());
            }
        });
    }
    socket.on("abuff1", |socket: Socket, _: Binary| came(&socket, "abuff1"));
    socket.on("abuff2", |socket: Socket, _: String| {
        if has_come(&socket, &["abuff1"]) {
            socket.emit("abuff2-ack", ());
        }
    });
    socket.on("blob1", |socket: Socket, _: Binary| came(&socket, "blob1"));
    socket.on("blob2", |socket: Socket, _: String| came(&socket, "blob2"));
    socket.on("blob3", |socket: Socket, _: Binary| {
        if has_come(&socket, &["blob1", "blob2"]) {
            socket.emit("blob3-ack", ());
        }
    });
}
