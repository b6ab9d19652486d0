// A job as it goes on, told by the server.

import { get } from "./api.js";

/**
 * Follow a job until each of its files has its end; resolves with the job as it is then.
 * A lost connection is made again by the browser, and the present state comes first.
 */
export function follow(job, { progress, file }) {
  return new Promise((resolve, reject) => {
    const events = new EventSource(job.events_url);
    const told = (kind, act) => events.addEventListener(kind, (event) => act(JSON.parse(event.data)));
    told("progress", progress);
    told("file", file);
    told("done", (now) => { events.close(); resolve(now); });
    events.onerror = () => {
      if (events.readyState !== EventSource.CLOSED) return;
      get(job.url).then((now) => (now.done ? now : follow(now, { progress, file }))).then(resolve, reject);
    };
  });
}
