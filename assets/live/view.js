// ---- the view ------------------------------------------------------------------------------------------------------

const NAMES = { drawn: "draw your own", points: { 0: "endless" }, two_moons: "two moons", non_saturating: "non-saturating", least_squares: "least squares",
  r1: "R1", r2: "R2", gradient_penalty: "gradient penalty", adam: "Adam", rmsprop: "RMSprop", sgd: "SGD" };
const GROUPS = { "while it runs": "Changes while it runs", "in a new game": "Starts a new game" };

function render({ model, el }) {
  el.classList.add("gancourse-lab");
  // else JupyterLab takes the keys for commands: "a" would insert a cell
  el.addEventListener("keydown", e => { if (e.target.closest("input, button, select, summary, pre, [tabindex]")) e.stopPropagation(); });
  const quiet = []; // what to undo when the view goes
  const stats = el.gancourse = { drawn: 0, dropped: 0 }; // for tests and benchmarks
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let dead = false, last = null, drawing = 0, acked = 0, acked_at = 0, drew_at = 0, drew_all = 0, panels = [], sketching = false, sketchbook = null;

  function send(message, buffers) {
    try { model.send(message, undefined, buffers); } catch { die(); }
  }
  const click = (cmd, ...args) => send({ cmd, args });
  function die() { // kernel restarted or gone
    dead = true; el.dataset.status = "dead"; say.textContent = live.textContent = "No kernel drives this view. Run its cell again.";
    el.querySelectorAll("button, input, select").forEach(b => b.disabled = true);
  }
  // the text colour of the theme, more or less transparent
  const ink = alpha => { const [r, g, b] = (getComputedStyle(el).color.match(/[\d.]+/g) || [34, 34, 34]); return `rgba(${r}, ${g}, ${b}, ${alpha})`; };

  // -- buttons
  const button = (name, text, title, onclick) => h("button", { className: `gc-${name}`, type: "button", textContent: text, title, onclick });
  const play = button("play", "Start", "play and pause", () => click(["running", "stepping"].includes(model.get("status")) ? "pause" : "start"));
  const step = button("step", "Step", "", () => click("step", 1));
  const only = Object.keys(model.get("rates")).map(name => button(`only-${name}`, `${name} only`, `${name} moves, nobody else`, () => click("only", name)));
  const epoch = button("epoch", "Epoch", "", () => click("epoch"));
  const undo = button("undo", "Undo", "take back the last press that changed the game", () => click("undo"));
  const reset = button("reset", "Reset", "back to the first parameters; the settings stay", () => click("reset"));
  const count = h("span", { className: "gc-count" });
  const slow = h("input", { type: "checkbox", className: "gc-slow", onchange: () => click("slow", slow.checked) });
  const bar = h("div", { className: "gc-bar", role: "group" }, play, step, ...(only.length > 1 ? only : []), epoch, undo, reset,
    h("label", { className: "gc-check" }, slow, "Slow motion"), count);
  bar.setAttribute("aria-label", "play");

  // The kernel's word counts; but what was touched a moment ago keeps the learner's value until the kernel can have heard of it.
  const touched = new Map();
  const settle = e => { clearTimeout(touched.get(e)); touched.delete(e); };
  el.addEventListener("input", e => { clearTimeout(touched.get(e.target)); touched.set(e.target, setTimeout(() => { touched.delete(e.target); state(); }, 1000)); });
  quiet.push(() => touched.forEach(clearTimeout));
  function follow(e, property, value) {
    if (e[property] === value) settle(e);
    if (!touched.has(e)) e[property] = value;
  }

  // -- sliders
  function slider(className, label, { min, max, stepsize, get, set, show }) {
    const value = h("output"), input = h("input", { type: "range", min, max, step: stepsize, className });
    const tell = v => { value.textContent = show(v); input.setAttribute("aria-valuetext", value.textContent); };
    const pull = () => {
      if (Math.abs(input.value - get()) < stepsize / 2) settle(input);
      if (!input.matches(":active") && !touched.has(input)) { input.value = get(); tell(get()); } // not from under a dragging finger
    };
    input.oninput = () => { tell(Number(input.value)); set(Number(input.value)); };
    return { node: h("label", { className: "gc-range" }, label, input, value), pull };
  }
  const decades = (className, label, low, high, get, set, show) => slider(className, label, { min: low, max: high, stepsize: 0.05, get: () => Math.log10(Math.max(10 ** low, get())), set, show });
  const rates = Object.keys(model.get("rates")).map(name => decades(`gc-lr-${name}`, `${model.get("rate_label")} ${name}`, -6, 0, () => model.get("rates")[name],
    v => click("lr", name, v <= -6 ? 0 : 10 ** v), v => v <= -6 ? "0 (off)" : short(10 ** v)));
  const speed = decades("gc-speed", "speed", 0, 4, () => model.get("speed") || 1e4, v => click("speed", v >= 4 ? 0 : 10 ** v), v => v >= 4 ? "full" : `${short(Math.round(10 ** v))} turns/s`);
  const beat = slider("gc-beat", "a moment every", { min: 0.3, max: 5, stepsize: 0.1, get: () => model.get("beat"), set: v => click("beat", v), show: v => `${short(v)} s` });
  // -- settings
  const settings = model.get("controls").map(spec => {
    const c = control(spec), idle = () => Object.entries(spec.unless || {}).some(([name, value]) => model.get("values")[name] === value);
    return { spec, node: c.node, pull: () => { c.node.hidden = idle(); c.pull(); } }; // not shown where it would change nothing
  });
  function control(spec) {
    const name = spec.name, said = v => (NAMES[name] || {})[v] ?? NAMES[v] ?? String(v);
    const even = spec.between && spec.between[0] <= 0 && (spec.between[1] - spec.between[0]) / 200; // no decade leads to zero
    if (even) return slider(`gc-set-${name}`, spec.label, { min: spec.between[0], max: spec.between[1], stepsize: even, get: () => model.get("values")[name],
      set: v => click("change", name, Number(v.toPrecision(4))), show: short });
    if (spec.between) return decades(`gc-set-${name}`, spec.label, Math.log10(spec.between[0]), Math.log10(spec.between[1]),
      () => model.get("values")[name], v => click("change", name, Number((10 ** v).toPrecision(3))), v => short(Number((10 ** v).toPrecision(3))));
    const select = h("select", { className: `gc-set-${name}` }, ...spec.options.map(v => h("option", { value: JSON.stringify(v), textContent: said(v) })));
    select.onchange = () => {
      const value = JSON.parse(select.value);
      if (name === "data") sketch(value === "drawn");
      if (!(value === "drawn" && !model.get("values").drawing.length)) click("change", name, value); // an empty drawing is no data yet
    };
    return { node: h("label", { className: "gc-choice" }, spec.label, select), pull: () => { // who chose to draw and has not drawn yet still sees the choice
      if (!(name === "data" && sketching && select.value === '"drawn"')) follow(select, "value", JSON.stringify(model.get("values")[name]));
    } };
  }
  const sliders = [...rates, ...settings.filter(s => s.spec.group === "slider"), speed, beat], kinds = Object.entries(GROUPS).filter(([group]) => settings.some(s => s.spec.group === group));
  const box = h("details", { className: "gc-settings", open: !model.get("gallery").length }, h("summary", { textContent: "Settings" }), ...kinds.map(([group, text]) =>
    h("fieldset", {}, h("legend", { textContent: text }), ...settings.filter(s => s.spec.group === group).map(s => s.node))));
  box.hidden = !kinds.length;

  // -- gallery: games to choose from, each with a question
  const examples = model.get("gallery").map((e, k) => button("example", e.title, "start this game", () => click("choose", k)));
  const question = h("p"), answer = h("p"), fold = h("details", {}, h("summary", { textContent: "What to look for" }), answer);
  const gallery = h("div", { className: "gc-gallery", role: "group" }, h("div", { className: "gc-bar" }, ...examples), question, fold);
  gallery.setAttribute("aria-label", "games to try"); gallery.hidden = !examples.length;
  function hang() { // the example that is on
    const k = model.get("chosen"), e = model.get("gallery")[k];
    if (!e || question.textContent === e.question) return;
    question.textContent = e.question; answer.textContent = e.answer; fold.open = false;
    examples.forEach((b, i) => b.setAttribute("aria-pressed", i === k));
  }

  // -- draw, save, load, code
  const draw_button = button("draw", "Draw your own", "draw the data with mouse, finger or keys", () => sketch(!sketching));
  const clear = button("clear", "Clear drawing", "", () => canvas()?.clear());
  const canvas = () => panels.find(p => p.drawing);
  function sketch(on) {
    if (!canvas()) return;
    sketching = on; sketchbook = canvas(); clear.hidden = !on;
    draw_button.setAttribute("aria-pressed", on); draw_button.textContent = on ? "Done drawing" : "Draw your own";
    canvas().drawing(on, points => points.length && click("change", "drawing", points), model.get("values").drawing);
    settings.forEach(s => s.pull());
  }
  const file = h("input", { type: "file", accept: ".safetensors", className: "gc-file", hidden: true, onchange: async () => {
    if (file.files.length) send({ cmd: "unpack", args: [] }, [await file.files[0].arrayBuffer()]);
    file.value = "";
  } });
  const pre = h("pre", { tabIndex: 0 }), copy = button("copy", "Copy", "copy the code", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      copy.textContent = live.textContent = announced = "Copied";
      setTimeout(() => { copy.textContent = "Copy"; }, 2000);
    } catch { pre.focus(); getSelection().selectAllChildren(pre); } // a page without a clipboard: all is selected, the keys copy it
  });
  const code = h("details", { className: "gc-code" }, h("summary", { textContent: "This game as code" }), copy, pre);
  code.ontoggle = () => { if (code.open) click("show_code"); };
  const shelf = h("div", { className: "gc-bar" }, draw_button, clear, button("save", "Save", "download this game as a file", () => click("pack")),
    button("load", "Load", "go on from a saved file", () => file.click()), file,
    button("show-code", "Show as code", "the Python that makes this very game", () => { code.hidden = false; code.open ? click("show_code") : code.open = true; }));
  draw_button.hidden = clear.hidden = code.hidden = true; shelf.lastChild.hidden = !settings.length;

  // -- words
  const say = h("p", { className: "gc-words" }), live = h("div", { role: "status", className: "gc-live" }), notice = h("p", { className: "gc-notice" });
  live.setAttribute("aria-live", "polite");
  const error = h("div", { className: "gc-error", role: "alert" }), trace = h("pre", { tabIndex: 0 }), details = h("details", { className: "gc-details" }, h("summary", { textContent: "where it happened" }), trace);
  const moment = h("div", { className: "gc-moment" }, h("b"), h("span")), others = h("div", { className: "gc-others" }, h("span"), button("quiet-others", "Pause the others", "", () => click("quiet_others")));
  const room = h("div", { className: "gc-panels" });
  el.append(h("div", { className: "gc-title", textContent: model.get("title") }), gallery, bar, h("div", { className: "gc-sliders" }, ...sliders.map(s => s.node)), box, shelf, code, error, details, others, moment, room, say, live);
  shelf.append(notice); // beside the buttons: the page does not jump when it comes

  // -- panels
  const column = h("div", { className: "gc-column" });
  function arrange(parent, nodes) { // what is in its place stays untouched: it may have the focus
    if (nodes.length !== parent.children.length || nodes.some((n, i) => n !== parent.children[i])) parent.replaceChildren(...nodes);
  }
  function furnish() {
    panels = model.get("panels").map((spec, index) => {
      if (panels[index] && JSON.stringify(panels[index].spec) === JSON.stringify(spec)) return panels[index]; // somebody may be drawing on it
      const lab = { index, ink, click, layers: () => model.get("layers")[index] || {}, redraw: () => { drawing ||= requestAnimationFrame(draw); }, get reduced() { return still.matches; } };
      const p = { spec, ...renderers[spec.kind](spec, lab) }, checks = Object.entries(spec.layer_labels || {}).map(([name, text]) => {
        const input = h("input", { type: "checkbox", className: `gc-layer-${name}`, onchange: () => click("layer", index, name, input.checked) });
        return { name, input, node: h("label", { className: "gc-check" }, input, text) };
      });
      const row = h("div", { className: "gc-layers", role: "group" }, ...checks.map(c => c.node));
      row.setAttribute("aria-label", "layers of the picture");
      p.pull = () => checks.forEach(c => { follow(c.input, "checked", !!lab.layers()[c.name]); });
      p.figure = h("figure", { className: `gc-${spec.kind} gc-${spec.size || "medium"}` }, h("figcaption", { className: "gc-caption", textContent: spec.title }), ...p.nodes, ...(checks.length ? [row] : []));
      return p;
    });
    room.classList.toggle("gc-with-large", panels.some(p => p.spec.size === "large"));
    const small = panels.filter(p => p.spec.size === "small").map(p => p.figure);
    arrange(column, small);
    arrange(room, [...panels.filter(p => p.spec.size !== "small").map(p => p.figure), ...(small.length ? [column] : [])]);
    draw_button.hidden = !(canvas() && settings.some(s => s.spec.name === "data"));
    if (sketching && canvas() !== sketchbook) sketch(true);
    state();
  }

  // -- state
  function state() {
    if (dead) return;
    const status = model.get("status"), busy = status === "running" || status === "stepping", broken = status === "error", sluggish = model.get("slow");
    el.dataset.status = status; el.dataset.slow = sluggish;
    play.textContent = busy ? "Pause" : "Start";
    step.title = sluggish ? "play exactly one moment of a turn" : "play exactly one turn";
    epoch.textContent = model.get("epoch") ? "Epoch" : "100 turns";
    epoch.title = model.get("epoch") ? `one pass over the data: ${model.get("epoch")} turns` : "these data never end: play 100 turns";
    undo.setAttribute("aria-disabled", !model.get("undos"));
    follow(slow, "checked", sluggish); speed.node.hidden = sluggish; beat.node.hidden = !sluggish;
    error.textContent = broken ? `The game stopped: ${model.get("error")}\nMend it and run the cell again, or press Undo or Reset.` : "";
    trace.textContent = model.get("details"); details.hidden = !broken;
    notice.textContent = model.get("notice");
    hang();
    others.hidden = !(busy && model.get("others")); others.firstChild.textContent = model.get("others") > 1 ? `${model.get("others")} other Labs are running too and share the machine. ` : "Another Lab is running too and shares the machine. ";
    [...sliders, ...settings, ...panels].forEach(s => s.pull());
    if (code.open && !code.hidden) pre.textContent = model.get("code");
    [play, step, epoch, undo, reset, ...only].forEach(b => b.disabled = status === "stopped");
    if (status === "stopped") say.textContent = "This run was ended. Run the cell again for a new one.";
    if (!busy && last) { drawing ||= requestAnimationFrame(draw); words(); acknowledge(true); }
    announce(busy, status);
    counter();
  }
  let announced = "";
  function announce(busy, status) { // for screen readers: when something changes, not forty times a second
    const m = last && last.moment; // in slow motion its words speak
    const text = busy ? (model.get("slow") ? "" : "running") : m ? [model.get("notice"), m.words].join(" ").trim() : [model.get("notice"), `${status}.`, say.textContent].join(" ");
    if (text && text !== announced) live.textContent = announced = text;
  }
  function words() { if (last && last.words.length) { say.textContent = last.words.join(" "); panels.forEach((p, i) => p.canvas.setAttribute("aria-label", `${p.spec.title}. ${last.words[i]}`)); } }
  function counter() {
    if (dead) return;
    const status = model.get("status"), turn = last ? last.step : model.get("turns");
    count.textContent = `turn ${turn}` + (status === "running" ? (last && last.rate && !model.get("slow") ? ` · ${Math.round(last.rate)} turns/s` : "") : ` · ${status}`);
    el.dataset.turn = turn;
    const m = last && last.moment;
    moment.hidden = !model.get("slow");
    moment.firstChild.textContent = m ? `${m.number} of ${m.of}` : "";
    const text = m ? m.words : "Press Step to see the next moment of a turn, or Start to see them one after another.";
    if (moment.lastChild.textContent !== text) { moment.lastChild.textContent = text; if (m) live.textContent = announced = text; }
    el.dataset.moment = m ? m.name + m.player : "";
  }
  function acknowledge(now) {
    const t = Date.now();
    if (last && last.seq !== acked && (now || t - acked_at > 500)) { acked = last.seq; acked_at = t; send({ cmd: "ack", seq: acked }); }
  }

  // -- frames
  function draw() {
    drawing = 0;
    const now = Date.now(), running = model.get("status") === "running", all = now - drew_all > 250 || !running || model.get("slow");
    if (running && still.matches && now - drew_at < 500) { drawing = setTimeout(draw, 100); return; } // reduced motion: two pictures a second
    drew_at = now;
    panels.forEach(p => { if (all || !p.slow) p.draw(); });
    if (all) { drew_all = now; words(); counter(); }
    stats.drawn++; acknowledge(false);
  }
  function receive(header, buffers) {
    if (header.kind === "file") return download(header.name, buffers[0]);
    if (header.kind !== "frame") return;
    const arrays = panels.map(() => ({})), flat = decode(header.parts, buffers[0]);
    header.parts.forEach(([i, name], k) => { if (arrays[i]) arrays[i][name] = flat[k]; });
    panels.forEach((p, i) => p.take(arrays[i], header.full, header)); // every increment counts, even if its picture is skipped
    if (!header.words.length && last) header.words = last.words; // words come once a second
    last = header;
    if (drawing) stats.dropped++; else drawing = requestAnimationFrame(draw);
    if (document.hidden) acknowledge(false); // no animation frame comes in a hidden tab
  }
  function download(name, bytes) {
    const link = h("a", { href: URL.createObjectURL(new Blob([bytes])), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const listen = (event, f) => { model.on(event, f); quiet.push(() => model.off(event, f)); };
  listen("msg:custom", receive);
  listen("change:panels", furnish);
  let waiting = false; // traits come one by one: one look at them all is enough
  const soon = () => { if (!waiting) { waiting = true; queueMicrotask(() => { waiting = false; state(); }); } };
  for (const name of ["status", "error", "details", "notice", "rates", "speed", "slow", "beat", "turns", "epoch", "undos", "others", "chosen", "values", "layers", "code"]) listen(`change:${name}`, soon);
  for (const name of ["values", "rates"]) listen(`change:${name}`, () => { if (code.open && !code.hidden) click("show_code"); });
  const watchdog = setInterval(() => { if (!dead && last && acked !== last.seq) acknowledge(true); }, 1000);
  const themed = new MutationObserver(() => panels.forEach(p => p.draw())); // a change of JupyterLab's theme
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
  quiet.push(() => clearInterval(watchdog), () => themed.disconnect(), () => { cancelAnimationFrame(drawing); clearTimeout(drawing); });
  furnish();
  click("hello");
  return () => quiet.forEach(f => f());
}

export default { render };
