// Files into the library: watch them go up and be indexed, see what became of each, stop, try again.

import { announce, byId, el, plural } from "./dom.js";
import { get, post } from "./api.js";
import { follow } from "./following.js";
import { parts, send } from "./sending.js";

const ROWS = 30;
const STATES = { accepted: "Indexing…", indexed: "Added", known: "Already here", skipped: "Skipped", quarantined: "Not usable", failed: "Failed", deleted: "Deleted" };

/** Add files and addresses to a library, and show it until the end. */
export async function addFiles({ files, urls, caption, tags, library }) {
  const addition = new Addition(files.length + urls.length, library);
  addition.open(files.map((file) => file.fromFolder ?? file.name));
  const said = { library, caption, tags };
  await addition.run(async () => {
    let before = Promise.resolve();
    for (const part of parts(files)) {
      const sent = await addition.send(part, said);
      await before;
      before = sent ? addition.follow(sent.job, sent.items) : Promise.resolve();
      if (addition.stopped) break;
    }
    await before;
    if (urls.length && !addition.stopped) {
      await addition.follow(await post("/v1/assets/urls", { urls, library, caption, tags: tags ? [tags] : [] }), []);
    }
  });
}

/** What somebody added in one go: several requests and jobs, shown as one. */
class Addition {
  constructor(total, library) {
    Object.assign(this, { total, library, jobs: [], rows: new Map(), waiting: [], uploaded: 0, done: 0, here: 0, stopped: false });
    this.stop = new AbortController();
    this.bar = el("progress", { max: "1", value: "0", "aria-label": `Adding to ${library}` });
    this.title = el("h2", {}, `Adding ${plural(total, "file")} to ${library}`);
    this.figures = el("span", { class: "figures" }, "Uploading…");
    this.list = el("ul", {});
    this.cancel = el("button", { type: "button", class: "quiet", onclick: () => this.abandon() }, "Stop");
    this.again = el("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.retry() }, "Try again");
    this.section = el("section", { "aria-label": `Files being added to ${library}` },
      el("header", {}, this.title), this.bar,
      el("p", { class: "actions" }, this.figures, this.cancel, this.again), this.list);
  }

  open(names) {
    const panel = byId("uploads");
    panel.querySelectorAll(".close").forEach((old) => old.remove());
    panel.prepend(this.section);
    const close = () => { panel.hidden = true; panel.replaceChildren(); };
    this.section.querySelector("header").append(el("button", { type: "button", class: "quiet close", onclick: close }, "Close"));
    panel.hidden = false;
    if (names.length <= ROWS) this.waiting = names.map((name) => this.row(name, "Uploading…"));
    announce(this.title.textContent);
  }

  /** Run to the end, whatever happens, and sum up. */
  async run(steps) {
    this.cancel.hidden = false;
    this.again.hidden = true;
    try {
      await steps();
    } catch (error) {
      if (error.name !== "AbortError") this.fault(error);
    }
    this.sumUp();
  }

  async send(files, said) {
    const before = this.uploaded;
    const rows = this.waiting.splice(0, files.length);
    try {
      const sent = await send(files, said, {
        signal: this.stop.signal,
        progress: (share) => { this.uploaded = before + share * files.length; this.draw(); },
      });
      sent.items.forEach((item, at) => rows[at] && this.rows.set(item.number, rows[at]));
      return sent;
    } catch (error) {
      if (error.name === "AbortError") rows.forEach((row) => mark(row, { state: "failed", reason: "Stopped while it was handed in" }));
      else files.forEach((file, at) => this.tell({ state: "failed", name: file.name, reason: error.message }, rows[at]));
      this.done += files.length;
      if (error.name === "AbortError" || error.worthRetrying) throw error;
      return null;
    } finally {
      this.uploaded = before + files.length;
    }
  }

  async follow(job, items) {
    this.jobs = [...this.jobs.filter((one) => one.id !== job.id), job];
    items.forEach((item) => this.tell(item));
    let counted = 0;
    const now = await follow(job, {
      progress: (at) => { this.done += at.done - counted; counted = at.done; this.draw(at); },
      file: (item) => this.tell(item),
    });
    this.jobs = this.jobs.map((one) => (one.id === now.id ? now : one));
    this.here += now.counts.indexed;
    if (this.total <= ROWS) (await get(`${now.items_url}?limit=${ROWS}`)).items.forEach((item) => this.tell(item));
  }

  async abandon() {
    this.stopped = true;
    this.cancel.hidden = true;
    this.stop.abort();
    await Promise.all(this.jobs.filter((job) => !job.done).map((job) => post(`${job.url}/cancel`, {}))).catch((error) => this.fault(error));
  }

  async retry() {
    const failed = this.jobs.filter((job) => job.counts.quarantined || (job.cancelled && job.counts.skipped));
    Object.assign(this, { stopped: false, stop: new AbortController() });
    await this.run(async () => {
      for (const job of failed) {
        this.here -= job.counts.indexed;
        this.done -= job.total;
        await this.follow(await post(`${job.url}/retry`, {}), []);
      }
    });
  }

  draw(at = null) {
    this.bar.value = this.total ? Math.min(1, (this.uploaded + this.done) / (2 * this.total)) : 1;
    const pace = at?.rate ? ` · ${at.rate.toFixed(at.rate < 10 ? 1 : 0)} a second` : "";
    const left = at?.seconds_left > 1 ? ` · ${duration(at.seconds_left)} left` : "";
    this.figures.textContent = `${this.done.toLocaleString("en")} of ${this.total.toLocaleString("en")}${pace}${left}`;
  }

  row(name, words) {
    const made = el("li", {}, el("span", { class: "file" }, name), el("span", { class: "state" }, words));
    this.list.append(made);
    return made;
  }

  /** Show how a file stands: all files of a small addition, of a large one only those that failed. */
  tell(item, row = this.rows.get(item.number)) {
    const failed = ["skipped", "quarantined", "failed"].includes(item.state);
    if (!row && !failed && this.total > ROWS) return;
    const shown = row ?? this.row(item.name, "");
    if (item.number) this.rows.set(item.number, shown);
    mark(shown, item);
  }

  fault(error) {
    this.figures.textContent = error.message;
    this.list.querySelectorAll("li:not([data-state])").forEach((row) => mark(row, { state: "failed", reason: error.message }));
  }

  sumUp() {
    this.title.textContent = `${this.here.toLocaleString("en")} of ${plural(this.total, "file")} in ${this.library}`;
    this.bar.hidden = true;
    this.figures.textContent = this.stopped ? "Stopped. What was added stays." : "";
    this.cancel.hidden = true;
    this.again.hidden = !this.jobs.some((job) => job.counts.quarantined || (job.cancelled && job.counts.skipped));
    announce(this.title.textContent);
  }
}

function mark(shown, item) {
  shown.dataset.state = item.known && item.state === "indexed" ? "known" : item.state;
  shown.querySelector(".state").textContent = STATES[shown.dataset.state] ?? item.state;
  shown.querySelector(".reason")?.remove();
  if (item.reason) shown.append(el("span", { class: "reason" }, item.reason));
}

const duration = (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);
