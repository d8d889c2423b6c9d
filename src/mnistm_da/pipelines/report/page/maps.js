"use strict";

const FINGER = 24; // pixels between the middle of a finger and what it means
const config = { displayModeBar: false, responsive: true };

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/* A trace for each class and domain: the style sheet finds them by their uid, and colours them. */
function traces(images, map) {
  const found = [];
  for (const domain of ["source", "target"]) {
    for (let label = 0; label < images.classes.length; label++) {
      const here = images.label.map((_, i) => i).filter((i) => images.label[i] === label && images.domain[i] === domain);
      found.push({
        type: "scatter", mode: "markers", hoverinfo: "none", uid: `class${label}${domain}`,
        x: here.map((i) => map.x[i]), y: here.map((i) => map.y[i]), customdata: here,
        marker: { size: domain === "source" ? 6 : 7, symbol: domain === "source" ? "circle" : "triangle-up" },
      });
    }
  }
  return found;
}

/* Each class is written where its source images lie, for whom the colours are not enough. */
function layout(drawn, classes) {
  const hidden = { visible: false, fixedrange: true };
  return {
    margin: { l: 8, r: 8, t: 8, b: 8 }, showlegend: false, hovermode: "closest", dragmode: false, autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: "inherit" },
    xaxis: hidden, yaxis: { ...hidden, scaleanchor: "x" },
    annotations: drawn.slice(0, classes.length).map(({ x, y }, label) => ({ x: median(x), y: median(y), text: classes[label], showarrow: false, font: { size: 17 } }))
      .filter(({ x }) => x !== undefined),
  };
}

class FeatureMap {
  constructor(figure, images) {
    this.figure = figure;
    this.images = images;
    [this.plot, this.ring, this.peek] = [".plot-map", ".ring", ".peek"].map((one) => figure.querySelector(one));
  }

  async show(name) {
    this.map = this.images.maps[name];
    const count = (domain) => this.images.domain.filter((one) => one === domain).length;
    this.figure.querySelector("code").textContent = name;
    this.figure.querySelector("figcaption .note").textContent = `proxy-A-distance ${this.images.separable[name].toFixed(2)}`;
    this.plot.setAttribute("aria-label", `Feature map of ${name}: ${count("source")} source and ${count("target")} target test images`);
    const drawn = traces(this.images, this.map);
    await Plotly.react(this.plot, drawn, layout(drawn, this.images.classes), config);
  }

  place(index) {
    const { xaxis, yaxis } = this.plot._fullLayout;
    return [xaxis._offset + xaxis.l2p(this.map.x[index]), yaxis._offset + yaxis.l2p(this.map.y[index])];
  }

  mark(index) {
    const [left, top] = this.place(index);
    Object.assign(this.ring.style, { left: `${left}px`, top: `${top}px` });
    this.ring.hidden = false;
  }

  look(index) {
    const { sheet, columns, classes, label, domain, index: number } = this.images;
    const [picture, text] = this.peek.children;
    picture.hidden = !sheet;
    if (sheet) {
      picture.style.background = `url(${sheet}) ${-84 * (index % columns)}px ${-84 * Math.floor(index / columns)}px / ${84 * columns}px auto`;
    }
    text.textContent = `${classes[label[index]]}, ${domain[index]} test image ${number[index]}`;
    this.peek.hidden = false;
    const [left, top] = this.place(index);
    const room = this.plot.clientWidth;
    this.peek.style.left = `${left + 16 + 106 > room ? left - 122 : left + 16}px`;
    this.peek.style.top = `${Math.min(Math.max(top - 60, 4), this.plot.clientHeight - this.peek.offsetHeight - 4)}px`;
  }

  leave() {
    this.ring.hidden = this.peek.hidden = true;
  }

  /* The mark within reach of a finger, at a place of the window. */
  nearest(left, top) {
    const box = this.plot.getBoundingClientRect();
    let [found, least] = [null, FINGER];
    for (let index = 0; index < this.map.x.length; index++) {
      const [x, y] = this.place(index);
      const distance = Math.hypot(box.left + x - left, box.top + y - top);
      if (distance < least) [found, least] = [index, distance];
    }
    return found;
  }

  /* A finger has no hover: a tap shows, a tap beside every mark hides. A finger that scrolls is no tap. */
  onTap(show) {
    let down = null;
    const canvas = this.plot.parentElement;
    canvas.addEventListener("pointerdown", (event) => { down = event.pointerType === "mouse" ? null : event; }, true);
    canvas.addEventListener("pointercancel", () => { down = null; }, true);
    canvas.addEventListener("pointerup", (event) => {
      if (down && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < FINGER / 2) {
        this.tapped = event.timeStamp;
        show(this.nearest(event.clientX, event.clientY));
      }
      down = null;
    }, true);
  }

  /* Browsers let a tap look like a mouse that comes and goes, which is not to undo it. */
  justTapped() {
    return this.tapped !== undefined && performance.now() - this.tapped < 1000;
  }
}

async function drawMaps() {
  const data = document.getElementById("map-data");
  if (!data) return;
  const images = JSON.parse(data.textContent);
  const maps = [...document.querySelectorAll("figure.map")].map((figure) => new FeatureMap(figure, images));
  const after = document.getElementById("after");
  const names = [images.names[0], after?.value];
  await Promise.all(maps.map((map, i) => map.show(names[i])));
  const leave = () => maps.forEach((one) => one.leave());
  for (const map of maps) {
    const show = (index) => {
      leave();
      if (index === null) return;
      maps.forEach((one) => one.mark(index));
      map.look(index);
    };
    map.onTap(show);
    map.plot.on("plotly_hover", ({ points: [{ customdata }] }) => { if (!map.justTapped()) show(customdata); });
    map.plot.on("plotly_unhover", () => { if (!map.justTapped()) leave(); });
  }
  after?.addEventListener("change", () => { leave(); maps[1].show(after.value); });
  for (const choice of document.querySelectorAll("input[name=colour]")) {
    choice.addEventListener("change", () => document.getElementById("map-pair").classList.toggle("by-domain", choice.value === "domain"));
  }
}
