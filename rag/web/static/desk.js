// The editor's desk: what waits for a decision. Its state is its address: ?view=drafts|review&library=…&form=…

import { byId, el } from "./dom.js";
import { get } from "./api.js";
import { answerToKeys } from "./deskkeys.js";
import { waitingDrafts } from "./deskdrafts.js";
import { failure } from "./messages.js";
import { waitingEntries } from "./deskreview.js";

const VIEWS = { drafts: { title: "Captions", show: waitingDrafts }, review: { title: "Moderation", show: waitingEntries } };
const stage = byId("stage");

function address() {
  const given = new URLSearchParams(location.search);
  const view = given.get("view") ?? "drafts";
  return { view: view in VIEWS ? view : "drafts", library: given.get("library") ?? "", form: given.get("form") ?? "" };
}

/** The page with some of its address changed; what is empty goes. */
function addressWith(change) {
  const wanted = Object.entries({ ...address(), ...change }).filter(([, value]) => value);
  return `/desk?${new URLSearchParams(wanted)}`;
}

async function show() {
  const { view, library, form } = address();
  try {
    const status = await get("/v1/status");
    byId("ledger-link").hidden = !status.may_audit;
    if (!status.may_edit) return stage.replaceChildren(notForReaders(status));
    frame(view, library, status.libraries);
    stage.setAttribute("aria-busy", "true");
    stage.replaceChildren(el("p", { class: "meta" }, "Looking…"));
    stage.replaceChildren(...await VIEWS[view].show({ library, form, status, go: (change) => location.assign(addressWith(change)) }));
  } catch (error) {
    stage.replaceChildren(failure(error, show));
  } finally {
    stage.removeAttribute("aria-busy");
  }
  return null;
}

function notForReaders({ actor }) {
  return el("div", { class: "message" },
    el("h2", {}, "This desk is for editors"),
    el("p", {}, `Reviewing captions and pictures takes the role editor; ${actor} does not have it. Whoever runs this desk can give it to your key.`),
    el("p", {}, el("a", { href: "/" }, "Back to the pictures")));
}

function frame(view, library, names) {
  document.title = `${VIEWS[view].title} · Picture Desk`;
  byId("headline").textContent = `${VIEWS[view].title}: what waits for a decision`;
  byId("views").hidden = false;
  for (const name of Object.keys(VIEWS)) {
    const link = byId(`view-${name}`);
    link.setAttribute("href", addressWith({ view: name, form: "" }));
    if (name === view) link.setAttribute("aria-current", "page");
  }
  const picker = byId("library");
  byId("library-picker").hidden = names.length < 2;
  picker.replaceChildren(el("option", { value: "" }, "All libraries"), ...names.map((name) => el("option", { value: name }, name)));
  picker.value = library;
  picker.onchange = () => location.assign(addressWith({ library: picker.value }));
}

answerToKeys(stage);
show();
