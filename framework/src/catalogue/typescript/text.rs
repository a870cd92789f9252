//! TypeScript's words.

/// A string literal. JSON's are JavaScript's (ECMA-262, since 2019).
pub(super) fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// String literals, one of which it is.
pub(super) fn union(texts: &[&str]) -> String {
    texts.iter().map(|text| literal(text)).collect::<Vec<_>>().join(" | ")
}

fn is_word(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    text.chars().all(inside) && text.starts_with(|c: char| !c.is_ascii_digit())
}

/// A property's name.
pub(super) fn key(name: &str) -> String {
    if is_word(name) { name.to_owned() } else { literal(name) }
}

/// Words that no parameter can be called.
const RESERVED: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// A parameter's name: unnamed patterns have their number.
pub(super) fn parameter(name: &str) -> String {
    if is_word(name) && !RESERVED.contains(&name) { name.to_owned() } else { format!("_{name}") }
}

/// A comment, if there is something to say.
pub(super) fn docs(text: &str) -> String {
    let text = text.trim().replace("*/", "*\\/");
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    match &lines[..] {
        [] => String::new(),
        [line] => format!("/** {line} */\n"),
        lines => {
            let lines: String =
                lines.iter().map(|line| format!(" * {line}").trim_end().to_owned() + "\n").collect();
            format!("/**\n{lines} */\n")
        }
    }
}

/// Two spaces in front of every line that is not empty.
pub(super) fn indent(text: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") };
    text.lines().map(line).collect()
}
