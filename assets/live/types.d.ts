// What passes between the kernel and the browser. The format of a frame: nbs/toolbox/live.ipynb.

export type Arrays = Record<string, Float32Array | Uint8Array>;

/** What a panel in Python says of itself once; each kind has keys of its own. */
export interface Spec {
  kind: string;
  title: string;
  size?: string;
  layer_labels?: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: each kind has keys of its own
  [key: string]: any;
}

/** The part of a step that slow motion stands at. */
export interface Moment {
  name: string;
  player: string;
  words: string;
  number: number;
  of: number;
}

export interface Header {
  kind: "frame" | "file";
  seq: number;
  step: number;
  rate: number;
  full: boolean;
  parts: [panel: number, name: string, dtype: "<f4" | "|u1", shape: number[]][];
  words: string[];
  moment: Moment | null;
  name?: string;
}

/** What a renderer may ask of whoever shows it. */
export interface Host {
  index: number;
  /** the text colour of the theme, more or less transparent */
  ink(alpha: number): string;
  click(command: string, ...args: unknown[]): void;
  layers(): Record<string, boolean>;
  redraw(): void;
  /** the height in pixels that a picture may fill */
  tall(): number;
  /** does the reader want less motion? */
  readonly reduced: boolean;
}

/** One panel in the browser. `slow`: a few pictures a second are enough. */
export interface Renderer {
  nodes: Node[];
  canvas: HTMLCanvasElement;
  slow: boolean;
  take(arrays: Arrays, full: boolean, header: Header): void;
  draw(): unknown;
  drawing?(on: boolean, done: (points: number[][]) => void, points: number[][]): void;
  clear?(): void;
}

/** The model of an anywidget. */
export interface Model {
  // biome-ignore lint/suspicious/noExplicitAny: the traits of a widget are of many types
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  // biome-ignore lint/suspicious/noExplicitAny: each event brings its own
  on(event: string, f: (...args: any[]) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: each event brings its own
  off(event: string, f: (...args: any[]) => void): void;
  send(message: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}

/** A part of the Lab's page: its node, and `pull`, which makes it say what the kernel says. */
export interface Part {
  node: HTMLElement;
  pull(): void;
}

/** An element with numbers for tests and benchmarks. */
export interface Counted extends HTMLElement {
  gancourse?: Record<string, unknown>;
}
