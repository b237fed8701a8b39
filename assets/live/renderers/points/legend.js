// The legend names what is there to see, and nothing else.
import { FAKE, PLAYER, REAL } from "../../draw/colours.js";
import { h, mark } from "../../draw/dom.js";

const BAR = `width:36px;height:9px;border-radius:5px;background:linear-gradient(90deg,${FAKE},#F2F2F2,${REAL})`;

/** [is it there, mark, its CSS, text] */
function rows_of({ get, on }, sketching) {
  const has = key => get(key).length > 0;
  const judges = on("surface") || (on("best") && has("best"));
  const batch = has("m_real") ? "this step's real points" : "real";
  return [
    [sketching || on("real") || has("m_real"), "●", `color:${REAL}`, sketching ? "your points" : batch],
    [
      !sketching && (on("fake") || has("m_fake")),
      "×",
      `color:${FAKE}`,
      has("m_fake") ? "this step's generated points" : "generated",
    ],
    [!sketching && on("marked") && has("marked"), "◯", "", "training points"],
    [judges, "■", "color:#7FB8DC", "D says real"],
    [judges, "■", "color:#F0A878", "D says generated"],
    [on("grid") && has("grid"), "▦", `color:${PLAYER.G}`, "where G puts a grid of z"],
    [!sketching && ((on("arrows") && has("pull")) || has("m_pull")), "→", "", "pull on a generated point"],
    [has("m_real_said"), "", BAR, "ring: D says generated … real"],
    [has("m_was"), "○", "", "where it was before"],
  ].filter(row => row[0]);
}

export class Legend {
  named = "";
  node = h("div", { className: "gc-legend" });

  name(board, sketching) {
    const rows = rows_of(board, sketching);
    const now = JSON.stringify(rows);
    if (now === this.named) return;
    this.named = now;
    this.node.replaceChildren(...rows.map(([, sign, style, text]) => mark(sign, style, text)));
  }
}
