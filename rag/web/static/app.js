// The page's one state is its address: ?q=…&mode=ask&library=…&like=…; everything shown follows from it.

import { announce, byId, el } from "./dom.js";
import { get, post, postForm } from "./api.js";
import { skeleton } from "./cards.js";
import { asItem, chips, collection, emptyLibrary } from "./home.js";
import { allowDrafting } from "./drafting.js";
import { failure, showCoverage, showNotices } from "./messages.js";
import { acceptUploads } from "./choosing.js";
import { acceptPicture, isLost, remember, showLikeness, uploadOf } from "./likeness.js";
import { searchView } from "./results.js";
import { earlierTalks, showTalk } from "./talk.js";
import { showTerms } from "./terms.js";
import { addFiles } from "./uploads.js";

const WORDS = {
  search: { label: "Describe a picture", placeholder: "Describe a picture", go: "Search", hint: "By what they show and by their captions. Filters: tag:beach after:2024-05 -night \"exact words\"" },
  ask: { label: "Ask a question", placeholder: "Ask a question", go: "Ask", hint: "Answers from the pictures, and shows which ones." },
};
const PER_ASSET = 3; // so that one film or document does not fill the page
const seen = new Map();
const field = byId("q");
const stage = byId("stage");
let status = null;
let chooseFiles = () => {};
let underway = null;
const standing = refreshStatus();

function address() {
  const given = new URLSearchParams(location.search);
  const like = given.get("like") ?? "";
  return { q: given.get("q") ?? "", mode: given.get("mode") === "ask" ? "ask" : "search", library: given.get("library") ?? "", like: isLost(like) ? "" : like, talk: given.get("talk") ?? "" };
}

function go(change) {
  const path = pathOf({ ...address(), talk: "", ...change });
  if (path !== location.pathname + location.search) history.pushState(null, "", path);
  fillIn();
  return show();
}

function pathOf({ q, mode, library, like, talk }) {
  const asks = mode === "ask" && !like;
  const wanted = new URLSearchParams(Object.entries({ q, mode: asks ? mode : "", library, like, talk: asks ? talk : "" }).filter(([, value]) => value));
  return wanted.size ? `/?${wanted}` : "/";
}

/** The controls as the address has them. Only when the address changes: what somebody is typing is theirs. */
function fillIn() {
  const { q, mode, library, like } = address();
  field.value = q;
  setMode(mode);
  showLikeness(like, () => go({ like: "", q: field.value.trim() }));
  byId("library").value = library;
}

async function show() {
  const { q, mode, library, like, talk } = address();
  const asked = Boolean(q.trim() || like || talk);
  document.body.classList.toggle("at-home", !asked);
  document.title = asked ? `${q.trim() || "Like a picture"} · Picture Desk` : "Picture Desk";
  byId("chips").replaceChildren();
  showTerms([], q);
  underway?.abort();
  underway = new AbortController();
  const { signal } = underway; // whoever asks meanwhile has another one
  try {
    await standing;
    signal.throwIfAborted();
    if (!asked) await showHome(mode, library, signal);
    else if (mode === "ask" && !like) await showAnswer({ q, library, talk }, signal);
    else await showResults({ q, library, like }, signal);
  } catch (error) {
    if (error.name !== "AbortError") stage.replaceChildren(failure(error, status ? show : () => location.reload()));
  } finally {
    if (!signal.aborted) stage.removeAttribute("aria-busy");
  }
}

async function showResults(wanted, signal) {
  const key = JSON.stringify(wanted);
  if (!seen.has(key)) {
    stage.setAttribute("aria-busy", "true");
    stage.replaceChildren(skeleton());
    announce("Looking…");
    seen.set(key, await found(wanted, signal));
  }
  const result = seen.get(key);
  const draw = () => stage.replaceChildren(searchView(result, { threshold: wanted.q ? status.min_relevance : 0, moreLike, showAgain: draw }));
  draw();
  showTerms(result.terms ?? [], wanted.q, (q) => go({ q }));
  refreshStatus();
}

const moreLike = (item) => go({ q: "", mode: "search", like: remember(item) });

async function showAnswer(wanted, signal) {
  await showTalk(wanted, {
    signal,
    moreLike,
    say: (...nodes) => { if (!signal.aborted) stage.replaceChildren(...nodes); },
    settled: (talk) => { if (!signal.aborted) history.replaceState(null, "", pathOf({ ...address(), talk })); },
    askOn: (q) => go({ q, mode: "ask", talk: address().talk }),
    searchInstead: () => go({ mode: "search" }),
  });
  refreshStatus();
}

/** A picture of the reader's own goes along as a file; one of the library by its id. */
function found({ q, library, like }, signal) {
  const upload = uploadOf(like);
  const asked = { query: q, per_asset: PER_ASSET, ...(library ? { library } : {}), ...(like && !upload ? { wanted: [{ visual: like }] } : {}) };
  if (!upload) return post("/v1/search", asked, { signal });
  const form = new FormData();
  form.append("like", upload, upload.name);
  form.append("request", JSON.stringify(asked));
  return postForm("/v1/search/by-image", form, { signal });
}

async function showHome(mode, library, signal) {
  const place = library || status.library;
  if (!status.coverage.searched && !status.coverage.pending) {
    stage.replaceChildren(emptyLibrary(status, chooseFiles));
    return;
  }
  const scope = new URLSearchParams({ library: status.libraries.includes(place) ? place : status.libraries[0] ?? place, state: "indexed", limit: "40" });
  const items = (await get(`/v1/assets?${scope}`, { signal })).assets.map(asItem);
  byId("chips").replaceChildren(...chips(items, go));
  const talks = mode === "ask" ? await earlierTalks((talk) => go({ q: "", mode: "ask", talk }), signal) : "";
  stage.replaceChildren(talks, items.length ? collection(items) : "");
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
  byId("desk-link").hidden = !status.may_edit;
  allowDrafting(status.may_edit);
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
    go({ q: field.value.trim(), mode: radio.value, like: "" });
  }));
  byId("library").addEventListener("change", (event) => go({ library: event.target.value }));
  byId("home-link").addEventListener("click", (event) => { event.preventDefault(); go({ q: "", like: "", mode: "search" }); field.focus(); });
  const searchBy = acceptPicture((like) => go({ like, mode: "search", q: field.value.trim() }));
  byId("add").addEventListener("click", () => chooseFiles());
  window.addEventListener("popstate", () => { fillIn(); show(); });
  document.addEventListener("keydown", shortcuts);
  document.addEventListener("captioned", () => { seen.clear(); byId("details").addEventListener("close", showCaptioned, { once: true }); });
  chooseFiles = acceptUploads({ library: () => address().library || status.library, add: async (what) => { await addFiles(what); await showAnew(); }, search: searchBy });
}

async function showAnew() {
  seen.clear();
  await refreshStatus();
  await show();
}

/** What was approved is found by the next search. An answer stays as it was given. */
async function showCaptioned() {
  if (address().mode === "search") await show();
}

/** `/` goes to the field from anywhere; Esc empties it. */
function shortcuts(event) {
  const typing = event.target.closest("input, select, textarea, dialog");
  if (event.key === "/" && !typing) { event.preventDefault(); field.focus(); field.select(); }
  if (event.key === "Escape" && event.target === field) field.value = "";
}

listen();
fillIn();
if (!address().q && !address().like) field.focus({ preventScroll: true });
show();
