// The browser side of gancourse.pad, joined behind base.js: a page to draw on, and beside it the answer. Messages: nbs/toolbox/pad.ipynb
const TOOLS = { // name -> [label, what it does, icon]
  pen: ["Pen", "draw with a broad pen", '<path d="M2 12C5 3 7 13 9 8s4-6 5-3" stroke-width="3.6"/>'],
  fine: ["Fine pen", "draw with a fine pen", '<path d="M2 12C5 3 7 13 9 8s4-6 5-3" stroke-width="1.4"/>'],
  fill: ["Fill", "make an area black, or white again", '<circle cx="8" cy="8" r="5.6" fill="currentColor" stroke-width="1.6"/>'],
  eraser: ["Eraser", "draw in white", '<path d="M9.4 2.6l4 4-6.8 6.8H4.2L2 11.2zM6.2 5.8l4 4" stroke-width="1.4"/>'],
};
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }, BIGGEST = 8e6; // bytes that a message may carry

function render({ model, el }) {
  const size = model.get("size"), K = Math.max(1, Math.round(320 / size)), P = size * K; // the page has K x K points a pixel
  const names = model.get("names"), [mine, theirs] = model.get("titles"), raw = model.get("samples"), me = Math.random();
  const samples = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength), stats = el.gancourse = { answers: 0, delays: [] }; // for tests: milliseconds from a change to its answer
  const quiet = [];
  let dead = false, tool = "pen", past = [], sample = -1, seq = 0, waiting = 0, sent_at = 0, stale = false, changed_at = 0, asked_at = 0, soon = 0, pinged = 0, blank = true;
  el.classList.add("gancourse-lab", "gancourse-pad");
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys, while the pad has them
  el.addEventListener("keydown", e => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "z" && !e.shiftKey) { e.preventDefault(); undo(); }
    if (e.target.closest("input, button, summary, pre, [tabindex]")) e.stopPropagation();
  });

  function send(message, buffers) {
    try { model.send(message, undefined, buffers); } catch { die(); }
  }
  function die() { // the kernel has been restarted, or is gone
    dead = true; el.dataset.status = "dead";
    tell("No kernel drives this pad. Run its cell again.");
    el.querySelectorAll("button, input").forEach(b => b.disabled = b !== save || save.disabled);
    page.style.cursor = "not-allowed"; sheet.tabIndex = -1;
  }

  // -- what there is to see
  const icon = path => `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">${path}</svg>`;
  const button = (name, text, title, onclick) => h("button", { className: `gc-${name}`, type: "button", textContent: text, title, onclick });
  const paper = (name, label, side) => {
    const c = h("canvas", { className: name, role: "img", width: side, height: side }), g = c.getContext("2d", { willReadFrequently: true });
    c.setAttribute("aria-label", label);
    return [c, g];
  };
  const [page, g] = paper("gc-page", mine, P), [glass, gg] = paper("gc-glass", "", P), [reply, rg] = paper("gc-reply", `${theirs}: none yet`, size);
  glass.setAttribute("aria-hidden", "true");
  const tip = h("div", { className: "gc-tip", textContent: "Draw here" }), sheet = h("div", { className: "gc-sheet", tabIndex: 0, role: "application" }, page, glass, tip);
  sheet.setAttribute("aria-label", `${mine}: the arrow keys move the pen, with Shift further, Space sets it down and lifts it, Escape lifts it, Control Z takes back`);
  const tools = Object.entries(TOOLS).map(([name, [text, title, path]]) => {
    const b = button(`tool-${name}`, "", title, () => take(name));
    b.innerHTML = icon(path); b.append(text);
    return b;
  });
  const undo_button = button("undo", "Undo", "take back the last stroke (Ctrl+Z)", () => undo()), clear = button("clear", "Clear", "an empty page", () => { keep(); wipe(); changed(); say("An empty page."); });
  const file = h("input", { type: "file", accept: "image/*", className: "gc-file", hidden: true, onchange: () => { if (file.files.length) load(file.files[0]); file.value = ""; } });
  const open = button("load", "Load a picture…", "a picture from your computer, as the drawing", () => file.click());
  const save = button("save", "Save the answer", "download the answer as a PNG file", keep_answer);
  save.disabled = true;
  const group = (label, ...nodes) => { const n = h("div", { className: "gc-group", role: "group" }, ...nodes); n.setAttribute("aria-label", label); return n; };
  const bar = h("div", { className: "gc-bar" }, group("what to draw with", ...tools), group("the drawing", undo_button, clear), group("files", open, save), file);
  const notice = h("p", { className: "gc-notice" }), error = h("div", { className: "gc-error", role: "alert" }), live = h("div", { role: "status", className: "gc-live" });
  live.setAttribute("aria-live", "polite");
  const trace = h("pre", { tabIndex: 0 }), details = h("details", { className: "gc-details" }, h("summary", { textContent: "where it happened" }), trace);
  const figure = (title, ...nodes) => h("figure", {}, h("figcaption", { className: "gc-caption", textContent: title }), ...nodes);
  const pair = h("div", { className: "gc-pair" }, figure(mine, sheet), h("div", { className: "gc-arrow", textContent: "→", "aria-hidden": "true" }), figure(theirs, reply));
  const keys = h("div", { className: "gc-keys", textContent: "Arrow keys move the pen (Shift: further). Space sets it down and lifts it. Ctrl+Z takes back." });
  const strip = shelf();
  el.append(h("div", { className: "gc-title", textContent: model.get("title") }), h("p", { className: "gc-intro", textContent: model.get("hint") }),
    bar, pair, strip, h("div", { className: "gc-foot" }, notice, keys), error, details, live);
  if (!samples.length) strip.hidden = true;
  const tell = text => { notice.textContent = live.textContent = text; }, say = text => { notice.textContent = ""; live.textContent = text; };

  function take(name) {
    tool = name;
    tools.forEach((b, i) => b.setAttribute("aria-pressed", Object.keys(TOOLS)[i] === name));
  }
  const wide = () => ({ pen: model.get("pen"), fine: 0.4 * model.get("pen"), fill: 0.4 * model.get("pen"), eraser: 2 * model.get("pen") })[tool] * K;

  // -- the page
  function wipe() { g.fillStyle = "#fff"; g.fillRect(0, 0, P, P); blank = true; sample = -1; marked(); }
  function keep() { // for Undo
    past.push({ pixels: g.getImageData(0, 0, P, P), blank, sample });
    if (past.length > 60) past.shift();
    undo_button.disabled = false; blank = false;
  }
  function undo() {
    const then = past.pop();
    if (!then || dead) return;
    pen = null; hand.down = false;
    g.putImageData(then.pixels, 0, 0); blank = then.blank; sample = then.sample;
    undo_button.disabled = !past.length;
    marked(); changed(); say("Taken back.");
  }
  function put(bytes) { // a picture of size x size pixels, three bytes each
    const small = h("canvas", { width: size, height: size }), s = small.getContext("2d");
    s.putImageData(pixels(bytes, size, size, 3), 0, 0);
    g.imageSmoothingEnabled = false; g.drawImage(small, 0, 0, P, P);
    blank = false; sample = -1; marked(); changed();
  }
  function pixels(bytes, w, tall, c) {
    const image = new ImageData(w, tall);
    for (let i = 0; i < w * tall; i++) { for (let k = 0; k < 3; k++) image.data[4 * i + k] = bytes[c * i + (c > 1 ? k : 0)]; image.data[4 * i + 3] = 255; }
    return image;
  }
  function seen() { // what the network gets: the mean over K x K points
    const from = g.getImageData(0, 0, P, P).data, out = new Uint8Array(3 * size * size);
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) for (let k = 0; k < 3; k++) {
      let sum = 0;
      for (let v = 0; v < K; v++) for (let u = 0; u < K; u++) sum += from[4 * ((y * K + v) * P + x * K + u) + k];
      out[3 * (y * size + x) + k] = Math.round(sum / (K * K));
    }
    return out;
  }

  // -- strokes
  let pen = null; // where a stroke is: [x, y]
  const hand = { x: P / 2, y: P / 2, down: false, keys: false, over: null }; // the crosshair of the keys; where the pointer is
  const spot = e => { const r = page.getBoundingClientRect(); return [(e.clientX - r.left) * P / r.width, (e.clientY - r.top) * P / r.height]; };
  function begin(x, y, rubber) {
    keep(); sample = -1; marked();
    g.strokeStyle = rubber || tool === "eraser" ? "#fff" : "#000"; g.lineWidth = rubber ? 2 * model.get("pen") * K : wide(); g.lineCap = g.lineJoin = "round";
    pen = [x, y];
    line(x, y);
  }
  function line(x, y) {
    g.beginPath(); g.moveTo(...pen); g.lineTo(x + (x === pen[0] && y === pen[1] ? 0.01 : 0), y); g.stroke();
    pen = [x, y]; changed();
  }
  function fill(x, y) { // the area around a point: black, or white where it was black
    keep(); sample = -1; marked();
    const image = g.getImageData(0, 0, P, P), d = image.data, at = i => (d[4 * i] + d[4 * i + 1] + d[4 * i + 2]) / 3;
    const start = Math.floor(y) * P + Math.floor(x), dark = at(start) < 128, near = i => (at(i) < 128) === dark, done = new Uint8Array(P * P), todo = [start];
    done[start] = 1;
    while (todo.length) {
      const i = todo.pop(), c = i % P;
      for (const j of [c > 0 ? i - 1 : -1, c < P - 1 ? i + 1 : -1, i - P, i + P]) if (j >= 0 && j < P * P && !done[j]) { done[j] = near(j) ? 1 : 2; if (done[j] === 1) todo.push(j); }
    }
    for (let i = 0; i < P * P; i++) if (done[i]) d[4 * i] = d[4 * i + 1] = d[4 * i + 2] = dark ? 255 : 0; // and the grey rim around it
    g.putImageData(image, 0, 0);
    changed();
  }
  page.addEventListener("pointerdown", e => {
    if (dead || pen || (e.button > 0 && e.button !== 5)) return;
    e.preventDefault(); sheet.focus({ preventScroll: true });
    const [x, y] = spot(e), inside = v => Math.max(0, Math.min(P - 1, v));
    hand.keys = hand.down = false; hand.id = e.pointerId; help();
    if (tool === "fill") return fill(inside(x), inside(y));
    page.setPointerCapture(e.pointerId);
    begin(x, y, e.button === 5); // the other end of a pen
  });
  page.addEventListener("pointermove", e => {
    hand.over = spot(e);
    if (pen && !hand.keys && e.pointerId === hand.id) { const passed = e.getCoalescedEvents ? e.getCoalescedEvents() : []; for (const p of passed.length ? passed : [e]) line(...spot(p)); }
    look();
  });
  for (const end of ["pointerup", "pointercancel"]) page.addEventListener(end, e => { if (!hand.keys && e.pointerId === hand.id) pen = null; });
  page.addEventListener("pointerleave", () => { hand.over = null; look(); });
  sheet.addEventListener("keydown", e => {
    if (dead || e.ctrlKey || e.metaKey || e.altKey) return;
    const way = WAYS[e.key], step = P / 64 * (e.shiftKey ? 5 : 1), into = v => Math.max(0, Math.min(P - 1, v));
    if (way) { hand.x = into(hand.x + way[0] * step); hand.y = into(hand.y + way[1] * step); if (hand.down) line(hand.x, hand.y); }
    else if (e.key === " " || e.key === "Enter") {
      if (tool === "fill") fill(hand.x, hand.y);
      else if ((hand.down = !hand.down)) begin(hand.x, hand.y); else pen = null;
    } else if (e.key === "Escape" && hand.down) { hand.down = false; pen = null; }
    else return;
    e.preventDefault(); hand.keys = true; help(); look();
    live.textContent = `The pen is ${hand.down ? "down" : "up"}, ${Math.round(100 * hand.x / P)} percent across, ${Math.round(100 * hand.y / P)} percent down.`;
  });
  const help = () => { keys.hidden = !hand.keys; };
  sheet.addEventListener("focus", () => { hand.keys = sheet.matches(":focus-visible"); help(); look(); });
  sheet.addEventListener("blur", () => { if (hand.down) pen = null; hand.keys = hand.down = false; help(); look(); });
  function look() { // the pen, above the page: a ring as wide as its line
    gg.clearRect(0, 0, P, P);
    tip.hidden = !blank || pen;
    const at = hand.keys ? [hand.x, hand.y] : hand.over, r = Math.max(3, wide() / 2), unit = P / 320;
    if (!at || dead) return;
    for (const [colour, width] of [["#ffffffd0", 3.4], ["#0a73b0", 1.6]]) { // seen on black and on white
      gg.strokeStyle = colour; gg.lineWidth = width * unit; gg.beginPath(); gg.arc(...at, r, 0, 7);
      if (hand.keys) for (const [u, v] of Object.values(WAYS)) { gg.moveTo(at[0] + (r + 3 * unit) * u, at[1] + (r + 3 * unit) * v); gg.lineTo(at[0] + (r + 10 * unit) * u, at[1] + (r + 10 * unit) * v); }
      gg.stroke();
    }
    if (hand.keys && hand.down) { gg.fillStyle = "#0a73b0"; gg.beginPath(); gg.arc(...at, 2.5 * unit, 0, 7); gg.fill(); }
  }

  // -- samples and files
  function shelf() { // one stop of the Tab key; the arrow keys go from sample to sample
    const n = names.length, thumbs = names.map((name, i) => {
      const c = h("canvas", { width: size, height: size }), b = h("button", { className: "gc-sample", type: "button", title: name, tabIndex: i ? -1 : 0, onclick: () => choose(i) }, c);
      c.getContext("2d").putImageData(pixels(samples.subarray(3 * size * size * i), size, size, 3), 0, 0);
      b.setAttribute("aria-label", name);
      return b;
    });
    const row = h("div", { className: "gc-samples", role: "toolbar" }, ...thumbs), next = button("next", "Next sample", "the next of these pictures as the drawing", () => choose((sample + 1) % n));
    row.setAttribute("aria-label", "samples: the arrow keys go from one to the next, Enter takes it");
    row.addEventListener("keydown", e => {
      const i = thumbs.indexOf(e.target), to = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: n - 1 }[e.key];
      if (i < 0 || to === undefined) return;
      e.preventDefault(); thumbs[(to + n) % n].focus();
    });
    row.addEventListener("focusin", e => thumbs.forEach(b => { b.tabIndex = b === e.target ? 0 : -1; }));
    return Object.assign(h("div", { className: "gc-shelf" }, next, row), { thumbs });
  }
  function marked() { strip.thumbs.forEach((b, i) => b.setAttribute("aria-pressed", i === sample)); look(); }
  function choose(i) {
    keep(); put(samples.subarray(3 * size * size * i, 3 * size * size * (i + 1)));
    sample = i; marked(); say(`${names[i]} is the drawing now.`);
    const b = strip.thumbs[i], row = b.parentNode; // into sight, without moving the page
    row.scrollLeft = Math.max(Math.min(row.scrollLeft, b.offsetLeft - row.offsetLeft), b.offsetLeft + b.offsetWidth - row.offsetLeft - row.clientWidth);
  }
  async function load(picture) {
    if (picture.size > BIGGEST) return tell(`${picture.name} has ${Math.round(picture.size / 1e6)} MB, and ${BIGGEST / 1e6} MB can be sent. Make it smaller first. Your drawing is as it was.`);
    tell(`Reading ${picture.name} …`);
    try { send({ cmd: "load", who: me, name: picture.name }, [await picture.arrayBuffer()]); }
    catch { tell(`${picture.name} can't be read from your disk. Your drawing is as it was.`); }
  }
  function keep_answer() {
    reply.toBlob(blob => {
      const link = h("a", { href: URL.createObjectURL(blob), download: "answer.png" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }, "image/png");
  }

  // -- one picture is on its way at a time; what is drawn meanwhile goes when its answer is there
  function changed() { if (!stale) changed_at = performance.now(); stale = true; el.dataset.busy = "true"; soon ||= setTimeout(() => { soon = 0; ask(); }, 15); }
  function ask() {
    if (!stale || dead) return;
    if (waiting) return alive();
    stale = false; waiting = ++seq; sent_at = performance.now(); asked_at = changed_at;
    send({ cmd: "draw", who: me, seq }, [seen().buffer]);
  }
  function alive() { // no answer for long: is the kernel still there? A message to one that is gone throws.
    const now = performance.now();
    if (now - sent_at > 1500 && now - pinged > 3000) { pinged = now; send({ cmd: "ping" }); }
  }
  const slow = setInterval(() => {
    if (!waiting || dead) return;
    alive();
    if (performance.now() - sent_at > 1500) notice.textContent = "Waiting for the answer. A running cell may keep the kernel busy.";
  }, 500);
  function released(message) {
    if (message.who === me && message.seq !== waiting) return;
    if (notice.textContent.startsWith("Waiting")) notice.textContent = "";
    waiting = 0; ask();
    el.dataset.busy = Boolean(waiting || stale);
  }
  let quietly = 0;
  function receive(message, buffers) {
    const bytes = buffers && buffers[0] && new Uint8Array(buffers[0].buffer, buffers[0].byteOffset, buffers[0].byteLength);
    if (["page", "begin", "say"].includes(message.kind) && message.who && message.who !== me) return; // for another view of this pad
    if (message.kind === "page") { if (message.first) { put(bytes); } else { keep(); put(bytes); tell(message.text); } }
    if (message.kind === "begin") { wipe(); if (names.length) { put(samples.subarray(0, 3 * size * size)); sample = 0; } changed(); marked(); }
    if (message.kind === "say") tell(message.text);
    if (message.kind === "answer") {
      const [c, tall, w] = message.shape;
      reply.width = w; reply.height = tall;
      rg.putImageData(pixels(bytes, w, tall, c), 0, 0);
      reply.classList.remove("gc-old"); save.disabled = false; error.textContent = ""; details.hidden = true;
      stats.answers++; el.dataset.answers = stats.answers;
      if (message.who === me) { stats.delays.push(performance.now() - asked_at); if (stats.delays.length > 200) stats.delays.shift(); }
      clearTimeout(quietly);
      quietly = setTimeout(() => reply.setAttribute("aria-label", `${theirs}, ${w} by ${tall} pixels, ${message.words}`), 600);
      released(message);
    }
    if (message.kind === "wrong") {
      reply.classList.add("gc-old"); error.textContent = message.text; trace.textContent = message.details; details.hidden = false;
      released(message);
    }
  }

  const listen = (event, f) => { model.on(event, f); quiet.push(() => model.off(event, f)); };
  listen("msg:custom", receive);
  listen("comm_live_update", () => { if (!dead) send({ cmd: "ping" }); });
  quiet.push(() => { clearInterval(slow); clearTimeout(soon); clearTimeout(quietly); });
  details.hidden = keys.hidden = undo_button.disabled = true;
  wipe(); take("pen");
  el.dataset.status = "ready";
  send({ cmd: "hello", who: me });
  return () => quiet.forEach(f => f());
}

export default { render };
