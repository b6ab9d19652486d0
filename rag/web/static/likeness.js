// The picture that is searched by: chosen, dropped, pasted, or one of the library. It stands in the field.

import { byId, el } from "./dom.js";

const uploads = new Map();
const THUMBNAILS = "likeness";

/** Make the field take pictures. `search` is called with what goes into the address. */
export function acceptPicture(search) {
  const input = byId("picture");
  const take = (file) => search(kept(file));
  byId("by-picture").addEventListener("click", () => input.click());
  input.addEventListener("change", () => { if (input.files.length) take(input.files[0]); input.value = ""; });
  byId("q").addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find(isPicture);
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  return take;
}

export const isPicture = (file) => file.type.startsWith("image/") || /\.(hei[cf]|avif)$/i.test(file.name);

/** A name for an uploaded picture, good until the page is left. */
function kept(file) {
  const name = `upload-${uploads.size + 1}`;
  uploads.set(name, file);
  return name;
}

/** The file behind a name in the address; null for visuals of the library. */
export const uploadOf = (name) => uploads.get(name) ?? null;

/** An upload is gone once the page was left. */
export const isLost = (name) => name.startsWith("upload-") && !uploads.has(name);

/** Remember how a visual looks, so that the field can show it after a reload too. */
export function remember(item) {
  try {
    sessionStorage.setItem(`${THUMBNAILS}:${item.visual_id}`, item.thumbnail_url);
  } catch { /* storage is full or shut: the field then shows no thumbnail */ }
  return item.visual_id;
}

/** Show in the field what is searched by; an empty `name` shows nothing. */
export function showLikeness(name, drop) {
  const place = byId("likeness");
  place.querySelector("img")?.src.startsWith("blob:") && URL.revokeObjectURL(place.querySelector("img").src);
  place.hidden = !name;
  if (!name) return place.replaceChildren();
  const file = uploadOf(name);
  const source = file ? URL.createObjectURL(file) : sessionStorage.getItem(`${THUMBNAILS}:${name}`) ?? "";
  const image = source.startsWith("blob:") || source.startsWith("/v1/") ? el("img", { src: source, alt: "" }) : el("span", { class: "unseen" }, "Picture");
  image.addEventListener("error", () => image.replaceWith(el("span", { class: "unseen" }, "Picture")), { once: true });
  place.replaceChildren(image, el("button", { type: "button", "aria-label": `Do not search by this picture: ${file?.name ?? "one of the library"}`, onclick: drop }, "×"));
}
