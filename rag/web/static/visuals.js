// Pictures by their ids: what drafts and examples name.

import { el, percent } from "./dom.js";
import { get } from "./api.js";

const known = new Map();

/** One picture with its asset; asked for once. Null where there is none, or none for this reader. */
export function visualOf(id) {
  if (!known.has(id)) known.set(id, get(`/v1/visuals/${encodeURIComponent(id)}`).catch(() => null));
  return known.get(id);
}

/** The id of the picture that an item shows; a file alone stands for its first one. */
export async function idOf(item) {
  if (item.visual_id) return item.visual_id;
  const scope = new URLSearchParams({ library: item.library });
  const asset = await get(`/v1/assets/${item.asset_id}?${scope}`);
  return asset.visuals[0]?.id ?? null;
}

export function thumbnailOf({ library, asset, locator }) {
  return `/v1/assets/${asset}/thumbnail?${new URLSearchParams({ library, ...(locator ? { locator } : {}) })}`;
}

/** Captions of other pictures that a draft was made after: small, each opens its picture. */
export function exampleList(examples) {
  return el("ul", { class: "examples" }, examples.map(example));
}

function example({ visual, text, relevance, origin }) {
  const picture = el("a", { class: "thumb", target: "_blank", rel: "noopener", "aria-label": `Open the picture of: ${text}` });
  visualOf(visual).then((found) => {
    if (!found) return picture.replaceWith(el("span", { class: "thumb gone" }, "gone"));
    picture.setAttribute("href", found.asset.original_url);
    picture.append(el("img", { src: found.thumbnail_url, alt: "", loading: "lazy" }));
    return picture;
  });
  const by = origin === "generated" ? ", generated" : "";
  return el("li", {}, picture, el("span", {}, text, el("span", { class: "meta" }, ` ${percent(relevance)} alike${by}`)));
}

/** What was said of a picture before. */
export function captionsOf(found) {
  const texts = (found?.asset.captions ?? []).filter((one) => one.status !== "rejected").slice(0, 3);
  return el("dl", {}, found ? [el("dt", {}, "File"), el("dd", {}, found.asset.name)] : "", texts.map((one) => [el("dt", {}, one.origin === "generated" ? "Generated" : "Says"), el("dd", {}, one.text)]));
}
