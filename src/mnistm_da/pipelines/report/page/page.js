"use strict";

const config = { displayModeBar: false, responsive: true };
const pause = () => new Promise((done) => setTimeout(done));

/* Paper has another width than the screen, and gets no new drawing: the style sheet makes this one smaller. */
function noteWidths() {
  for (const drawn of document.querySelectorAll(".plot, .map .canvas")) drawn.style.setProperty("--drawn", drawn.offsetWidth);
}

async function drawCharts() {
  for (const plot of document.querySelectorAll(".plot")) {
    const { data, layout } = JSON.parse(plot.querySelector("script").textContent);
    await Plotly.newPlot(plot, data, layout, config);
    await pause(); // the page stays usable while many are drawn
  }
}

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
    text.textContent = `a ${classes[label[index]]}, ${domain[index]} test image ${number[index]}`;
    this.peek.hidden = false;
    const [left, top] = this.place(index);
    const room = this.plot.clientWidth;
    this.peek.style.left = `${left + 16 + 106 > room ? left - 122 : left + 16}px`;
    this.peek.style.top = `${Math.min(Math.max(top - 60, 4), this.plot.clientHeight - this.peek.offsetHeight - 4)}px`;
  }

  leave() {
    this.ring.hidden = this.peek.hidden = true;
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
  for (const map of maps) {
    map.plot.on("plotly_hover", ({ points: [{ customdata }] }) => {
      maps.forEach((one) => one.mark(customdata));
      map.look(customdata);
    });
    map.plot.on("plotly_unhover", () => maps.forEach((one) => one.leave()));
  }
  after?.addEventListener("change", () => maps[1].show(after.value));
  for (const choice of document.querySelectorAll("input[name=colour]")) {
    choice.addEventListener("change", () => document.getElementById("map-pair").classList.toggle("by-domain", choice.value === "domain"));
  }
}

addEventListener("resize", noteWidths);
drawMaps().then(drawCharts).then(noteWidths).then(() => { document.documentElement.dataset.drawn = "yes"; });
