// What the stops' scripts use besides `io`: the console is shown on the page, and `button` makes one.

const log = document.getElementById("log");
const shown = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const write = console.log.bind(console);

console.log = (...values) => {
  write(...values);
  const line = document.createElement("li");
  line.textContent = values.map(shown).join(" ");
  log.append(line);
  line.scrollIntoView({ block: "nearest" });
};

function button(name, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: name });
  made.addEventListener("click", act);
  document.getElementById("buttons").append(made);
}

// On a narrow screen the list of stops is wider than the page.
document.querySelector("nav [aria-current]").scrollIntoView({ inline: "center", block: "nearest" });
