// Diagrams, and names and keys for what the theme leaves without.
const here = new URL(".", document.currentScript.src);

// Mermaid is loaded where a page has a diagram, from this site.
async function draw() {
  const diagrams = [...document.querySelectorAll("pre.diagram")];
  if (!diagrams.length) return;
  await new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: new URL("mermaid.js", here), onload: done, onerror: failed });
    document.head.append(script);
  });
  for (const diagram of diagrams) diagram.textContent = diagram.textContent; // Mermaid reads text, not <code>
  mermaid.initialize({ startOnLoad: false, theme: "neutral", flowchart: { useMaxWidth: false } });
  await mermaid.run({ nodes: diagrams });
}

// What scrolls can be reached and moved by the keyboard.
function nameWhatScrolls() {
  document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", "Search");
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap, pre.diagram")) {
    const name = box.matches(".diagram") ? "Diagram" : "Table";
    Object.assign(box, { tabIndex: 0, role: "group", ariaLabel: name });
  }
}

document.addEventListener("DOMContentLoaded", draw);
window.addEventListener("load", nameWhatScrolls); // the theme has wrapped the tables by then
