// Makes mermaid.js: Mermaid with its flowcharts alone, in one file that needs no other host. Run it in an empty folder:
//   npm install mermaid@11.17.2 esbuild@0.28.2 && cp …/website/assets/bundle.mjs . && node bundle.mjs
import { build } from "esbuild";

const kept = /(flowDiagram|dagre)-/;
const flowchartsAlone = {
  name: "flowcharts alone",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === "dynamic-import" && !kept.test(path) ? { path, namespace: "left-out" } : null,
    );
    onLoad({ filter: /./, namespace: "left-out" }, () => ({ contents: 'throw new Error("left out: see bundle.mjs")' }));
  },
};

await build({
  stdin: {
    contents: 'import mermaid from "mermaid/dist/mermaid.esm.min.mjs"; globalThis.mermaid = mermaid;',
    resolveDir: ".",
  },
  bundle: true,
  minify: true,
  format: "iife",
  legalComments: "inline",
  banner: { js: "/* Mermaid 11.17.2, MIT licence, Copyright (c) 2014 - 2022 Knut Sveidqvist: made by bundle.mjs */" },
  plugins: [flowchartsAlone],
  outfile: "mermaid.js",
});
