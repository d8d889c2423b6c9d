/* kedro-viz shows the whole graph at once, however small its labels become. This lets it begin where they can be read. */
{
  const READABLE = 0.65; // of a zoom: letters are then 9 pixels high
  const began = Date.now();
  const moved = () => document.querySelector(".pipeline-flowchart__graph #zoom-wrapper")?.getAttribute("transform");

  /* As the wheel does: the upper edge, where the data begin, keeps its height, and comes to the middle of the free space. */
  const zoomIn = () => {
    const chart = document.querySelector(".pipeline-flowchart__graph");
    const nodes = [...(chart?.querySelectorAll(".pipeline-node") ?? [])].map((node) => node.getBoundingClientRect());
    const scale = Number(/scale\(([\d.]+)/.exec(moved() ?? "")?.[1]);
    if (!nodes.length || !(scale > 0)) return false;
    if (scale < READABLE) {
      const top = Math.min(...nodes.map((node) => node.top));
      const first = nodes.filter((node) => node.top < top + 10);
      const middle = (Math.min(...first.map((node) => node.left)) + Math.max(...first.map((node) => node.right))) / 2;
      const names = [...document.querySelectorAll(".pipeline-layer-name")].map((name) => name.getBoundingClientRect().right);
      const free = (Math.max(0, ...names) + innerWidth) / 2;
      const factor = READABLE / scale; // a point at x comes to fixed + factor (x - fixed)
      const fixed = factor > 1.1 ? (factor * middle - free) / (factor - 1) : middle;
      chart.dispatchEvent(new WheelEvent("wheel", {
        deltaY: -500 * Math.log2(factor), clientX: fixed, clientY: top, bubbles: true, cancelable: true,
      }));
    }
    document.body.dataset.zoomed = "yes";
    return true;
  };

  /* Once, when the drawing has come to rest. */
  const settle = (last) => setTimeout(() => {
    const now = moved();
    if (!(now && now === last && zoomIn()) && Date.now() - began < 600000) settle(now);
  }, 400);

  /* Who comes by the address of one node, or of one box, sees that. */
  if (!/[?&](sid|fid|sn)=/.test(location.search)) settle();
}
