// What a browser with JavaScript gets besides: pictures can be dropped and are previewed, the button says
// that it is working, the receipt can be printed. Everything else works without it. Nothing is sent but
// the form itself, and nothing is kept.

/**
 * Shows the chosen picture from the browser's own memory.
 * @param {HTMLElement} zone
 * @param {HTMLInputElement} input
 */
function preview(zone, input) {
  const picture = /** @type {HTMLImageElement} */ (zone.querySelector(".preview"));
  const glyph = /** @type {HTMLElement} */ (zone.querySelector(".glyph"));
  if (picture.src) {
    URL.revokeObjectURL(picture.src);
    picture.removeAttribute("src");
  }
  const file = input.files?.[0];
  const shown = file !== undefined && file.type.startsWith("image/");
  if (shown) picture.src = URL.createObjectURL(file);
  picture.hidden = !shown;
  glyph.hidden = shown;
  zone.classList.toggle("filled", file !== undefined);
}

for (const zone of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-drop]"))) {
  const input = /** @type {HTMLInputElement} */ (zone.querySelector("input[type=file]"));
  input.addEventListener("change", () => preview(zone, input));
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    const one = new DataTransfer();
    one.items.add(file);
    input.files = one.files;
    preview(zone, input);
  });
  preview(zone, input);
}

// A picture that misses its zone must not make the browser leave the page and open it.
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => event.preventDefault());
}

const desk = /** @type {HTMLFormElement | null} */ (document.querySelector("form.desk"));
if (desk !== null) {
  const button = /** @type {HTMLButtonElement} */ (desk.querySelector("button[type=submit]"));
  const status = /** @type {HTMLElement} */ (desk.querySelector(".busy"));
  desk.addEventListener("submit", () => {
    button.disabled = true;
    status.textContent = desk.dataset.busy ?? "";
  });
  // The browser's back button brings the page as it was left.
  window.addEventListener("pageshow", () => {
    button.disabled = false;
    status.textContent = "";
  });
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-print]"))) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
