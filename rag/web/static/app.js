// The page's one state is its address: ?q=…&mode=ask&library=…; everything shown follows from it.

import { announce, byId, el } from "./dom.js";
import { get, post } from "./api.js";
import { answerView } from "./answer.js";
import { grid, skeleton } from "./cards.js";
import { asItem, chips, collection, emptyLibrary } from "./home.js";
import { failure, foundLine, showCoverage, showNotices } from "./messages.js";
import { acceptUploads } from "./choosing.js";
import { addFiles } from "./uploads.js";

const WORDS = {
  search: { label: "Describe a picture", placeholder: "Describe a picture", go: "Search", hint: "Finds pictures by what they show and by their captions." },
  ask: { label: "Ask a question", placeholder: "Ask a question", go: "Ask", hint: "Answers from the pictures, and shows which ones." },
};
const seen = new Map();
const field = byId("q");
const stage = byId("stage");
let status = null;
let chooseFiles = () => {};
let underway = null;
const standing = refreshStatus();

function address() {
  const given = new URLSearchParams(location.search);
  return { q: given.get("q") ?? "", mode: given.get("mode") === "ask" ? "ask" : "search", library: given.get("library") ?? "" };
}

function go(change) {
  const { q, mode, library } = { ...address(), ...change };
  const wanted = new URLSearchParams(Object.entries({ q, mode: mode === "ask" ? mode : "", library }).filter(([, value]) => value));
  const path = wanted.size ? `/?${wanted}` : "/";
  if (path !== location.pathname + location.search) history.pushState(null, "", path);
  fillIn();
  return show();
}

/** The controls as the address has them. Only when the address changes: what somebody is typing is theirs. */
function fillIn() {
  const { q, mode, library } = address();
  field.value = q;
  setMode(mode);
  byId("library").value = library;
}

async function show() {
  const { q, mode, library } = address();
  document.body.classList.toggle("at-home", !q.trim());
  document.title = q.trim() ? `${q} · Picture Desk` : "Picture Desk";
  byId("chips").replaceChildren();
  underway?.abort();
  underway = new AbortController();
  try {
    await standing;
    await (q.trim() ? showResults(q, mode, library, underway.signal) : showHome(library, underway.signal));
  } catch (error) {
    if (error.name !== "AbortError") stage.replaceChildren(failure(error, status ? show : () => location.reload()));
  } finally {
    stage.removeAttribute("aria-busy");
  }
}

async function showResults(q, mode, library, signal) {
  const key = JSON.stringify([q, mode, library]);
  if (!seen.has(key)) {
    stage.setAttribute("aria-busy", "true");
    stage.replaceChildren(skeleton());
    announce("Looking…");
    const scope = library ? { library } : {};
    seen.set(key, mode === "ask" ? await post("/v1/ask", { question: q, ...scope }, { signal }) : await post("/v1/search", { query: q, ...scope }, { signal }));
  }
  const result = seen.get(key);
  stage.replaceChildren(mode === "ask" ? answerView(result, { searchInstead: () => go({ mode: "search" }) }) : searchView(result));
  refreshStatus();
}

/** Likely matches first; what is below the desk's threshold stands apart, so that nobody takes it for a find. */
function searchView(result) {
  const likely = result.evidence.filter((item) => item.relevance >= status.min_relevance);
  const others = result.evidence.filter((item) => item.relevance < status.min_relevance);
  const { event } = result;
  if (!result.evidence.length) return el("div", { class: "message" }, el("h2", {}, "Nothing found"), foundLine(result));
  return el(
    "div", {},
    foundLine({ ...result, evidence: likely }),
    likely.length ? grid(likely, { event, all: result.evidence }) : el("p", { class: "nothing" }, "Nothing here is a likely match."),
    others.length ? [el("h2", { class: "further" }, "Less likely"), grid(others, { event, all: result.evidence })] : "",
  );
}

async function showHome(library, signal) {
  const place = library || status.library;
  if (!status.coverage.searched && !status.coverage.pending) {
    stage.replaceChildren(emptyLibrary(status, chooseFiles));
    return;
  }
  const scope = new URLSearchParams({ library: status.libraries.includes(place) ? place : status.libraries[0] ?? place, state: "indexed", limit: "40" });
  const items = (await get(`/v1/assets?${scope}`, { signal })).assets.map(asItem);
  byId("chips").replaceChildren(...chips(items, go));
  stage.replaceChildren(items.length ? collection(items) : "");
}

function setMode(mode) {
  const words = WORDS[mode];
  document.querySelector(`input[name=mode][value=${mode}]`).checked = true;
  byId("q-label").textContent = words.label;
  field.placeholder = words.placeholder;
  byId("go").setAttribute("aria-label", words.go);
  byId("hint").textContent = words.hint;
}

async function refreshStatus() {
  const { library } = address();
  status = await get(`/v1/status${library ? `?${new URLSearchParams({ library })}` : ""}`);
  showNotices(status);
  showCoverage(status.coverage);
  byId("add").hidden = !status.may_upload;
  byId("ledger-link").hidden = !status.may_audit;
  showLibraries(status.libraries, library);
  if (!status.ready && !status.trouble) setTimeout(refreshStatus, 1500);
}

function showLibraries(names, chosen) {
  byId("library-picker").hidden = names.length < 2;
  byId("library").replaceChildren(el("option", { value: "" }, "All libraries"), ...names.map((name) => el("option", { value: name }, name)));
  byId("library").value = chosen;
}

function listen() {
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    stage.focus({ preventScroll: true });
    go({ q: field.value.trim(), mode: new FormData(event.target).get("mode") });
  });
  document.querySelectorAll("input[name=mode]").forEach((radio) => radio.addEventListener("change", () => {
    setMode(radio.value);
    if (field.value.trim()) go({ q: field.value.trim(), mode: radio.value });
  }));
  byId("library").addEventListener("change", (event) => go({ library: event.target.value }));
  byId("home-link").addEventListener("click", (event) => { event.preventDefault(); go({ q: "", mode: "search" }); field.focus(); });
  byId("add").addEventListener("click", () => chooseFiles());
  window.addEventListener("popstate", () => { fillIn(); show(); });
  document.addEventListener("keydown", shortcuts);
  chooseFiles = acceptUploads({ library: () => address().library || status.library, add: async (what) => { await addFiles(what); await showAnew(); } });
}

async function showAnew() {
  seen.clear();
  await refreshStatus();
  await show();
}

/** `/` goes to the field from anywhere; Esc empties it. */
function shortcuts(event) {
  const typing = event.target.closest("input, select, textarea, dialog");
  if (event.key === "/" && !typing) { event.preventDefault(); field.focus(); field.select(); }
  if (event.key === "Escape" && event.target === field) field.value = "";
}

listen();
fillIn();
if (!address().q) field.focus({ preventScroll: true });
show();
