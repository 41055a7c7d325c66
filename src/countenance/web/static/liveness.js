// Walks a person through a liveness session: opens the camera, sends frames one after the other, shows what
// the server tells. A frame is drawn on a canvas, sent, and drawn over by the next one. Nothing is kept.

const INTERVAL = 160; // milliseconds between frames: six a second, where five are needed
const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-live]"));
const stage = /** @type {HTMLElement} */ (document.querySelector("[data-stage]"));
const camera = /** @type {HTMLVideoElement} */ (document.querySelector("[data-camera]"));
const told = /** @type {HTMLElement} */ (document.querySelector("[data-told]"));
const note = /** @type {HTMLElement} */ (document.querySelector("[data-note]"));
const reach = /** @type {HTMLProgressElement} */ (document.querySelector("[data-reach]"));
const found = /** @type {HTMLElement} */ (document.querySelector("[data-found]"));
const canvas = document.createElement("canvas");

/** @param {string} key */
function words(key) {
  return document.querySelector(`[data-words] [data-key="${key}"]`)?.textContent ?? key;
}

/**
 * Asks the server, with a form as every other page does.
 * @param {string} path
 * @param {FormData} data
 */
async function ask(path, data) {
  const answer = await fetch(path, { method: "POST", body: data });
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${said.detail} ${said.remedy}`);
  return said;
}

/** @param {{action: string | null, level: number | null, coming_back: boolean}} prompt */
function show(prompt) {
  let key = prompt.action ?? "straight";
  if (prompt.action === "nod") key = `nod-${prompt.level}`;
  else if (prompt.coming_back && prompt.action !== null) key = "back";
  const text = words(key);
  if (told.textContent !== text) told.textContent = text; // said once by a screen reader
}

/** @returns {Promise<Blob>} */
function frame() {
  canvas.width = 640;
  canvas.height = 480;
  canvas.getContext("2d")?.drawImage(camera, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob === null ? failed(new Error("no picture")) : done(blob)), "image/jpeg", 0.9);
  });
}

/** @param {string} session @param {number} opened */
async function follow(session, opened) {
  for (let number = 0; ; number += 1) {
    const begun = performance.now();
    const data = new FormData();
    data.set("session", session);
    data.set("number", String(number));
    data.set("taken", ((begun - opened) / 1000).toFixed(4));
    data.set("frame", await frame(), "frame.jpg");
    const said = await ask("/liveness/frames", data);
    show(said.prompt);
    reach.value = said.reach ?? 0;
    note.textContent = said.faces === 1 ? "" : words("one-face");
    if (said.ended) return;
    await new Promise((done) => setTimeout(done, Math.max(0, begun + INTERVAL - performance.now())));
  }
}

/** @param {{outcome: string, level: number, advice: string[], not_withstood: string[]}} result */
function present(result) {
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (found.querySelector(`[data-${name}]`));
  part("outcome").textContent = words(`outcome-${result.outcome}`);
  part("level").textContent = `${words("level")} ${result.level}`;
  part("withstood").textContent = result.not_withstood.join("; ");
  for (const advice of result.advice) {
    const line = document.createElement("li");
    line.textContent = words(`advice-${advice}`);
    part("advice").append(line);
  }
  found.dataset.result = result.outcome;
  found.hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answers = new FormData(form);
  form.hidden = true;
  stage.hidden = false;
  told.textContent = words("straight");
  /** @type {MediaStream | undefined} */
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 }, audio: false });
  } catch {
    told.textContent = words("no-camera");
    return;
  }
  try {
    camera.srcObject = stream;
    await camera.play();
    const opened = await ask("/liveness/open", answers);
    await follow(opened.session, performance.now());
    told.textContent = words("judging");
    const ending = new FormData();
    ending.set("session", opened.session);
    const result = await ask("/liveness/end", ending);
    stage.hidden = true;
    present(result);
  } catch (error) {
    told.textContent = words("failed");
    note.textContent = error instanceof Error ? error.message : "";
  } finally {
    for (const track of stream.getTracks()) track.stop();
    canvas.width = canvas.height = 0;
  }
});
