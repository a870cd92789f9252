//! The pages, put together when they are asked for. What they show of the code is the text of the files that run.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, Route, web};

use crate::stops::{STOPS, Stop};

const POLICY: &str =
    "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn routes(app: &mut web::ServiceConfig) {
    app.route("/", html(index)).route("/page.js", file("text/javascript", include_str!("../static/page.js")));
    app.route("/tour.css", file("text/css", include_str!("../static/tour.css")));
    for stop in &STOPS {
        app.route(&format!("/{}", stop.name), html(move || page(stop)));
        app.route(&format!("/stops/{}.js", stop.name), file("text/javascript", stop.script));
    }
}

fn file(ty: &'static str, text: &'static str) -> Route {
    reply(ty, move || text.to_owned())
}

fn html(text: impl Fn() -> String + Clone + 'static) -> Route {
    reply("text/html", text)
}

fn reply(ty: &'static str, text: impl Fn() -> String + Clone + 'static) -> Route {
    web::get().to(move || {
        let text = text();
        async move {
            HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, format!("{ty}; charset=utf-8")))
                .insert_header((CONTENT_SECURITY_POLICY, POLICY))
                .body(text)
        }
    })
}

fn index() -> String {
    let list: String = STOPS
        .iter()
        .map(|Stop { name, title, lede, .. }| {
            format!("<li><a href=\"/{name}\"><b>{title}</b>{lede}</a></li>")
        })
        .collect();
    let lede = "Each stop shows its code, the browser's and the server's, and runs it.";
    shell("Socket.IO, on actix-web", lede, None, &format!("<ol class=\"list\">{list}</ol>"))
}

fn page(stop: &Stop) -> String {
    let source = |(name, text): &(&str, &str)| {
        format!("<h3>{name}</h3>\n<pre tabindex=\"0\"><code>{}</code></pre>\n", escape(text))
    };
    let sources: String = stop.sources.iter().map(source).collect();
    let body = include_str!("../static/stop.html")
        .replace("<!-- name -->", stop.name)
        .replace("<!-- script -->", &escape(stop.script))
        .replace("<!-- sources -->", &sources);
    shell(stop.title, stop.lede, Some(stop.name), &body)
}

fn shell(title: &str, lede: &str, current: Option<&str>, body: &str) -> String {
    let link = |stop: &Stop| {
        let mark = if current == Some(stop.name) { " aria-current=\"page\"" } else { "" };
        format!("<li><a href=\"/{}\"{mark}>{}</a></li>", stop.name, stop.title)
    };
    let stops: String = STOPS.iter().map(link).collect();
    // No text that is put in has such a place of its own: in code they are escaped.
    include_str!("../static/page.html")
        .replace("<!-- title -->", title)
        .replace("<!-- lede -->", lede)
        .replace("<!-- stops -->", &stops)
        .replace("<!-- body -->", body)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
