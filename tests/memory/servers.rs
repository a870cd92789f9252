//! The same by real connections, with either server: what it needs for one, its HTTP and its sockets included.
//!
//! The clients are blocking sockets, which take nothing from the heap.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use greenroom_tests::server::serve_by;

use super::{BEGIN, END, alone, bench, echo, frame, live};

/// Where `HttpServer` serves, two buffers of 8 KiB and the task that reads and writes are actix-http's.
const STOCK: usize = 20_850;
const NATIVE: usize = 2_900;

/// Reads until `end` has come; how much that was.
fn read_until(stream: &mut TcpStream, end: &[u8]) -> usize {
    let (mut buffer, mut kept, mut read) = ([0; 16 * 1024], 0, 0);
    loop {
        let n = stream.read(&mut buffer[kept..]).expect("a server that answers");
        assert!(n > 0, "the end");
        read += n;
        let filled = kept + n;
        if buffer[..filled].ends_with(end) {
            return read;
        }
        kept = filled.min(end.len());
        buffer.copy_within(filled - kept..filled, 0);
    }
}

fn connect(addr: SocketAddr, connected: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(addr).expect("a server");
    let timeout = Duration::from_secs(20);
    stream.set_read_timeout(Some(timeout)).expect("a timeout");
    stream.set_nodelay(true).expect("no delay");
    let head = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(head).expect("a server");
    read_until(&mut stream, b"\"maxPayload\":1000000}");
    stream.write_all(connected).expect("a server");
    read_until(&mut stream, b"\"}");
    stream
}

/// Bytes of an idle connection, and how many more after each has echoed 64 KiB.
fn measure(native: bool) -> (usize, usize) {
    let server = serve_by(native, &bench(Duration::from_secs(25)), 1);
    let mut clients = Vec::with_capacity(END);
    let connected = frame("40");
    for _ in 0..BEGIN {
        clients.push(connect(server.addr, &connected));
    }
    let before = live();
    for _ in BEGIN..END {
        clients.push(connect(server.addr, &connected));
    }
    let idle = (live() - before) / (END - BEGIN);
    let message = frame(&echo(&"x".repeat(64 * 1024)));
    let before = live();
    for client in &mut clients {
        client.write_all(&message).expect("a server");
        assert!(read_until(client, b"\"}]") > 64 * 1024);
    }
    // The server may still hold the last echo when its client has it; not when it has answered once more.
    if let Some(client) = clients.last_mut() {
        client.write_all(&frame(&echo("hello"))).expect("a server");
        read_until(client, b"\"}]");
    }
    (idle, live().saturating_sub(before) / END)
}

#[test]
fn an_idle_connection_of_the_native_server_holds_little_and_after_a_burst_no_more() {
    let _alone = alone();
    let (idle, kept) = measure(true);
    assert!(idle <= NATIVE, "{idle} bytes");
    assert!(kept * 20 <= idle, "{kept} bytes more for each after a burst");
}

#[test]
fn an_idle_connection_of_the_stock_server_holds_its_buffers_and_little_more() {
    let _alone = alone();
    let (idle, kept) = measure(false);
    assert!(idle <= STOCK, "{idle} bytes");
    // What actix-http's buffers grew they keep: a read buffer of 128 KiB, and of the write buffer 32, as a large frame comes in pieces.
    assert!(kept <= 160 * 1024, "{kept} bytes more for each after a burst");
}
