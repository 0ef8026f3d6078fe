/* Waveforms: drawn once a size, in bars of whole pixels; the played part is a second layer. */

const WAVE_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BAR_PX = 3; // two of ink and one of ground

/** @param {string} text one sign a slice @returns {number[]} peaks from 0 to 63 */
function peaksOf(text) {
  return [...text].map((sign) => WAVE_SIGNS.indexOf(sign));
}

/**
 * @param {number[]} peaks
 * @param {number} width px
 * @param {number} height px
 * @param {number} loudest the peak that fills the height
 * @returns {string} an SVG path's d
 */
function barsPath(peaks, width, height, loudest) {
  const count = Math.max(1, Math.floor(width / BAR_PX));
  let path = "";
  for (let bar = 0; bar < count; bar += 1) {
    const from = Math.floor((bar * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / count));
    const tall = Math.max(2, (Math.max(...peaks.slice(from, to)) / loudest) * (height - 4));
    path += `M${bar * BAR_PX} ${((height - tall) / 2).toFixed(1)}h2v${tall.toFixed(1)}h-2z`;
  }
  return path;
}

/** One take's line of time: a slider that shows what plays when. */
class TimeLine {
  /**
   * @param {{name: string, seconds: number, peaks: ?number[]}} take
   * @param {{share: number, loudest: number, title: string, seek: function(number): void}} around
   *   ``share``: its length against the song's longest take
   */
  constructor(take, around) {
    this.take = take;
    this.around = around;
    this.element = make("div", {
      class: "time-line",
      role: "slider",
      tabindex: "0",
      "aria-label": `Place in ${take.name.toLowerCase()} of ${around.title}`,
      "aria-valuemin": "0",
      "aria-valuemax": String(Math.round(take.seconds)),
    });
    this.element.style.inlineSize = `${around.share * 100}%`;
    this.layers = ["whole", "played"].map((name) => this.layer(name));
    this.listen();
    this.show(0);
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  layer(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", name);
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    this.element.append(svg);
    return svg;
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || width === this.drawn) return;
    this.drawn = width;
    const path = barsPath(this.take.peaks || [0], width, height, this.around.loudest);
    for (const layer of this.layers) $("path", layer).setAttribute("d", path);
  }

  /** @param {number} seconds @param {boolean} isSaid whether a screen reader should hear of it */
  show(seconds, isSaid = true) {
    const share = this.take.seconds ? Math.min(1, seconds / this.take.seconds) : 0;
    this.element.style.setProperty("--played", `${(share * 100).toFixed(2)}%`);
    if (!isSaid) return;
    this.element.setAttribute("aria-valuenow", String(Math.round(seconds)));
    this.element.setAttribute("aria-valuetext", `${clock(Math.round(seconds))} of ${clock(Math.round(this.take.seconds))}`);
  }

  listen() {
    const seekTo = (event) => {
      const box = this.element.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      this.around.seek(Math.min(1, Math.max(0, share)) * this.take.seconds);
    };
    this.element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.element.setPointerCapture(event.pointerId);
      seekTo(event);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) seekTo(event);
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const now = Number(this.element.getAttribute("aria-valuenow"));
      const place = {
        ArrowRight: now + 5, ArrowUp: now + 5, ArrowLeft: now - 5, ArrowDown: now - 5,
        PageUp: now + 15, PageDown: now - 15, Home: 0, End: this.take.seconds,
      }[event.key];
      if (place === undefined) return;
      event.preventDefault();
      this.around.seek(Math.min(this.take.seconds, Math.max(0, place)));
    });
  }
}
